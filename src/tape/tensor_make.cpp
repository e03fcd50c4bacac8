// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Shapes, bounds and seeds enter; tensors of zeros, ranges and draws leave.
#include <cmath>
#include <numbers>
#include <random>

#include "tensor_cell.hpp"

namespace ddx::detail {
namespace {

/// A tensor whose element i is `value(i)`.
template <class Value>
handle generated(element_kind kind, shape const& sizes, Value value) {
  handle const result = make_cell(kind, sizes);
  result->trace = 0;
  auto const fill = [&]<class Element>(Element) {
    for (index i = 0; i < result->count; ++i) data<Element>(*result)[i] = static_cast<Element>(value(i));
  };
  if (kind == element_kind::float64) fill(double{});
  else if (kind == element_kind::float32) fill(float{});
  else if (kind == element_kind::int64) fill(std::int64_t{});
  else fill(bool{});
  return result;
}

/// In [0, 1), the same with every library.
double draw(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

}  // namespace

handle tensor_range(element_kind kind, term const& from, term const& to, term const& by) {
  constexpr auto wrong = "arange: the step must lead from the start to the end";
  if (kind == element_kind::int64) {
    std::int64_t const start = from.integer(), end = to.integer(), step = by.integer();
    if (step == 0 || (step > 0 ? end < start : end > start)) throw error(wrong);
    auto const bits = [](std::int64_t number) { return static_cast<std::uint64_t>(number); };
    std::uint64_t const length = step > 0 ? bits(end) - bits(start) : bits(start) - bits(end),
                        stride = step > 0 ? bits(step) : 0 - bits(step);
    return generated(kind, {static_cast<index>(length / stride + (length % stride != 0))},
                     [=](index i) { return static_cast<std::int64_t>(bits(start) + bits(i) * bits(step)); });
  }
  double const start = from.number, end = to.number, step = by.number;
  if (step == 0 || (end - start) / step < 0 || !std::isfinite((end - start) / step)) throw error(wrong);
  return generated(kind, {static_cast<index>(std::ceil((end - start) / step))},
                   [=](index i) { return start + static_cast<double>(i) * step; });
}

handle tensor_linspace(element_kind kind, double start, double end, index count) {
  if (count < 0) throw error("linspace: the number of elements must not be negative");
  return generated(kind, {count}, [=](index i) {
    if (i == count - 1 && i > 0) return end;
    return count > 1 ? start + (end - start) * (static_cast<double>(i) / static_cast<double>(count - 1)) : start;
  });
}

handle tensor_identity(element_kind kind, index rows, index columns) {
  return generated(kind, {rows, columns}, [=](index i) { return i / columns == i % columns ? 1. : 0.; });
}

handle tensor_uniform(element_kind kind, shape const& sizes, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  return generated(kind, sizes, [&](index) { return draw(random); });
}

/// Box and Muller's transformation.
handle tensor_normal(element_kind kind, shape const& sizes, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  double radius = 0, angle = 0;
  return generated(kind, sizes, [&](index i) {
    if (i % 2 != 0) return radius * std::sin(angle);
    radius = std::sqrt(-2 * std::log1p(-draw(random)));
    angle = 2 * std::numbers::pi * draw(random);
    return radius * std::cos(angle);
  });
}

}  // namespace ddx::detail

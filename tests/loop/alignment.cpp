// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Rows of whole cache lines, and long arrays, that begin at every place within a line enter; loops that take some elements first must
// agree with the oracle.
#include "oracle.hpp"

namespace {

using ddx::grad, ddx::max, ddx::mean, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"Y", "n", "d"> Y;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;

constexpr auto loss = mean<"n">(pow(sum<"d">(X * w) - y, 2));

template <class Data, class Number>
void every_offset() {
  for (std::ptrdiff_t offset : {0, 1, 3, 8, 15})
    for (std::ptrdiff_t d : {64, 80, 128, 192}) {
      std::ptrdiff_t const n = 19;
      random_elements<Data> x(1, n * d, 0, 2, offset), other(4, n * d, 0, 2, 0);
      random_elements<Number> weights(2, d, -0.5, 0.5, 2), labels(3, n);
      CAPTURE(offset, d);
      CHECK(check<loss, grad(loss, w)>::within(64, X = x.view(n, d), w = weights.view(d), y = labels.view(n)) == "");
      CHECK(check<X * w + Y * y, max<"d">(1 / (X + 1)), max<"n">(X - Y), sum<"d">(exp(X * w))>::within(
                64, X = x.view(n, d), Y = other.view(n, d), w = weights.view(d), y = labels.view(n)) == "");
    }
}

TEST_CASE("rows of float that begin anywhere in a cache line") { every_offset<float, float>(); }
// Under sanitizers, where each takes half a minute to compile, one stands for all.
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define DDX_TEST_ONE_ELEMENT_TYPE
#endif
#endif
#ifndef DDX_TEST_ONE_ELEMENT_TYPE
TEST_CASE("rows of double that begin anywhere in a cache line") { every_offset<double, double>(); }
TEST_CASE("rows of bytes that begin anywhere in a cache line") { every_offset<std::uint8_t, float>(); }
#endif

constexpr auto squares = sum<"n">(2 * y * y - y);

/// A step from elements that begin `offset` places behind a cache line; their ends must stay as they are.
template <class Number>
void steps_from(std::ptrdiff_t offset, std::ptrdiff_t n) {
  CAPTURE(offset, n);
  random_elements<Number> at(5, n, -2, 2, offset);
  CHECK(check<squares, grad(squares, y), y * 3 - 1>::within(64, y = at.view(n)) == "");
  std::vector<Number> memory(static_cast<std::size_t>(n + offset + 2), Number(7)), other;
  std::copy_n(at.data(), n, memory.data() + offset + 1);
  other = memory;
  auto const total = ddx::stepper<squares, y>(ddx::sgd{.lr = 0.125})(y = ddx::view(memory.data() + offset + 1, n));
  auto const same =
      ddx::stepper<squares, y>(ddx::sgd{.lr = 0.125}, ddx::threads(1))(y = ddx::view(other.data() + offset + 1, n));
  double expected = 0;
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    auto const v = static_cast<double>(at.data()[i]);
    expected += 2 * v * v - v;
    double const next = v - 0.125 * (4 * v - 1);
    REQUIRE(std::abs(static_cast<double>(memory[static_cast<std::size_t>(offset + 1 + i)]) - next) < 1e-6);
  }
  CHECK(std::abs(static_cast<double>(total) - expected) <= 1e-6 * static_cast<double>(10 * n));
  CHECK(memory[static_cast<std::size_t>(offset)] == 7);
  CHECK(memory.back() == 7);
  if (reinterpret_cast<std::uintptr_t>(memory.data()) % 64 != reinterpret_cast<std::uintptr_t>(other.data()) % 64)
    return;
  CHECK(total == same);
  CHECK(memory == other);
}

TEST_CASE("long and short loops that store begin anywhere in a cache line") {
  for (std::ptrdiff_t n : {0, 1, 2, 3, 7, 8, 9, 15, 17, 31, 257, 512, 1031, 9001})
    for (std::ptrdiff_t offset : {0, 1, 5, 15}) {
      steps_from<float>(offset, n);
      steps_from<double>(offset, n);
    }
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Factors along an axis enter; for each the product of all others leaves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "bits.hpp"
#include "memory.hpp"
#include "scan.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::simd::inline DDX_ISA {

/// Notes whether vectors were all far from what overflows or vanishes: magnitudes from 2^-127 to 2^129 in double, from
/// 2^-15 to 2^17 in float. Infinities, NaN and 0 are not.
template <class Number>
class moderate_range {
 public:
  DDX_INLINE void note(pack<Number> a) { outside_ |= reinterpret_cast<integers>(a.v) - lowest; }
  DDX_INLINE bool held_all() const {
    integers const bits = outside_ & leading;
    integer all = 0;
    for (int i = 0; i < width<Number>; ++i) all |= bits[i];
    return all == 0;
  }

 private:
  // Of an exponent less the lowest of this range, an eighth of all exponents, the leading bits are 0.
  using integers = bits_of<Number>;
  using integer = std::conditional_t<sizeof(Number) == 4, std::uint32_t, std::uint64_t>;
  static constexpr int exponent = sizeof(Number) == 4 ? 23 : 52, bits_of_exponent = sizeof(Number) == 4 ? 8 : 11;
  static constexpr integer lowest = integer{7} << (exponent + bits_of_exponent - 4),
                           leading = integer{7} << (exponent + bits_of_exponent - 3);
  integers outside_{};
};

/// The products of the factors before each, or behind each: stored, or multiplied with what `to` holds. Those of a
/// vector are taken first where they are moderate, else one by one.
template <bool Behind, class Number, class Element>
void multiply_in_order(Element const* from, std::ptrdiff_t stride, std::ptrdiff_t count, Number* to,
                       std::ptrdiff_t step) {
  Number product = 1;
  auto const next = [&](std::ptrdiff_t i) {
    Number& at = to[i * step];
    at = Behind ? at * product : product;
    product *= static_cast<Number>(from[i * stride]);
  };
  constexpr std::ptrdiff_t lanes = width<Number>;
  std::ptrdiff_t const vectors = stride == 1 && step == 1 ? count / lanes : 0;
  if constexpr (Behind)
    for (std::ptrdiff_t i = count; i-- > vectors * lanes;) next(i);
  for (std::ptrdiff_t k = 0; k < vectors; ++k) {
    std::ptrdiff_t const first = (Behind ? vectors - 1 - k : k) * lanes;
    pack<Number> factor = load<Number>(from + first);
    multiply_up<Behind>(factor);
    if (is_moderate(factor)) {
      pack<Number> const others = pack<Number>(product) * moved<1, Behind>(factor, pack<Number>(Number(1)));
      store(to + first, Behind ? load<Number>(to + first) * others : others);
      product *= factor[Behind ? 0 : width<Number> - 1];
    } else {
      for (std::ptrdiff_t i = 0; i < lanes; ++i) next(first + (Behind ? lanes - 1 - i : i));
    }
  }
  if constexpr (!Behind)
    for (std::ptrdiff_t i = vectors * lanes; i < count; ++i) next(i);
}

/// The products of all other factors in chains side by side, each of factors a fixed distance apart: they wait for nothing
/// but themselves. False where a product on the way is not moderate: then nothing can be said of the results.
template <class Number, class Element>
bool multiply_in_chains(Element const* from, std::ptrdiff_t count, Number* to) {
  using vector = pack<Number>;
  constexpr int lanes = width<Number>, vectors = 4;
  constexpr std::ptrdiff_t chains = lanes * vectors;
  std::ptrdiff_t const end = count / chains * chains, last = count / lanes * lanes;
  vector const one(Number(1));
  moderate_range<Number> range;
  // By constants: vectors of an array that a variable reaches would be in memory.
  auto const each = [](auto const& function) DDX_INLINE_LAMBDA {
    [&]<int... Ks>(std::integer_sequence<int, Ks...>) DDX_INLINE_LAMBDA {
      (function(std::integral_constant<int, Ks>{}), ...);
    }(std::make_integer_sequence<int, vectors>{});
  };
  vector before[vectors]{one, one, one, one};
  auto const there = [&](auto k, std::ptrdiff_t i) DDX_INLINE_LAMBDA {
    store(to + i + k() * lanes, before[k()]);
    before[k()] = before[k()] * load<Number>(from + i + k() * lanes);
    range.note(before[k()]);
  };
  for (std::ptrdiff_t i = 0; i < end; i += chains) each([&](auto k) DDX_INLINE_LAMBDA { there(k, i); });
  each([&](auto k) DDX_INLINE_LAMBDA {
    if (end + (k() + 1) * lanes <= last) there(k, end);
  });

  // What a chain lacks: the chains of its lane in the other vectors, those of the other lanes, the factors at the end.
  vector others[vectors], left = one, right = one;
  each([&](auto k) DDX_INLINE_LAMBDA {
    others[k()] = left;
    left = left * before[k()];
    range.note(left);
  });
  each([&](auto k) DDX_INLINE_LAMBDA {
    constexpr int from_last = vectors - 1 - k();
    others[from_last] = others[from_last] * right;
    right = right * before[from_last];
    range.note(right);
  });
  constexpr double most = sizeof(Number) == 4 ? 0x1p50 : 0x1p250, least = 1 / most;
  bool moderate = range.held_all();
  double product = 1;
  auto const multiply = [&](double factor) {
    product *= factor;
    double const size = product < 0 ? -product : product;
    moderate &= size > least && size < most;
  };
  alignas(DDX_VECTOR_BYTES) Number lane_products[lanes], other_lanes[lanes];
  store(lane_products, left);
  double before_lane[lanes];
  for (int lane = 0; lane < lanes; ++lane) {
    before_lane[lane] = product;
    multiply(static_cast<double>(lane_products[lane]));
  }
  for (std::ptrdiff_t i = last; i < count; ++i) {
    to[i] = static_cast<Number>(product);
    multiply(static_cast<double>(from[i]));
  }
  product = 1;
  for (std::ptrdiff_t i = count; i-- > last;) {
    to[i] = static_cast<Number>(static_cast<double>(to[i]) * product);
    multiply(static_cast<double>(from[i]));
  }
  for (int lane = lanes; lane-- > 0;) {
    double const rest = before_lane[lane] * product, size = rest < 0 ? -rest : rest;
    moderate &= size > least && size < most;
    other_lanes[lane] = static_cast<Number>(rest);
    multiply(static_cast<double>(lane_products[lane]));
  }
  if (!moderate) return false;

  vector const rest = load<Number>(other_lanes);
  each([&](auto k) DDX_INLINE_LAMBDA { others[k()] = others[k()] * rest; });
  auto const back = [&](auto k, std::ptrdiff_t i) DDX_INLINE_LAMBDA {
    Number* const at = to + i + k() * lanes;
    store(at, load<Number>(at) * others[k()]);
    others[k()] = others[k()] * load<Number>(from + i + k() * lanes);
  };
  each([&](auto k) DDX_INLINE_LAMBDA {
    if (end + (k() + 1) * lanes <= last) back(k, end);
  });
  for (std::ptrdiff_t i = end; i > 0;) {
    i -= chains;
    each([&](auto k) DDX_INLINE_LAMBDA { back(k, i); });
  }
  return true;
}

/// For each of `count` factors the product of all others, as one by one where other orders might overflow or vanish.
/// Errs by at most `count` roundings.
template <class Number, class Element>
void multiply_others(Element const* from, std::ptrdiff_t stride, std::ptrdiff_t count, Number* to,
                     std::ptrdiff_t step) {
  if (stride == 1 && step == 1 && count >= 8 * width<Number> && multiply_in_chains(from, count, to)) return;
  multiply_in_order<false>(from, stride, count, to, step);
  multiply_in_order<true>(from, stride, count, to, step);
}

/// The same along rows, for `lanes` elements of each side by side.
template <class Number, class Element>
void multiply_others_of_rows(Element const* from, std::ptrdiff_t from_row, std::ptrdiff_t rows, Number* to,
                             std::ptrdiff_t to_row, std::ptrdiff_t lanes) {
  constexpr std::ptrdiff_t room = 64 * width<Number>;
  alignas(DDX_VECTOR_BYTES) Number products[room];
  for (std::ptrdiff_t first = 0; first < lanes; first += room) {
    std::ptrdiff_t const count = lanes - first < room ? lanes - first : room;
    auto const pass = [&]<bool Behind>(std::bool_constant<Behind>) {
      for (std::ptrdiff_t i = 0; i < count; ++i) products[i] = Number(1);
      for (std::ptrdiff_t k = 0; k < rows; ++k) {
        std::ptrdiff_t const row = Behind ? rows - 1 - k : k;
        Element const* const factors = from + row * from_row + first;
        Number* const at = to + row * to_row + first;
        std::ptrdiff_t i = 0;
        for (; i + width<Number> <= count; i += width<Number>) {
          pack<Number> const product = load<Number>(products + i);
          store(at + i, Behind ? load<Number>(at + i) * product : product);
          store(products + i, product * load<Number>(factors + i));
        }
        for (; i < count; ++i) {
          at[i] = Behind ? at[i] * products[i] : products[i];
          products[i] *= static_cast<Number>(factors[i]);
        }
      }
    };
    pass(std::false_type{});
    pass(std::true_type{});
  }
}

}  // namespace ddx::simd::inline DDX_ISA

#pragma GCC diagnostic pop

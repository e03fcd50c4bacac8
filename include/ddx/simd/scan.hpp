// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Steps y -> a*y + b, one a lane, enter; those that lead to each lane from what is before all of them leave.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

#include "../primitive/elementary.hpp"
#include "pack.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::simd::inline DDX_ISA {

/// The lanes of `a` moved up by `Step`, or down; the first ones, or the last, are those of `fill`.
template <int Step, bool Down, class Number>
DDX_INLINE pack<Number> moved(pack<Number> a, pack<Number> fill) {
  return [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
    constexpr int lanes = width<Number>;
    return pack<Number>(__builtin_shufflevector(
        a.v, fill.v, (Down ? (Is + Step < lanes ? Is + Step : lanes + Is) : (Is >= Step ? Is - Step : lanes + Is))...));
  }(std::make_integer_sequence<int, width<Number>>{});
}

/// Makes of the steps y -> a*y + b in the lanes those that lead from what is before all lanes to each, in order or from
/// the last.
template <bool Down, class Number, int Step = 1>
DDX_INLINE void compose(pack<Number>& a, pack<Number>& b) {
  if constexpr (Step < width<Number>) {
    b = fma(a, moved<Step, Down>(b, pack<Number>(Number(0))), b);
    a = a * moved<Step, Down>(a, pack<Number>(Number(1)));
    compose<Down, Number, 2 * Step>(a, b);
  }
}

/// Makes of the factors in the lanes the products of all up to each, in order or from the last.
template <bool Down, class Number, int Step = 1>
DDX_INLINE void multiply_up(pack<Number>& a) {
  if constexpr (Step < width<Number>) {
    a = a * moved<Step, Down>(a, pack<Number>(Number(1)));
    multiply_up<Down, Number, 2 * Step>(a);
  }
}

/// A lane in all lanes.
template <int Lane, class Number>
DDX_INLINE pack<Number> repeated(pack<Number> a) {
  return [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
    return pack<Number>(__builtin_shufflevector(a.v, a.v, ((void)Is, Lane)...));
  }(std::make_integer_sequence<int, width<Number>>{});
}

/// Whether the lanes are neither 0 nor so large or small that a product with what is not may overflow or vanish.
template <class Number>
DDX_INLINE bool is_moderate(pack<Number> a) {
  constexpr Number most = sizeof(Number) == 4 ? Number(0x1p40f) : Number(0x1p400), least = 1 / most;
  pack<Number> const size = abs_::value(a);
  mask<Number> const outside = !((size < pack<Number>(most)) & (size > pack<Number>(least)));
#if DDX_VECTOR_BYTES == 32
  typedef long long long_vector __attribute__((vector_size(32)));
  auto const bits = reinterpret_cast<long_vector>(outside.v);
  return __builtin_ia32_ptestz256(bits, bits) != 0;
#else
  std::uint64_t words[sizeof outside / sizeof(std::uint64_t)], bits = 0;
  std::memcpy(words, &outside.v, sizeof words);
  for (std::uint64_t const word : words) bits |= word;
  return bits == 0;
#endif
}

}  // namespace ddx::simd::inline DDX_ISA

#pragma GCC diagnostic pop

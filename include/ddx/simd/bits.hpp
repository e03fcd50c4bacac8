// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Vectors enter, the bits of their numbers leave, and back; and functions of a lane that need no more.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "pack.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::simd::inline DDX_ISA {

/// A function of numbers lane by lane, where no vector form is at hand.
template <class Function, class Number, class... Rest>
DDX_INLINE pack<Number> by_lanes(Function const& function, pack<Number> first, Rest... rest) {
  pack<Number> result;
  for (int i = 0; i < width<Number>; ++i) result.v[i] = static_cast<Number>(function(first[i], rest[i]...));
  return result;
}

/// How numbers are made of bits.
template <class Number>
struct layout {
  static constexpr bool is_float = sizeof(Number) == 4;
  using integer = std::conditional_t<is_float, std::uint32_t, std::uint64_t>;
  static constexpr int fraction = std::numeric_limits<Number>::digits - 1;    ///< the bits of the fraction
  static constexpr int bias = std::numeric_limits<Number>::max_exponent - 1;  ///< the exponent of 1
  static constexpr integer one = integer(bias) << fraction;
  static constexpr integer fraction_mask = (integer(1) << fraction) - 1;
  static constexpr integer sign_mask = integer(1) << (8 * sizeof(Number) - 1);
  static constexpr Number unit = static_cast<Number>(integer(1) << fraction);  ///< above it all numbers are whole
};

typedef std::uint32_t uint32_vector __attribute__((vector_size(DDX_VECTOR_BYTES)));
typedef std::uint64_t uint64_vector __attribute__((vector_size(DDX_VECTOR_BYTES)));

/// The bits of the numbers of a vector.
template <class Number>
using bits_of = std::conditional_t<sizeof(Number) == 4, uint32_vector, uint64_vector>;

template <class Number>
DDX_INLINE bits_of<Number> bits(pack<Number> a) {
  return reinterpret_cast<bits_of<Number>>(a.v);
}

template <class Number>
DDX_INLINE pack<Number> from_bits(bits_of<Number> a) {
  return {reinterpret_cast<typename pack<Number>::vector>(a)};
}

template <class Number>
DDX_INLINE pack<Number> abs(pack<Number> a) {
  return from_bits<Number>(bits(a) & ~layout<Number>::sign_mask);
}

/// Whether the truth value of every lane is true.
template <class Number>
DDX_INLINE bool all(mask<Number> m) {
#if DDX_VECTOR_BYTES == 64
  typedef int int_vector __attribute__((vector_size(64)));
  typedef long long long_vector __attribute__((vector_size(64)));
  if constexpr (sizeof(Number) == 4) return __builtin_ia32_cvtd2mask512(reinterpret_cast<int_vector>(m.v)) == 0xffff;
  else return __builtin_ia32_cvtq2mask512(reinterpret_cast<long_vector>(m.v)) == 0xff;
#elif DDX_VECTOR_BYTES == 32
  if constexpr (sizeof(Number) == 4) return __builtin_ia32_movmskps256(reinterpret_cast<float_vector>(m.v)) == 0xff;
  else return __builtin_ia32_movmskpd256(reinterpret_cast<double_vector>(m.v)) == 0xf;
#elif defined(__SSE2__) && DDX_VECTOR_BYTES == 16
  if constexpr (sizeof(Number) == 4) return __builtin_ia32_movmskps(reinterpret_cast<float_vector>(m.v)) == 0xf;
  else return __builtin_ia32_movmskpd(reinterpret_cast<double_vector>(m.v)) == 0x3;
#else
  for (int i = 0; i < width<Number>; ++i)
    if (m.v[i] == 0) return false;
  return true;
#endif
}

/// `a`, whose sign is clear or that of `b` already, with the sign of `b`.
template <class Number>
DDX_INLINE pack<Number> with_sign(pack<Number> a, pack<Number> b) {
  return from_bits<Number>(bits(a) | (bits(b) & layout<Number>::sign_mask));
}

/// Hides from the compiler where a vector comes from, so that it does not take sums apart whose rounding is meant.
template <class Number>
DDX_INLINE pack<Number> as_rounded(pack<Number> a) {
#if defined(__AVX512F__)
  asm("" : "+v"(a.v));
#elif defined(__SSE2__) && DDX_VECTOR_BYTES >= 16
  asm("" : "+x"(a.v));
#endif
  return a;
}

}  // namespace ddx::simd::inline DDX_ISA

#pragma GCC diagnostic pop

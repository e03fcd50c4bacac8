// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Vectors enter; square roots, whole parts and remainders of their lanes leave: what instructions compute, exactly.
#pragma once

#include <cmath>
#include <limits>

#include "bits.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::simd::inline DDX_ISA {

template <class Number>
DDX_INLINE pack<Number> sqrt(pack<Number> a) {
#if defined(__clang__)
  return {__builtin_elementwise_sqrt(a.v)};
#elif defined(__AVX512F__)
  if constexpr (sizeof(Number) == 4) asm("vsqrtps %1, %0" : "=v"(a.v) : "v"(a.v));
  else asm("vsqrtpd %1, %0" : "=v"(a.v) : "v"(a.v));
  return a;
#elif defined(__AVX2__)
  if constexpr (sizeof(Number) == 4) asm("vsqrtps %1, %0" : "=x"(a.v) : "x"(a.v));
  else asm("vsqrtpd %1, %0" : "=x"(a.v) : "x"(a.v));
  return a;
#elif defined(__SSE2__) && DDX_VECTOR_BYTES == 16
  if constexpr (sizeof(Number) == 4) asm("sqrtps %1, %0" : "=x"(a.v) : "x"(a.v));
  else asm("sqrtpd %1, %0" : "=x"(a.v) : "x"(a.v));
  return a;
#else
  return by_lanes([](Number x) { return std::sqrt(x); }, a);
#endif
}

namespace detail {

/// The largest whole number not above `a`, which is not negative: adding `unit` rounds to the nearest one.
template <class Number>
DDX_INLINE pack<Number> whole_part(pack<Number> a) {
  pack<Number> const unit(layout<Number>::unit);
  pack<Number> const nearest = as_rounded(a + unit) - unit;
  pack<Number> const below = nearest - select(nearest > a, pack<Number>(Number(1)), pack<Number>(Number(0)));
  return select(a < unit, below, a);
}

}  // namespace detail

template <class Number>
DDX_INLINE pack<Number> trunc(pack<Number> a) {
#if defined(__AVX512F__)
  if constexpr (sizeof(Number) == 4) asm("vrndscaleps $11, %1, %0" : "=v"(a.v) : "v"(a.v));
  else asm("vrndscalepd $11, %1, %0" : "=v"(a.v) : "v"(a.v));
  return a;
#elif defined(__AVX2__)
  if constexpr (sizeof(Number) == 4) return {__builtin_ia32_roundps256(a.v, 11)};
  else return {__builtin_ia32_roundpd256(a.v, 11)};
#else
  return with_sign(detail::whole_part(abs(a)), a);
#endif
}

template <class Number>
DDX_INLINE pack<Number> floor(pack<Number> a) {
#if defined(__AVX512F__)
  if constexpr (sizeof(Number) == 4) asm("vrndscaleps $9, %1, %0" : "=v"(a.v) : "v"(a.v));
  else asm("vrndscalepd $9, %1, %0" : "=v"(a.v) : "v"(a.v));
  return a;
#elif defined(__AVX2__)
  if constexpr (sizeof(Number) == 4) return {__builtin_ia32_roundps256(a.v, 9)};
  else return {__builtin_ia32_roundpd256(a.v, 9)};
#else
  pack<Number> const whole = trunc(a);
  return select(whole > a, whole - pack<Number>(Number(1)), whole);
#endif
}

template <class Number>
DDX_INLINE pack<Number> ceil(pack<Number> a) {
  return -floor(-a);
}

/// The nearest whole number, halves away from 0.
template <class Number>
DDX_INLINE pack<Number> round(pack<Number> a) {
  pack<Number> const size = abs(a), whole = trunc(size);
  pack<Number> const up = whole + pack<Number>(Number(1));
  return with_sign(select(size - whole >= pack<Number>(Number(0.5)), up, whole), a);
}

/// The exact remainder of a / b with the sign of a. Where the quotient has no more digits than a number the rounded one
/// is right or one too large, and its product with b, taken off with one rounding, leaves no error; elsewhere lane by
/// lane.
template <class Number>
DDX_INLINE pack<Number> fmod(pack<Number> a, pack<Number> b) {
#if defined(__FMA__)
  pack<Number> const size = abs(a), by = abs(b), zero(Number(0)), quotient = trunc(size / by);
  if (all((quotient < pack<Number>(layout<Number>::unit)) & (by <= pack<Number>(std::numeric_limits<Number>::max())))) {
    pack<Number> const rest = fma(-quotient, by, size);
    return with_sign(select(rest < zero, rest + by, rest), a);
  }
#endif
  return by_lanes([](Number x, Number y) { return std::fmod(x, y); }, a, b);
}

}  // namespace ddx::simd::inline DDX_ISA

#pragma GCC diagnostic pop

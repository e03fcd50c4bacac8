// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Vectors of numbers and of truth values, with their arithmetic: a thin layer on the compilers' vector extensions.
//
// Straight-line code through vector extensions is as good as through xsimd or std::experimental::simd, whose headers
// cost 0.6 and 0.9 s more.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "../graph/inline.hpp"
#include "instruction_set.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::simd::inline DDX_ISA {

/// The number of elements in a vector register.
template <class Number>
inline constexpr int width = DDX_VECTOR_BYTES / static_cast<int>(sizeof(Number));

/// How many vectors a kernel may keep in registers.
inline constexpr int registers = DDX_VECTOR_BYTES == 64 ? 32 : 16;

// Written out: g++ ignores the attribute on a typedef of a template parameter while it parses the template.
typedef float float_vector __attribute__((vector_size(DDX_VECTOR_BYTES)));
typedef double double_vector __attribute__((vector_size(DDX_VECTOR_BYTES)));
typedef std::int32_t int32_vector __attribute__((vector_size(DDX_VECTOR_BYTES)));
typedef std::int64_t int64_vector __attribute__((vector_size(DDX_VECTOR_BYTES)));
typedef std::int32_t int32_half_vector __attribute__((vector_size(DDX_VECTOR_BYTES / 2)));

/// A truth value in every lane: all bits set or none.
template <class Number>
struct mask {
  using vector = std::conditional_t<sizeof(Number) == 4, int32_vector, int64_vector>;
  vector v;

  DDX_INLINE friend mask operator&(mask a, mask b) { return {a.v & b.v}; }
  DDX_INLINE friend mask operator|(mask a, mask b) { return {a.v | b.v}; }
  DDX_INLINE friend mask operator!(mask a) { return {~a.v}; }
};

/// A number in every lane.
template <class Number>
struct pack {
  using vector = std::conditional_t<sizeof(Number) == 4, float_vector, double_vector>;
  static constexpr int lanes = width<Number>;
  vector v;

  pack() = default;
  DDX_INLINE pack(vector value) : v(value) {}
  DDX_INLINE explicit pack(Number value) : v(value - vector{}) {}

  DDX_INLINE friend pack operator+(pack a, pack b) { return {a.v + b.v}; }
  DDX_INLINE friend pack operator-(pack a, pack b) { return {a.v - b.v}; }
  DDX_INLINE friend pack operator*(pack a, pack b) { return {a.v * b.v}; }
  DDX_INLINE friend pack operator/(pack a, pack b) { return {a.v / b.v}; }
  DDX_INLINE friend pack operator-(pack a) { return {-a.v}; }
  DDX_INLINE friend mask<Number> operator<(pack a, pack b) { return {a.v < b.v}; }
  DDX_INLINE friend mask<Number> operator<=(pack a, pack b) { return {a.v <= b.v}; }
  DDX_INLINE friend mask<Number> operator>(pack a, pack b) { return {a.v > b.v}; }
  DDX_INLINE friend mask<Number> operator>=(pack a, pack b) { return {a.v >= b.v}; }
  DDX_INLINE friend mask<Number> operator==(pack a, pack b) { return {a.v == b.v}; }
  DDX_INLINE friend mask<Number> operator!=(pack a, pack b) { return {a.v != b.v}; }

  DDX_INLINE Number operator[](int lane) const { return v[lane]; }
};

template <class Number>
DDX_INLINE pack<Number> select(mask<Number> c, pack<Number> a, pack<Number> b) {
  return {c.v ? a.v : b.v};
}

/// The same for a single number.
template <std::floating_point Number>
DDX_INLINE Number select(bool c, Number a, Number b) {
  return c ? a : b;
}

/// Truth values that are the same in all lanes.
template <class Number>
DDX_INLINE pack<Number> select(bool c, pack<Number> a, pack<Number> b) {
  return c ? a : b;
}

/// a * b + c with one rounding where the instruction set has it. Left to g++ it would be contracted from -O2 on only.
template <class Number>
DDX_INLINE pack<Number> fma(pack<Number> a, pack<Number> b, pack<Number> c) {
#if defined(__clang__) && defined(__FMA__)
  return {__builtin_elementwise_fma(a.v, b.v, c.v)};
#elif defined(__FMA__) && DDX_VECTOR_BYTES == 64
  if constexpr (sizeof(Number) == 4) return {__builtin_ia32_vfmaddps512_mask(a.v, b.v, c.v, -1, 4)};
  else return {__builtin_ia32_vfmaddpd512_mask(a.v, b.v, c.v, -1, 4)};
#elif defined(__FMA__) && DDX_VECTOR_BYTES == 32
  if constexpr (sizeof(Number) == 4) return {__builtin_ia32_vfmaddps256(a.v, b.v, c.v)};
  else return {__builtin_ia32_vfmaddpd256(a.v, b.v, c.v)};
#elif defined(__FMA__) && DDX_VECTOR_BYTES == 16
  if constexpr (sizeof(Number) == 4) return {__builtin_ia32_vfmaddps(a.v, b.v, c.v)};
  else return {__builtin_ia32_vfmaddpd(a.v, b.v, c.v)};
#else
  return {a.v * b.v + c.v};
#endif
}

/// The same for single numbers.
template <std::floating_point Number>
DDX_INLINE Number fma(Number a, Number b, Number c) {
#if defined(__FMA__)
  if constexpr (sizeof(Number) == 4) return __builtin_fmaf(a, b, c);
  else return __builtin_fma(a, b, c);
#else
  return a * b + c;
#endif
}

/// Keeps a loaded vector in a register: g++ otherwise loads it again for every use.
template <class Number>
DDX_INLINE void pin([[maybe_unused]] pack<Number>& value) {
#if defined(__GNUC__) && !defined(__clang__) && defined(__AVX512F__)
  asm("" : "+v"(value.v));
#elif defined(__GNUC__) && !defined(__clang__) && defined(__SSE2__)
  asm("" : "+x"(value.v));
#endif
}

/// Hides from the compiler what an index is.
DDX_INLINE void hide([[maybe_unused]] std::ptrdiff_t& index) {
#if defined(__GNUC__)
  asm("" : "+r"(index));
#endif
}

/// Lanes 0, 1, …
template <class Number>
DDX_INLINE pack<Number> lane_numbers() {
  return [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
    return pack<Number>(typename pack<Number>::vector{static_cast<Number>(Is)...});
  }(std::make_integer_sequence<int, width<Number>>{});
}

/// The first `count` lanes.
template <class Number>
DDX_INLINE mask<Number> first_lanes(std::ptrdiff_t count) {
  return lane_numbers<Number>() < pack<Number>(static_cast<Number>(count));
}

/// Lanes from `begin` to before `end`.
template <class Number>
DDX_INLINE mask<Number> lanes_between(std::ptrdiff_t begin, std::ptrdiff_t end) {
  begin = begin < 0 ? 0 : begin > width<Number> ? width<Number> : begin;
  end = end < 0 ? 0 : end > width<Number> ? width<Number> : end;
  pack<Number> const lanes = lane_numbers<Number>();
  return (lanes >= pack<Number>(static_cast<Number>(begin))) & (lanes < pack<Number>(static_cast<Number>(end)));
}

}  // namespace ddx::simd::inline DDX_ISA

#pragma GCC diagnostic pop

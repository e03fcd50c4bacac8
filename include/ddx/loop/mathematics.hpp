// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Vectors enter, functions of their lanes leave: what the records of primitives call by the names of <cmath>.
//
// Exponentials and logarithms, which most loops of models spend their time in, are polynomials in registers, free of branches
// and of calls, before which all registers would be saved; the others come from glibc's vector library, which is the fastest
// of those compared and right at all edges. Where neither is at hand functions are computed lane by lane. Within 4 units in the
// last place, subnormal numbers, infinities, NaN and the sign of zero included: docs/vector-mathematics.md has the figures.
#pragma once

#include <array>
#include <cmath>
#include <limits>

#include "simd.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GLIBC_PREREQ) && DDX_VECTOR_BYTES >= 16
#if __GLIBC_PREREQ(2, 35)
#define DDX_LIBMVEC 1
#endif
#endif

namespace ddx::simd::inline DDX_ISA {

// ---- records

/// A function of numbers lane by lane, where no vector form is at hand.
template <class Function, class Number, class... Rest>
DDX_INLINE pack<Number> by_lanes(Function const& function, pack<Number> first, Rest... rest) {
  pack<Number> result;
  for (int i = 0; i < width<Number>; ++i) result.v[i] = static_cast<Number>(function(first[i], rest[i]...));
  return result;
}

/// Whether a record's value is computed of vectors; one of numbers only is called lane by lane.
template <class Record, class... Operands>
inline constexpr bool takes_vectors = requires(Operands... operands) { Record::value(operands...); };

/// The value of a record for vectors and truth values of vectors.
template <class Record, class... Operands>
DDX_INLINE auto value_of(Operands... operands) {
  if constexpr (takes_vectors<Record, Operands...>) return Record::value(operands...);
  else return by_lanes(Record::value, operands...);
}

// ---- bits

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

// ---- roots and steps

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

/// The exact remainder of a / b with the sign of a. Where the quotient has no more digits than a number the rounded one is right or
/// one too large, and its product with b, taken off with one rounding, leaves no error; elsewhere lane by lane.
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

// ---- glibc's vector library

#if DDX_VECTOR_BYTES == 64
#define DDX_MVEC_1(function) _ZGVeN8v_##function
#define DDX_MVEC_1F(function) _ZGVeN16v_##function##f
#define DDX_MVEC_2(function) _ZGVeN8vv_##function
#define DDX_MVEC_2F(function) _ZGVeN16vv_##function##f
#elif DDX_VECTOR_BYTES == 32
#define DDX_MVEC_1(function) _ZGVdN4v_##function
#define DDX_MVEC_1F(function) _ZGVdN8v_##function##f
#define DDX_MVEC_2(function) _ZGVdN4vv_##function
#define DDX_MVEC_2F(function) _ZGVdN8vv_##function##f
#else
#define DDX_MVEC_1(function) _ZGVbN2v_##function
#define DDX_MVEC_1F(function) _ZGVbN4v_##function##f
#define DDX_MVEC_2(function) _ZGVbN2vv_##function
#define DDX_MVEC_2F(function) _ZGVbN4vv_##function##f
#endif

// What the vector library has, by its names, for whatever primitive calls it.
#if defined(DDX_LIBMVEC)
#define DDX_VECTOR_1(function)                                                             \
  extern "C" pack<double>::vector DDX_MVEC_1(function)(pack<double>::vector);              \
  extern "C" pack<float>::vector DDX_MVEC_1F(function)(pack<float>::vector);               \
  DDX_INLINE pack<double> function(pack<double> a) { return {DDX_MVEC_1(function)(a.v)}; } \
  DDX_INLINE pack<float> function(pack<float> a) { return {DDX_MVEC_1F(function)(a.v)}; }  \
  static_assert(true)
#define DDX_VECTOR_2(function)                                                                                  \
  extern "C" pack<double>::vector DDX_MVEC_2(function)(pack<double>::vector, pack<double>::vector);             \
  extern "C" pack<float>::vector DDX_MVEC_2F(function)(pack<float>::vector, pack<float>::vector);               \
  DDX_INLINE pack<double> function(pack<double> a, pack<double> b) { return {DDX_MVEC_2(function)(a.v, b.v)}; } \
  DDX_INLINE pack<float> function(pack<float> a, pack<float> b) { return {DDX_MVEC_2F(function)(a.v, b.v)}; }   \
  static_assert(true)
#else
#define DDX_VECTOR_1(function)                                     \
  template <class Number>                                          \
  DDX_INLINE pack<Number> function(pack<Number> a) {               \
    return by_lanes([](Number x) { return std::function(x); }, a); \
  }                                                                \
  static_assert(true)
#define DDX_VECTOR_2(function)                                                     \
  template <class Number>                                                          \
  DDX_INLINE pack<Number> function(pack<Number> a, pack<Number> b) {               \
    return by_lanes([](Number x, Number y) { return std::function(x, y); }, a, b); \
  }                                                                                \
  static_assert(true)
#endif

DDX_VECTOR_1(exp2);
DDX_VECTOR_1(log2);
DDX_VECTOR_1(log10);
DDX_VECTOR_1(sin);
DDX_VECTOR_1(cos);
DDX_VECTOR_1(tan);
DDX_VECTOR_1(asin);
DDX_VECTOR_1(acos);
DDX_VECTOR_1(atan);
DDX_VECTOR_1(sinh);
DDX_VECTOR_1(cosh);
DDX_VECTOR_1(asinh);
DDX_VECTOR_1(acosh);
DDX_VECTOR_1(atanh);
DDX_VECTOR_1(cbrt);
DDX_VECTOR_1(erf);
DDX_VECTOR_1(erfc);
DDX_VECTOR_2(pow);
DDX_VECTOR_2(atan2);
DDX_VECTOR_2(hypot);
#if DDX_VECTOR_BYTES < 16
DDX_VECTOR_1(exp);
DDX_VECTOR_1(expm1);
DDX_VECTOR_1(log);
DDX_VECTOR_1(log1p);
DDX_VECTOR_1(tanh);
#endif

#undef DDX_VECTOR_1
#undef DDX_VECTOR_2
#undef DDX_MVEC_1
#undef DDX_MVEC_1F
#undef DDX_MVEC_2
#undef DDX_MVEC_2F

// ---- exponentials and logarithms

#if DDX_VECTOR_BYTES >= 16

/// Minimax polynomials by an exchange of ddx's own; log 2 in two parts, of which the first has so few digits that its products with
/// exponents are exact.
template <class Number>
struct coefficients;

template <>
struct coefficients<double> {
  static constexpr double log2_high = 0x1.62e42fefa38p-1, log2_low = 0x1.ef35793c7673p-45;
  static constexpr double per_log2 = 0x1.71547652b82fep+0;
  static constexpr double exp_low = -745.5, exp_high = 709.8, exp_normal = 708;
  static constexpr double expm1_exact = 40, tanh_one = 20;  // beyond which they are -1 and 1
  static constexpr layout<double>::integer sqrt_half = 0x3fe6a09e667f3bcd;
  /// (exp(r) - 1 - r) / r^2 for |r| up to log(2)/2, to 2^-55.6 of exp(r) - 1.
  static constexpr std::array exp{0x1.0000000000005p-1,  0x1.5555555555539p-3,  0x1.55555555522b8p-5,
                                  0x1.1111111118facp-7,  0x1.6c16c17edba8dp-10, 0x1.a01a0175145fcp-13,
                                  0x1.a019a76f4b0c7p-16, 0x1.71de88081219bp-19, 0x1.28a1dff5b32d8p-22,
                                  0x1.ae6ba57a0f80ap-26};
  /// (2 atanh(s) / s - 2) / s^2 of s^2 for |s| up to (sqrt(2) - 1)^2, to 2^-59 of 2 atanh(s).
  static constexpr std::array log{0x1.5555555555564p-1, 0x1.999999998bea5p-2, 0x1.2492493901945p-2,
                                  0x1.c71c5861531dep-3, 0x1.746513f8b1107p-3, 0x1.39bd4365d6d8ep-3,
                                  0x1.2e04780abefaap-3};
};

template <>
struct coefficients<float> {
  static constexpr float log2_high = 0x1.62e4p-1f, log2_low = 0x1.7f7d1cp-20f;
  static constexpr float per_log2 = 0x1.715476p+0f;
  static constexpr float exp_low = -104, exp_high = 89, exp_normal = 87;
  static constexpr float expm1_exact = 20, tanh_one = 10;
  static constexpr layout<float>::integer sqrt_half = 0x3f3504f3;
  /// To 2^-26 of exp(r) - 1.
  static constexpr std::array exp{0x1.fffffep-2f, 0x1.5554bp-3f, 0x1.555676p-5f, 0x1.122776p-7f, 0x1.6beb2ep-10f};
  /// (log(1 + f) - f + f^2/2) / f^3, to 2^-30 of log(1 + f).
  static constexpr std::array log{0x1.555548p-2f,  -0x1.000006p-2f, 0x1.99a4b6p-3f,  -0x1.555c4ep-3f, 0x1.23376ap-3f,
                                  -0x1.fc21f2p-4f, 0x1.e6f044p-4f,  -0x1.de3c88p-4f, 0x1.14588p-4f};
};

namespace detail {

/// The part of a polynomial in x from coefficient `First` on; powers[k] is x^(2^k). By halves, which is twice as fast as a chain of
/// products where a result is waited for.
template <auto const& Coefficients, std::size_t First, std::size_t Count, class Number>
DDX_INLINE pack<Number> polynomial_part(pack<Number> const* powers) {
  if constexpr (Count == 1) {
    constexpr Number coefficient = Coefficients[First];  // a literal, not an element of an array in memory
    return pack<Number>(coefficient);
  } else {
    constexpr std::size_t half = Count > 8 ? 8 : Count > 4 ? 4 : Count > 2 ? 2 : 1;
    constexpr int power = half == 8 ? 3 : half == 4 ? 2 : half == 2 ? 1 : 0;
    return fma(polynomial_part<Coefficients, First + half, Count - half>(powers), powers[power],
               polynomial_part<Coefficients, First, half>(powers));
  }
}

template <auto const& Coefficients, class Number>
DDX_INLINE pack<Number> polynomial(pack<Number> x) {
  constexpr std::size_t count = Coefficients.size();
  pack<Number> powers[4]{x, x, x, x};
  if constexpr (count > 2) powers[1] = x * x;
  if constexpr (count > 4) powers[2] = powers[1] * powers[1];
  if constexpr (count > 8) powers[3] = powers[2] * powers[2];
  return polynomial_part<Coefficients, 0, count>(powers);
}

/// x as n log(2) + r with |r| up to log(2)/2, and exp(r) as 1 + r + r^2 q.
template <class Number>
struct reduced {
  bits_of<Number> exponent;  ///< n + `offset`, in the lowest bits
  pack<Number> r, q;

  /// For |x| up to 1500 (float: 150); of others nothing is known, but r is NaN for NaN.
  DDX_INLINE reduced(pack<Number> x, int offset) {
    using numbers = coefficients<Number>;
    pack<Number> const shift(Number(1.5) * layout<Number>::unit + static_cast<Number>(offset));  // whose last bit is 1
    pack<Number> const shifted = as_rounded(fma(x, pack<Number>(numbers::per_log2), shift)), n = shifted - shift;
    exponent = bits(shifted);
    pack<Number> const nearly = as_rounded(fma(n, pack<Number>(-numbers::log2_high), x));
    r = fma(n, pack<Number>(-numbers::log2_low), nearly);
    q = polynomial<numbers::exp>(r);
  }
};

/// exp(x) - 1, whose last bit may be lost where it is subnormal, for 1500 >= |x| >= 40 (float: 150 and 20) as well as it can be.
template <class Number>
DDX_INLINE pack<Number> exp_less_one(pack<Number> x) {
  reduced<Number> const e(x, layout<Number>::bias - 1);
  // 2^(n-1), which is finite where 2^n is not
  auto const half = from_bits<Number>(e.exponent << layout<Number>::fraction), part = half * e.r;
  auto const result = fma(part * e.r, e.q, part + as_rounded(half - pack<Number>(Number(0.5))));
  return result + result;
}

/// k log(2) + log(1 + f) where f is from sqrt(1/2) - 1 to sqrt(2) - 1.
template <class Number>
DDX_INLINE pack<Number> log_of(pack<Number> k, pack<Number> f) {
  using numbers = coefficients<Number>;
  using pack = simd::pack<Number>;
  pack const low = k * pack(numbers::log2_low);
  if constexpr (sizeof(Number) == 4) {  // f - f^2/2 + f^3 Q(f)
    pack const square = f * f, large = fma(k, pack(numbers::log2_high), fma(square, pack(Number(-0.5)), f));
    return large + fma(square * f, polynomial<numbers::log>(f), low);
  } else {  // by 2 atanh(s), s = f / (2 + f), a polynomial of a third of the terms
    pack const s = f / (f + pack(Number(2))), z = s * s;
    return fma(k, pack(numbers::log2_high), f) + fma(s * z, polynomial<numbers::log>(z), fma(-s, f, low));
  }
}

/// The exponent k of u = 2^k m with m from sqrt(1/2) to sqrt(2), and m; both of normal u.
template <class Number>
struct parted {
  bits_of<Number> exponent;  ///< k and the bias
  pack<Number> m;

  DDX_INLINE explicit parted(pack<Number> u) {
    using parts = layout<Number>;
    auto const b = bits(u) + (parts::one - coefficients<Number>::sqrt_half);
    exponent = b >> parts::fraction;
    m = from_bits<Number>((b & parts::fraction_mask) + coefficients<Number>::sqrt_half);
  }
  DDX_INLINE pack<Number> k() const {
    pack<Number> const unit(layout<Number>::unit);
    return as_rounded(from_bits<Number>(exponent | bits(unit))) - (unit + pack<Number>(Number(layout<Number>::bias)));
  }
};

}  // namespace detail

// What follows looks once whether all lanes are such that no edge is near, and calls a function out of line otherwise: half as
// fast again as choosing at each edge for exp and log, of which every edge costs as much as a term of the polynomial.

namespace detail {

template <class Number>
[[gnu::noinline, gnu::cold]] typename pack<Number>::vector exp_everywhere(typename pack<Number>::vector of) {
  using parts = layout<Number>;
  using pack = simd::pack<Number>;
  pack const a(of);
  reduced<Number> const e(a, 2 * parts::bias);
  // 2^n by halves, so that results overflow and become subnormal as they should
  auto const half = e.exponent >> 1, rest = e.exponent - half;
  pack const scale = from_bits<Number>(half << parts::fraction), part = scale * e.r;
  pack const value = fma(part * e.r, e.q, part + scale) * from_bits<Number>(rest << parts::fraction);
  pack const high(coefficients<Number>::exp_high), low(coefficients<Number>::exp_low);
  pack const not_large = select(a > high, pack(std::numeric_limits<Number>::infinity()), value);
  return select(a < low, pack(Number(0)), not_large).v;
}

template <class Number>
[[gnu::noinline, gnu::cold]] typename pack<Number>::vector expm1_everywhere(typename pack<Number>::vector of) {
  using pack = simd::pack<Number>;
  pack const a(of), high(coefficients<Number>::exp_high), low(-coefficients<Number>::expm1_exact);
  pack const not_large = select(a > high, pack(std::numeric_limits<Number>::infinity()), exp_less_one(a));
  pack const value = select(a < low, pack(Number(-1)), not_large);
  return select(abs(a) < pack(1 / (4 * layout<Number>::unit)), a, value).v;
}

/// The logarithm at the edges: `value` where 0 < u < inf.
template <class Number>
DDX_INLINE pack<Number> log_at_edges(pack<Number> u, pack<Number> value) {
  using limits = std::numeric_limits<Number>;
  using pack = simd::pack<Number>;
  pack const finite = select(u < pack(limits::infinity()), value, u);
  pack const not_negative = select(u < pack(Number(0)), pack(limits::quiet_NaN()), finite);
  return select(u == pack(Number(0)), pack(-limits::infinity()), not_negative);
}

template <class Number>
[[gnu::noinline, gnu::cold]] typename pack<Number>::vector log_everywhere(typename pack<Number>::vector of) {
  using pack = simd::pack<Number>;
  using parts = layout<Number>;
  constexpr int digits = parts::fraction + 2;
  pack const a(of);
  auto const subnormal = a < pack(std::numeric_limits<Number>::min());
  parted<Number> const u(select(subnormal, a * pack(4 * parts::unit), a));
  pack const k = u.k() - select(subnormal, pack(Number(digits)), pack(Number(0)));
  return log_at_edges(a, log_of(k, u.m - pack(Number(1)))).v;
}

/// log(1 + a) for -1 < a < 2^55 (float: 2^26).
template <class Number>
DDX_INLINE pack<Number> log_of_one_more(pack<Number> a) {
  using pack = simd::pack<Number>;
  using parts = layout<Number>;
  pack const one(Number(1)), u = as_rounded(one + a), other = as_rounded(u - one);
  pack const lost = as_rounded(one - as_rounded(u - other)) + as_rounded(a - other);  // 1 + a = u + lost
  parted<Number> const p(u);
  pack const scale = from_bits<Number>((2 * parts::bias - p.exponent) << parts::fraction);  // 2^-k
  return with_sign(log_of(p.k(), fma(lost, scale, p.m - one)), a);
}

template <class Number>
[[gnu::noinline, gnu::cold]] typename pack<Number>::vector log1p_everywhere(typename pack<Number>::vector of) {
  using pack = simd::pack<Number>;
  pack const a(of), large(layout<Number>::unit);
  return select((a > pack(Number(-1))) & (a < large), log_of_one_more(a),
                log_at_edges(a + pack(Number(1)), pack(log_everywhere<Number>(of))))
      .v;
}

}  // namespace detail

template <class Number>
DDX_INLINE pack<Number> exp(pack<Number> a) {
  using parts = layout<Number>;
  if (!all(abs(a) <= pack<Number>(coefficients<Number>::exp_normal))) [[unlikely]]
    return {detail::exp_everywhere<Number>(a.v)};
  detail::reduced<Number> const e(a, parts::bias);
  auto const scale = from_bits<Number>(e.exponent << parts::fraction), part = scale * e.r;
  return fma(part * e.r, e.q, part + scale);
}

template <class Number>
DDX_INLINE pack<Number> expm1(pack<Number> a) {
  pack<Number> const size = abs(a);
  if (!all(size <= pack<Number>(coefficients<Number>::expm1_exact))) [[unlikely]]
    return {detail::expm1_everywhere<Number>(a.v)};
  return select(size < pack<Number>(1 / (4 * layout<Number>::unit)), a,
                detail::exp_less_one(a));  // -0, subnormal numbers
}

template <class Number>
DDX_INLINE pack<Number> tanh(pack<Number> a) {
  using pack = simd::pack<Number>;
  pack const size = abs(a), e = detail::exp_less_one(size + size);
  return with_sign(select(size > pack(coefficients<Number>::tanh_one), pack(Number(1)), e / (e + pack(Number(2)))), a);
}

template <class Number>
DDX_INLINE pack<Number> log(pack<Number> a) {
  using pack = simd::pack<Number>;
  using limits = std::numeric_limits<Number>;
  if (!all((a >= pack(limits::min())) & (a <= pack(limits::max())))) [[unlikely]]
    return {detail::log_everywhere<Number>(a.v)};
  detail::parted<Number> const u(a);
  return detail::log_of(u.k(), u.m - pack(Number(1)));
}

template <class Number>
DDX_INLINE pack<Number> log1p(pack<Number> a) {
  using pack = simd::pack<Number>;
  if (!all((a > pack(Number(-1))) & (a < pack(layout<Number>::unit)))) [[unlikely]]
    return {detail::log1p_everywhere<Number>(a.v)};
  return detail::log_of_one_more(a);
}

#endif

}  // namespace ddx::simd::inline DDX_ISA

#pragma GCC diagnostic pop

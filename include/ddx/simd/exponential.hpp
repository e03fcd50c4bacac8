// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Vectors enter; exponentials and logarithms of their lanes leave, which most loops of models spend their time in:
// polynomials in registers, free of branches and of calls, before which all registers would be saved.
#pragma once

#include <array>
#include <cstddef>
#include <limits>

#include "bits.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::simd::inline DDX_ISA {

#if DDX_VECTOR_BYTES >= 16

/// Minimax polynomials by an exchange of ddx's own; log 2 in two parts, of which the first has so few digits that its
/// products with exponents are exact.
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

/// The part of a polynomial in x from coefficient `First` on; powers[k] is x^(2^k). By halves, which is twice as fast
/// as a chain of products where a result is waited for.
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

/// exp(x) - 1, whose last bit may be lost where it is subnormal, for 1500 >= |x| >= 40 (float: 150 and 20) as well as
/// it can be.
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

// What follows looks once whether all lanes are such that no edge is near, and calls a function out of line otherwise:
// half as fast again as choosing at each edge for exp and log, of which every edge costs as much as a term of the
// polynomial.

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

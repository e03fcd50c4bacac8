// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Elementary functions for constant expressions: a double enters, the function's value within one unit in the last
// place leaves.
//
// clang does not evaluate <cmath> while it compiles, and no library of Debian 12 does so with such accuracy. The work
// is done in long double (64 bits of mantissa on x86, 113 on other machines of Debian), which both compilers evaluate
// exactly; nothing here overflows, divides by zero or computes with NaN, which are errors in constant expressions.
// Series are summed until terms are far below the last place.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace ddx::constant_math {

using extended = long double;

inline constexpr double inf = std::numeric_limits<double>::infinity();
inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();
inline constexpr extended pi = 3.14159265358979323846264338327950288420L;
inline constexpr extended ln2 = 0.693147180559945309417232121458176568076L;
inline constexpr extended ln10 = 2.30258509299404568401799145468436420760L;
inline constexpr extended sqrt_pi = 1.77245385090551602729816748334114518280L;

constexpr bool is_nan(double x) { return x != x; }
constexpr bool signbit(double x) { return (std::bit_cast<std::uint64_t>(x) >> 63) != 0; }
constexpr double abs(double x) { return signbit(x) ? -x : x; }
constexpr double copysign(double size, double sign) { return signbit(size) == signbit(sign) ? size : -size; }
constexpr extended magnitude(extended x) { return x < 0 ? -x : x; }

/// The nearest double; infinite beyond the largest.
constexpr double nearest(extended x) {
  extended const half = magnitude(x) / 2;
  if (half >= 0x1.fffffffffffffp1022L + 0x1p969L) return x < 0 ? -inf : inf;
  return static_cast<double>(x);
}

// ---- integers and powers of two

constexpr double trunc(double x) {
  if (!(abs(x) < 0x1p52)) return x;
  return copysign(static_cast<double>(static_cast<std::int64_t>(x)), x);
}
constexpr double floor(double x) {
  double const whole = trunc(x);
  return x < whole ? whole - 1 : whole;
}
constexpr double ceil(double x) {
  double const whole = trunc(x);
  return x > whole ? copysign(whole + 1, x) : whole;
}
constexpr double round(double x) {
  double const whole = trunc(x);
  return abs(x) < 0x1p52 && abs(x - whole) >= 0.5 ? whole + copysign(1, x) : whole;
}
constexpr int nearest_int(extended x) { return static_cast<int>(x < 0 ? x - 0.5L : x + 0.5L); }

/// x * 2^exponent. The range of a long double is far larger than a double's.
constexpr extended scaled(extended x, int exponent) {
  extended factor = exponent < 0 ? 0.5L : 2;
  for (int n = exponent < 0 ? -exponent : exponent; n > 0; n >>= 1) {
    if (n & 1) x *= factor;
    if (n > 1) factor *= factor;
  }
  return x;
}

/// A positive double as significand * 2^exponent with the significand in [sqrt(1/2), sqrt(2)).
struct parts {
  double significand;
  int exponent;
};
constexpr parts split(double x) {
  int exponent = 0;
  if (x < 0x1p-1022) x *= 0x1p54, exponent = -54;
  auto const bits = std::bit_cast<std::uint64_t>(x);
  exponent += static_cast<int>(bits >> 52) - 1023;
  double const significand = std::bit_cast<double>((bits & 0x000fffffffffffffu) | 0x3ff0000000000000u);
  return significand < 1.4142135623730951 ? parts{significand, exponent} : parts{significand / 2, exponent + 1};
}

/// The remainder of |x| / |y| with the sign of x, exact, by long division.
constexpr double fmod(double x, double y) {
  if (is_nan(x) || is_nan(y) || abs(x) == inf || y == 0) return nan;
  if (abs(x) < abs(y) || x == 0) return x;
  auto const whole = [](double v, int& exponent) {
    auto const bits = std::bit_cast<std::uint64_t>(v) & 0x7fffffffffffffffu;
    std::uint64_t const fraction = bits & 0x000fffffffffffffu;
    exponent = static_cast<int>(bits >> 52);
    if (exponent == 0) return exponent = 1, fraction;
    return fraction | 0x0010000000000000u;
  };
  int above = 0, below = 0;
  std::uint64_t rest = whole(x, above);
  std::uint64_t const divisor = whole(y, below);
  rest %= divisor;
  for (int shift = above - below; shift > 0 && rest != 0;) {
    int const step = shift < 11 ? shift : 11;  // a significand has 53 of 64 bits
    rest = (rest << step) % divisor;
    shift -= step;
  }
  double result = static_cast<double>(rest);
  for (int exponent = below - 1075; exponent != 0; exponent += exponent < 0 ? 1 : -1) result *= exponent < 0 ? 0.5 : 2;
  return copysign(result, x);
}

// ---- roots

constexpr extended root(extended x) {
  extended result = scaled(1, split(static_cast<double>(x)).exponent / 2);
  for (int i = 0; i < 7; ++i) result = (result + x / result) / 2;
  return result;
}

/// Rounded to the nearest as IEEE 754 wants: a candidate's neighbour is taken where the midpoint's square says so.
constexpr double sqrt(double x) {
  if (is_nan(x) || x < 0) return nan;
  if (x == 0 || x == inf) return x;
  parts p = split(x);
  if (p.exponent % 2 != 0) p.significand *= 2, --p.exponent;
  if (p.significand < 1) p.significand *= 4, p.exponent -= 2;
  double result = static_cast<double>(root(p.significand));  // in [1, 2)
  auto const above = [&p](extended middle) {                 // significand > middle^2, exactly, from halves of 27 bits
    extended const high = static_cast<float>(middle), low = middle - high;
    return ((p.significand - high * high) - 2 * high * low) - low * low > 0;
  };
  if (above(result + 0x1p-53L)) result += 0x1p-52;
  else if (result > 1 && !above(result - 0x1p-53L)) result -= 0x1p-52;
  return static_cast<double>(scaled(result, p.exponent / 2));
}

constexpr double cbrt(double x) {
  if (is_nan(x) || x == 0 || abs(x) == inf) return x;
  auto [significand, exponent] = split(abs(x));
  while (exponent % 3 != 0) significand *= 2, --exponent;
  extended result = 1.5L;
  for (int i = 0; i < 9; ++i) result = (2 * result + significand / (result * result)) / 3;
  return copysign(static_cast<double>(scaled(result, exponent / 3)), x);
}

constexpr double hypot(double x, double y) {
  double const a = abs(x), b = abs(y);
  if (a == inf || b == inf) return inf;
  if (is_nan(x) || is_nan(y)) return nan;
  extended const large = a > b ? a : b, small = a > b ? b : a;
  if (large == 0) return 0;
  return nearest(large * root(1 + (small / large) * (small / large)));
}

// ---- exponentials

/// exp(x + more), for a small `more`, as significand * 2^exponent.
struct exponential {
  extended significand;
  int exponent;
  constexpr extended value() const { return scaled(significand, exponent); }
};
constexpr exponential exp_of(extended x, extended more = 0) {
  int const k = nearest_int(x / ln2);
  extended const high = 0x1.62e42feep-1L;  // with room for k
  extended const r = ((x - k * high) - k * 1.90821492927058781614421568075500134360e-10L) + more;
  extended sum = 1;
  for (int i = 26; i > 0; --i) sum = 1 + r * sum / i;
  return {sum, k};
}

/// exp(x) - 1 without cancellation.
constexpr extended expm1_of(extended x) {
  if (magnitude(x) > 0.35L) return exp_of(x).value() - 1;
  extended sum = 1;
  for (int i = 26; i > 1; --i) sum = 1 + x * sum / i;
  return x * sum;
}

constexpr double exp(double x) {
  if (is_nan(x)) return x;
  if (x > 710) return inf;
  if (x < -746) return 0;
  return nearest(exp_of(x).value());
}
constexpr double expm1(double x) {
  if (is_nan(x) || x == 0) return x;
  if (x > 710) return inf;
  if (x < -50) return -1;
  return nearest(expm1_of(x));
}
constexpr double exp2(double x) {
  if (is_nan(x)) return x;
  if (x >= 1024) return inf;
  if (x < -1076) return 0;
  int const k = nearest_int(x);
  exponential const e = exp_of((x - k) * ln2);
  return nearest(scaled(e.significand, e.exponent + k));
}

// ---- logarithms

/// 2 atanh(s) = log((1 + s) / (1 - s)) for small s.
constexpr extended log_of_quotient(extended s) {
  extended const square = s * s;
  extended sum = 0;
  for (int i = 59; i > 0; i -= 2) sum = 1.0L / i + square * sum;
  return 2 * s * sum;
}

/// log(x * 2^exponent) = log(significand) + exponent log 2 for positive x.
constexpr extended log_of(extended x, int exponent = 0) {
  int const k = split(static_cast<double>(x)).exponent;
  extended const m = scaled(x, -k);
  exponent += k;
  return exponent * 0x1.62e42feep-1L +
         (log_of_quotient((m - 1) / (m + 1)) + exponent * 1.90821492927058781614421568075500134360e-10L);
}

/// log(1 + x) without cancellation, for x > -1.
constexpr extended log1p_of(extended x) { return magnitude(x) < 0.35L ? log_of_quotient(x / (2 + x)) : log_of(1 + x); }

constexpr double log(double x) {
  if (is_nan(x) || x < 0) return nan;
  if (x == 0) return -inf;
  return x == inf ? x : nearest(log_of(x));
}
constexpr double log1p(double x) {
  if (is_nan(x) || x < -1) return nan;
  if (x == -1) return -inf;
  if (x == 0 || x == inf) return x;
  return nearest(x > 0x1p70 ? log_of(x) : log1p_of(x));
}
constexpr double log2(double x) {
  if (is_nan(x) || x < 0) return nan;
  if (x == 0) return -inf;
  if (x == inf) return x;
  auto const [significand, exponent] = split(x);
  extended const m = significand;
  return nearest(exponent + log_of_quotient((m - 1) / (m + 1)) / ln2);
}
constexpr double log10(double x) {
  if (is_nan(x) || x < 0) return nan;
  if (x == 0) return -inf;
  return x == inf ? x : nearest(log_of(x) / ln10);
}

// ---- powers

/// A number as the sum of two, the second below the last place of the first.
struct pair {
  extended high, low;
};

/// a * b exactly (Dekker).
constexpr pair product(extended a, extended b) {
  constexpr extended splitter = (std::uint64_t{1} << ((std::numeric_limits<extended>::digits + 1) / 2)) + 1;
  extended const sa = splitter * a, sb = splitter * b;
  extended const ah = sa - (sa - a), al = a - ah, bh = sb - (sb - b), bl = b - bh;
  extended const high = a * b;
  return {high, ((ah * bh - high) + ah * bl + al * bh) + al * bl};
}

/// x^y for positive finite x and finite y: exp(y log x) with the logarithm as a pair, since y multiplies its error.
constexpr double positive_power(double x, double y) {
  auto const [significand, exponent] = split(x);
  extended const estimate = y == 0 ? 0 : abs(y) > 0x1p64 ? 0 : y * log_of(x);
  if (abs(y) > 0x1p64) return x == 1 ? 1 : (x > 1) == (y > 0) ? inf : 0;
  if (estimate > 710) return inf;
  if (estimate < -746) return 0;
  extended const above = extended(significand) - 1, below = extended(significand) + 1, s = above / below;
  pair const back = product(s, below);
  extended const rest = ((above - back.high) - back.low) / below, square = s * s;
  extended tail = 0;
  for (int i = 59; i > 1; i -= 2) tail = 1.0L / i + square * tail;
  extended const low = 2 * rest + 2 * s * square * tail, high = 2 * s + low;
  pair const log{high, low - (high - 2 * s)};
  pair const times = product(y, log.high);
  extended const twos = extended(y) * exponent;  // exact
  int const whole = nearest_int(twos);
  exponential const e = exp_of(times.high, times.low + y * log.low + (twos - whole) * ln2);
  return nearest(scaled(e.significand, e.exponent + whole));
}

constexpr double pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (is_nan(x) || is_nan(y)) return nan;
  bool const whole = trunc(y) == y, odd = abs(y) < 0x1p53 && whole && static_cast<std::int64_t>(y) % 2 != 0;
  double const size = abs(x), sign = odd && signbit(x) ? -1 : 1;
  if (abs(y) == inf) return size == 1 ? 1 : (size > 1) == (y > 0) ? inf : 0;
  if (size == 0 || size == inf) return sign * ((size == 0) == (y > 0) ? 0 : inf);
  if (x < 0 && !whole) return nan;
  return sign * positive_power(size, y);
}

// ---- trigonometric functions

/// The bits of 2/pi after the point, behind 64 zeros: enough for the largest double.
inline constexpr std::uint32_t two_over_pi[]{
    0,          0,          0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041,
    0xfe5163ab, 0xdebbc561, 0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e,
    0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b,
    0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d,
    0x7527bac7, 0xebe5f17b, 0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046};

/// A positive angle as quadrant * pi/2 + rest, |rest| <= pi/4.
struct angle {
  int quadrant;
  extended rest;
};

/// Payne and Hanek's reduction: of the product of the significand with 2/pi only the 192 bits from weight 2 down
/// matter, multiples of 4 quadrants being dropped; at least 75 of them are left where the angle is next to a multiple
/// of pi/2.
constexpr angle reduced(double x) {
  if (x < 0.785) return {0, x};
  auto const bits = std::bit_cast<std::uint64_t>(x);
  int const exponent = static_cast<int>(bits >> 52) - 1075;  // x = significand * 2^exponent
  std::uint64_t const significand = (bits & 0x000fffffffffffffu) | 0x0010000000000000u;
  int const first = exponent + 62;  // the bit of weight 2^(1 - exponent) in the table
  std::uint32_t limbs[6]{};         // least significant first
  for (int i = 0; i < 6; ++i) {
    int const word = first / 32 + 5 - i, shift = first % 32;
    limbs[i] = two_over_pi[word] << shift | (shift == 0 ? 0 : two_over_pi[word + 1] >> (32 - shift));
  }
  std::uint32_t turns[6]{};
  for (int half = 0; half < 2; ++half) {
    std::uint64_t const factor = half == 0 ? significand & 0xffffffffu : significand >> 32;
    std::uint64_t carry = 0;
    for (int i = 0; i + half < 6; ++i) {
      carry += factor * limbs[i] + turns[i + half];
      turns[i + half] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }
  int quadrant = static_cast<int>(turns[5] >> 30);
  bool const down = (turns[5] >> 29 & 1u) != 0;  // past the middle: the rest is negative
  turns[5] &= 0x3fffffffu;
  if (down) {
    quadrant = (quadrant + 1) % 4;
    std::uint64_t carry = 1;
    for (std::uint32_t& limb : turns) {
      carry += ~limb;
      limb = static_cast<std::uint32_t>(carry);
      carry = carry >> 32 & 1u;
    }
    turns[5] &= 0x3fffffffu;
  }
  extended fraction = 0;
  for (std::uint32_t limb : turns) fraction = (fraction + limb) * 0x1p-32L;
  fraction *= 4 * (pi / 2);
  return {quadrant, down ? -fraction : fraction};
}

constexpr extended sin_of(extended x) {
  extended sum = 1;
  for (int i = 28; i > 0; i -= 2) sum = 1 - x * x * sum / (i * (i + 1));
  return x * sum;
}
constexpr extended cos_of(extended x) {
  extended sum = 1;
  for (int i = 27; i > 0; i -= 2) sum = 1 - x * x * sum / (i * (i + 1));
  return sum;
}

constexpr double sin(double x) {
  if (is_nan(x) || abs(x) == inf) return nan;
  if (x == 0) return x;
  angle const a = reduced(abs(x));
  extended const size = a.quadrant % 2 == 0 ? sin_of(a.rest) : cos_of(a.rest);
  return static_cast<double>((a.quadrant >= 2) != (x < 0) ? -size : size);
}
constexpr double cos(double x) {
  if (is_nan(x) || abs(x) == inf) return nan;
  angle const a = reduced(abs(x));
  extended const size = a.quadrant % 2 == 0 ? cos_of(a.rest) : sin_of(a.rest);
  return static_cast<double>(a.quadrant == 1 || a.quadrant == 2 ? -size : size);
}
constexpr double tan(double x) {
  if (is_nan(x) || abs(x) == inf) return nan;
  if (x == 0) return x;
  angle const a = reduced(abs(x));
  extended const s = sin_of(a.rest), c = cos_of(a.rest);
  extended const size = a.quadrant % 2 == 0 ? s / c : -c / s;
  return static_cast<double>(x < 0 ? -size : size);
}

/// The angle in [0, pi/2] whose tangent is y / x, for y, x >= 0 that are not both 0:
/// atan r = pi/4 + atan((r - 1)/(r + 1)).
constexpr extended atan_of(extended y, extended x) {
  if (y > x) return pi / 2 - atan_of(x, y);
  bool const near = y > 0.4L * x;
  extended const r = near ? (y - x) / (y + x) : y / x, square = r * r;
  extended sum = 0;
  for (int i = 57; i > 0; i -= 2) sum = 1.0L / i - square * sum;
  return near ? pi / 4 + r * sum : r * sum;
}

constexpr double atan2(double y, double x) {
  if (is_nan(x) || is_nan(y)) return nan;
  extended size = 0;
  if (abs(x) == inf) size = abs(y) == inf ? pi / 4 : 0;
  else if (abs(y) == inf) size = pi / 2;
  else if (x != 0 || y != 0) size = atan_of(abs(y), abs(x));
  if (signbit(x)) size = pi - size;
  return copysign(static_cast<double>(size), y);
}
constexpr double atan(double x) { return is_nan(x) ? x : atan2(x, 1); }
constexpr double asin(double x) {
  if (!(abs(x) <= 1)) return nan;
  if (abs(x) < 0x1p-40) return x;
  extended const size = abs(x);
  return copysign(static_cast<double>(size == 1 ? pi / 2 : atan_of(size, root((1 - size) * (1 + size)))), x);
}
constexpr double acos(double x) {
  if (!(abs(x) <= 1)) return nan;
  if (abs(x) == 1) return x < 0 ? static_cast<double>(pi) : 0;
  extended const wide = x;
  return static_cast<double>(2 * atan_of(root(1 - wide), root(1 + wide)));
}

// ---- hyperbolic functions

constexpr double sinh(double x) {
  if (is_nan(x) || x == 0) return x;
  if (abs(x) > 711) return copysign(inf, x);
  extended const e = expm1_of(abs(x));
  return copysign(nearest((e + e / (e + 1)) / 2), x);
}
constexpr double cosh(double x) {
  if (is_nan(x)) return x;
  if (abs(x) > 711) return inf;
  extended const e = exp_of(abs(x)).value();
  return nearest((e + 1 / e) / 2);
}
constexpr double tanh(double x) {
  if (is_nan(x) || x == 0) return x;
  if (abs(x) > 25) return copysign(1, x);
  extended const e = expm1_of(2 * extended(abs(x)));
  return copysign(static_cast<double>(e / (e + 2)), x);
}
constexpr double asinh(double x) {
  if (is_nan(x) || x == 0 || abs(x) == inf) return x;
  extended const size = abs(x);
  if (size > 0x1p40L) return copysign(static_cast<double>(log_of(size, 1)), x);
  if (size < 0x1p-40L) return x;
  return copysign(static_cast<double>(log1p_of(size + size * size / (1 + root(1 + size * size)))), x);
}
constexpr double acosh(double x) {
  if (is_nan(x) || x < 1) return nan;
  if (x == inf) return x;
  if (x == 1) return 0;
  extended const more = extended(x) - 1;
  return static_cast<double>(x > 0x1p40 ? log_of(x, 1) : log1p_of(more + root(more * (more + 2))));
}
constexpr double atanh(double x) {
  if (!(abs(x) <= 1)) return nan;
  if (abs(x) == 1) return copysign(inf, x);
  if (x == 0) return x;
  extended const size = abs(x);
  return copysign(static_cast<double>(log1p_of(2 * size / (1 - size)) / 2), x);
}

// ---- the error function

/// erf(x) for 0 <= x < 3 by a series of positive terms; DLMF 7.6.2.
constexpr extended erf_of(extended x) {
  extended sum = 1;
  for (int i = 80; i > 0; --i) sum = 1 + 2 * x * x * sum / (2 * i + 1);
  extended const e = exp_of(-x * x).value();
  return 2 / sqrt_pi * x * e * sum;
}

/// erfc(x) for x >= 2 by the continued fraction; DLMF 7.9.1.
constexpr extended erfc_of(extended x) {
  extended fraction = x;
  for (int i = 120; i > 0; --i) fraction = x + i / (2 * fraction);
  return exp_of(-x * x).value() / (sqrt_pi * fraction);
}

constexpr double erf(double x) {
  if (is_nan(x) || x == 0) return x;
  double const size = abs(x);
  return copysign(size > 6 ? 1 : nearest(size < 2 ? erf_of(size) : 1 - erfc_of(size)), x);
}
constexpr double erfc(double x) {
  if (is_nan(x)) return x;
  if (x < 0) return x < -6 ? 2 : nearest(1 + (x > -2 ? erf_of(-x) : 1 - erfc_of(-x)));
  if (x > 28) return 0;
  return nearest(x < 2 ? 1 - erf_of(x) : erfc_of(x));
}

}  // namespace ddx::constant_math

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Exact constants: a quotient of two doubles, whose arithmetic answers only where the result is exact and finite.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace ddx {

/// The constant numerator / denominator. A literal is {literal, 1}; 1/3 stays {1, 3} until it is evaluated.
struct rational {
  double numerator = 0;
  double denominator = 1;

  constexpr double value() const { return denominator == 1 ? numerator : numerator / denominator; }
  constexpr bool is(double number) const { return denominator == 1 && numerator == number; }
  constexpr bool negative() const { return numerator < 0; }
  constexpr rational operator-() const { return {-numerator, denominator}; }

  /// Same bits: 0 and -0 differ, a NaN equals itself.
  constexpr bool operator==(rational const& other) const {
    return std::bit_cast<std::uint64_t>(numerator) == std::bit_cast<std::uint64_t>(other.numerator) &&
           std::bit_cast<std::uint64_t>(denominator) == std::bit_cast<std::uint64_t>(other.denominator);
  }
};

namespace exact {

inline constexpr double largest_integer = 9007199254740992.0;  // 2^53: up to here doubles are all the integers

constexpr double magnitude(double x) { return x < 0 ? -x : x; }

constexpr bool is_integer(double x) {
  return magnitude(x) < largest_integer && static_cast<double>(static_cast<std::int64_t>(x)) == x;
}

/// Sets `result` to a * b and answers whether that is exact and finite (Dekker's product, guarded against overflow:
/// an overflow in a constant expression is a hard error).
constexpr bool multiply(double a, double b, double& result) {
  double const size_a = magnitude(a), size_b = magnitude(b);
  if (!(size_a < 1e150) || !(size_b < 1e150)) return false;
  result = a * b;
  if (a == 0 || b == 0) return true;
  if (size_a < 1e-120 || size_b < 1e-120) return size_a == 1 || size_b == 1;
  double const split_a = 134217729.0 * a, split_b = 134217729.0 * b;  // 2^27 + 1
  double const high_a = split_a - (split_a - a), low_a = a - high_a;
  double const high_b = split_b - (split_b - b), low_b = b - high_b;
  return ((high_a * high_b - result) + high_a * low_b + low_a * high_b) + low_a * low_b == 0;
}

/// Sets `result` to a + b and answers whether that is exact and finite (Knuth's sum).
constexpr bool add(double a, double b, double& result) {
  if (!(magnitude(a) < 1e300) || !(magnitude(b) < 1e300)) return false;
  result = a + b;
  double const part = result - a;
  return (a - (result - part)) + (b - part) == 0;
}

constexpr double greatest_common_divisor(double a, double b) {
  auto x = static_cast<std::int64_t>(magnitude(a)), y = static_cast<std::int64_t>(magnitude(b));
  while (y != 0) {
    std::int64_t const rest = x % y;
    x = y;
    y = rest;
  }
  return static_cast<double>(x);
}

/// A whole quotient of fractions such as 1/0.25 = 4, else lowest terms and a positive denominator where both parts are integers.
constexpr rational reduce(rational r) {
  if (r.denominator == 1) return r;
  if (r.denominator < 0) r = {-r.numerator, -r.denominator};
  if (r.numerator == 0) return {r.numerator, 1};
  if (is_integer(r.numerator) && is_integer(r.denominator)) {
    double const divisor = greatest_common_divisor(r.numerator, r.denominator);
    return {r.numerator / divisor, r.denominator / divisor};
  }
  double back = 0;
  if (magnitude(r.denominator) > 1e-120 && magnitude(r.numerator) < 1e150) {
    double const quotient = r.numerator / r.denominator;
    if (multiply(quotient, r.denominator, back) && back == r.numerator) return {quotient, 1};
  }
  return r;
}

constexpr bool multiply(rational a, rational b, rational& result) {
  rational product;
  if (!multiply(a.numerator, b.numerator, product.numerator)) return false;
  if (!multiply(a.denominator, b.denominator, product.denominator)) return false;
  result = reduce(product);
  return true;
}

/// a / b; a zero divisor does not fold, so that 1/0 stays what it is.
constexpr bool divide(rational a, rational b, rational& result) {
  if (b.numerator == 0) return false;
  return multiply(a, {b.denominator, b.numerator}, result);
}

constexpr bool add(rational a, rational b, rational& result) {
  double left = 0, right = 0;
  rational sum;
  if (a.denominator == b.denominator) {
    if (!add(a.numerator, b.numerator, sum.numerator)) return false;
    sum.denominator = a.denominator;
  } else if (!multiply(a.numerator, b.denominator, left) || !multiply(b.numerator, a.denominator, right) ||
             !add(left, right, sum.numerator) || !multiply(a.denominator, b.denominator, sum.denominator)) {
    return false;
  }
  result = reduce(sum);
  return true;
}

/// base^exponent for a whole exponent by repeated multiplication, every step exact.
constexpr bool power(rational base, int exponent, rational& result) {
  rational product{1, 1};
  bool const inverse = exponent < 0;
  if (inverse) exponent = -exponent;
  if (exponent > 64 || (inverse && base.numerator == 0)) return false;
  for (int i = 0; i < exponent; ++i)
    if (!multiply(product, base, product)) return false;
  if (inverse) return divide({1, 1}, product, result);
  result = product;
  return true;
}

}  // namespace exact
}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The rest of what templates written for double call, for reals: names of the standard library that the table of
// primitives has otherwise or not, limits, hash, streams.
#pragma once

#include <cmath>
#include <functional>
#include <iosfwd>
#include <limits>

#include "real.hpp"

namespace ddx {

/// A real or an expression of reals.
template <class Type>
concept Real = std::is_same_v<std::remove_cvref_t<Type>, real> || RealExpression<Type>;

/// At least one of them, the other possibly a number.
template <class Left, class Right>
concept Reals = (Real<Left> || Real<Right>) && Operands<Left, Right>;

template <Real Type>
constexpr auto fabs(Type const& x) {
  return abs(x);
}
template <Real Type>
constexpr auto tgamma(Type const& x) {
  return gamma(x);
}
/// x^2, which Eigen and statistics code call by these names.
template <Real Type>
constexpr auto abs2(Type const& x) {
  return square(x);
}

/// As std::fmin and std::fmax: a NaN gives way to the other operand.
template <class Left, class Right>
  requires Reals<Left, Right>
real fmin(Left const& left, Right const& right) {
  real const a(left), b(right);
  return a.value() != a.value() ? b : b.value() != b.value() ? a : real(min(a, b));
}
template <class Left, class Right>
  requires Reals<Left, Right>
real fmax(Left const& left, Right const& right) {
  real const a(left), b(right);
  return a.value() != a.value() ? b : b.value() != b.value() ? a : real(max(a, b));
}
/// max(x - y, 0).
template <class Left, class Right>
  requires Reals<Left, Right>
real fdim(Left const& left, Right const& right) {
  return relu(left - right);
}
template <class First, class Second, class Third>
  requires((Real<First> || Real<Second> || Real<Third>) && Operands<First, Second, Third>)
real fma(First const& a, Second const& b, Third const& c) {
  return real(a) * real(b) + real(c);
}

/// The value's sign, which the tape does not keep.
template <Real Type>
bool signbit(Type const& x) {
  return std::signbit(x.value());
}
/// |x| with the sign of the value of y.
template <class Left, class Right>
  requires Reals<Left, Right>
real copysign(Left const& magnitude, Right const& sign) {
  real const x(magnitude);
  bool const flip = std::signbit(x.value()) != std::signbit(real(sign).value());
  return flip ? real(-x) : x;
}

template <Real Type>
bool isnan(Type const& x) {
  return std::isnan(x.value());
}
template <Real Type>
bool isinf(Type const& x) {
  return std::isinf(x.value());
}
template <Real Type>
bool isfinite(Type const& x) {
  return std::isfinite(x.value());
}
template <Real Type>
bool isnormal(Type const& x) {
  return std::isnormal(x.value());
}
template <Real Type>
int fpclassify(Type const& x) {
  return std::fpclassify(x.value());
}

/// x * 2^exponent.
template <Real Type>
constexpr auto ldexp(Type const& x, int exponent) {
  return x * std::ldexp(1.0, exponent);
}
template <Real Type>
constexpr auto scalbn(Type const& x, int exponent) {
  return x * std::ldexp(1.0, exponent);
}
/// x / 2^exponent with the exponent of the value.
template <Real Type>
real frexp(Type const& x, int* exponent) {
  std::frexp(x.value(), exponent);
  return ldexp(ldexp(real(x), -(*exponent / 2)), *exponent / 2 - *exponent);
}
template <Real Type>
int ilogb(Type const& x) {
  return std::ilogb(x.value());
}
template <Real Type>
real logb(Type const& x) {
  return std::logb(x.value());
}
/// The part behind the point; that before it goes to `whole`.
template <Real Type>
real modf(Type const& x, real* whole) {
  real const given(x);
  *whole = trunc(given);
  return given - *whole;
}
template <Real Type>
real nearbyint(Type const& x) {
  return std::nearbyint(x.value());
}
template <Real Type>
real rint(Type const& x) {
  return std::rint(x.value());
}
/// The tape keeps these outcomes as those of comparisons.
template <Real Type>
long lround(Type const& x) {
  return static_cast<long>(real(round(x)));
}
template <Real Type>
long long llround(Type const& x) {
  return static_cast<long long>(real(round(x)));
}

std::ostream& operator<<(std::ostream& to, real const& x);
std::istream& operator>>(std::istream& from, real& x);
template <RealExpression Type>
std::ostream& operator<<(std::ostream& to, Type const& x) {
  return to << real(x.value());
}

}  // namespace ddx

namespace std {

/// Those of double.
template <>
class numeric_limits<ddx::real> : public numeric_limits<double> {
  using of = numeric_limits<double>;

 public:
  static constexpr ddx::real min() noexcept { return of::min(); }
  static constexpr ddx::real max() noexcept { return of::max(); }
  static constexpr ddx::real lowest() noexcept { return of::lowest(); }
  static constexpr ddx::real epsilon() noexcept { return of::epsilon(); }
  static constexpr ddx::real round_error() noexcept { return of::round_error(); }
  static constexpr ddx::real infinity() noexcept { return of::infinity(); }
  static constexpr ddx::real quiet_NaN() noexcept { return of::quiet_NaN(); }
  static constexpr ddx::real signaling_NaN() noexcept { return of::signaling_NaN(); }
  static constexpr ddx::real denorm_min() noexcept { return of::denorm_min(); }
};

template <ddx::RealExpression Type>
class numeric_limits<Type> : public numeric_limits<ddx::real> {};

template <>
struct hash<ddx::real> {
  size_t operator()(ddx::real const& x) const noexcept { return hash<double>{}(x.value()); }
};

}  // namespace std

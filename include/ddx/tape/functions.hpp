// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The rest of what templates written for double call, for reals: names of the standard library that the table of
// primitives has otherwise or not, limits, hash, streams.
#pragma once

#include <cmath>
#include <compare>
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

namespace detail {

/// Whether it is NaN; that it is the tape keeps.
inline bool gives_way(real const& x) { return std::isnan(x.value()) && x != x; }

}  // namespace detail

/// As std::fmin and std::fmax: a NaN gives way to the other operand.
template <class Left, class Right>
  requires Reals<Left, Right>
real fmin(Left const& left, Right const& right) {
  real const a(left), b(right);
  return detail::gives_way(a) ? b : detail::gives_way(b) ? a : real(min(a, b));
}
template <class Left, class Right>
  requires Reals<Left, Right>
real fmax(Left const& left, Right const& right) {
  real const a(left), b(right);
  return detail::gives_way(a) ? b : detail::gives_way(b) ? a : real(max(a, b));
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
template <class First, class Second, class Third>
  requires((Real<First> || Real<Second> || Real<Third>) && Operands<First, Second, Third>)
real hypot(First const& a, Second const& b, Third const& c) {
  return hypot(hypot(real(a), real(b)), real(c));
}
/// a + t (b - a), and b at t = 1.
template <class First, class Second, class Third>
  requires((Real<First> || Real<Second> || Real<Third>) && Operands<First, Second, Third>)
real lerp(First const& a, Second const& b, Third const& t) {
  real const from(a), to(b), part(t);
  return part == 1 ? to : real(from + part * (to - from));
}

// What steers programs is kept by the tape, as comparisons are, so that a replay tells where it would come out
// otherwise.

template <Real Type>
bool isnan(Type const& x) {
  real const given(x);
  return given != given;
}
template <Real Type>
bool isinf(Type const& x) {
  return abs(x) == std::numeric_limits<double>::infinity();
}
template <Real Type>
bool isfinite(Type const& x) {
  return abs(x) <= std::numeric_limits<double>::max();
}
template <Real Type>
bool isnormal(Type const& x) {
  real const size = abs(x);
  return size >= std::numeric_limits<double>::min() && size <= std::numeric_limits<double>::max();
}
template <Real Type>
int fpclassify(Type const& x) {
  real const given(x);
  if (isnan(given)) return FP_NAN;
  if (isinf(given)) return FP_INFINITE;
  if (isnormal(given)) return FP_NORMAL;
  return given == 0 ? FP_ZERO : FP_SUBNORMAL;
}
template <class Left, class Right>
  requires Reals<Left, Right>
bool isunordered(Left const& left, Right const& right) {
  return isnan(real(left)) || isnan(real(right));
}
/// The sign of the value; that of 0 and of NaN the tape does not keep.
template <Real Type>
bool signbit(Type const& x) {
  real const given(x);
  return given < 0 || (!(given > 0) && std::signbit(given.value()));
}
/// |x| with the sign of y.
template <class Left, class Right>
  requires Reals<Left, Right>
real copysign(Left const& magnitude, Right const& sign) {
  real const x(magnitude);
  return signbit(x) != signbit(real(sign)) ? real(-x) : x;
}
/// x - n y with n = x / y rounded, halves to the even one.
template <class Left, class Right>
  requires Reals<Left, Right>
real remainder(Left const& left, Right const& right) {
  real const y(right), rest = fmod(left, 2 * y), size = abs(rest), width = abs(y);
  if (2 * size <= width) return rest;
  return rest - copysign(size - width < width / 2 ? width : real(2 * width), rest);
}
/// The number beside x in the direction of y; it moves as x does.
template <class Left, class Right>
  requires Reals<Left, Right>
real nextafter(Left const& from, Right const& towards) {
  real const x(from);
  double const next = std::nextafter(x.value(), real(towards).value());
  return std::isfinite(next - x.value()) ? real(x + (next - x.value())) : real(next);
}

/// Less, equal, greater or, where one is NaN, none of them. (One constraint, not a conjunction that contains that of <:
/// it would make this a better match for < than < itself.)
template <class Left, class Right>
  requires(bool(Reals<Left, Right>))
std::partial_ordering operator<=>(Left const& left, Right const& right) {
  real const a(left), b(right);
  if (a < b) return std::partial_ordering::less;
  if (a > b) return std::partial_ordering::greater;
  return a == b ? std::partial_ordering::equivalent : std::partial_ordering::unordered;
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
template <Real Type>
constexpr auto scalbln(Type const& x, long exponent) {
  return x * std::scalbln(1.0, exponent);
}
/// The exponent of |x| = m 2^exponent, 1 <= m < 2; that of 0, infinity and NaN as std::ilogb says.
template <Real Type>
int ilogb(Type const& x) {
  real const size = abs(x);
  int const exponent = std::ilogb(size.value());
  if (size > 0 && size <= std::numeric_limits<double>::max()) {
    static_cast<void>(size >= std::ldexp(1.0, exponent));
    if (exponent < std::numeric_limits<double>::max_exponent - 1)
      static_cast<void>(size < std::ldexp(1.0, exponent + 1));
  }
  return exponent;
}
template <Real Type>
real logb(Type const& x) {
  static_cast<void>(ilogb(x));
  return std::logb(real(x).value());
}
/// x / 2^exponent with the exponent of x.
template <Real Type>
real frexp(Type const& x, int* exponent) {
  real const given(x);
  std::frexp(given.value(), exponent);
  static_cast<void>(ilogb(given));
  return ldexp(ldexp(given, -(*exponent / 2)), *exponent / 2 - *exponent);
}
/// The part behind the point; that before it goes to `whole`.
template <Real Type>
real modf(Type const& x, real* whole) {
  real const given(x);
  *whole = trunc(given);
  return given - *whole;
}
/// The nearest whole number, halves to the even one, whatever the rounding mode.
template <Real Type>
real rint(Type const& x) {
  real const given(x);
  bool const half = abs(given - trunc(given)) == 0.5;
  return half ? real(2 * round(given / 2)) : real(round(given));
}
template <Real Type>
real nearbyint(Type const& x) {
  return rint(x);
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
template <Real Type>
long lrint(Type const& x) {
  return static_cast<long>(rint(x));
}
template <Real Type>
long long llrint(Type const& x) {
  return static_cast<long long>(rint(x));
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

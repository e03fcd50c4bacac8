// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records of trigonometric functions and their inverses.
#pragma once

#include "exponential.hpp"

namespace ddx {

struct sin_ {
  static constexpr std::string_view name = "sin";
  static constexpr auto value = [](auto a) {
    using math::sin;
    return sin(a);
  };
  static constexpr rules partials{[](auto a, auto) { return cos(a); }};
  static constexpr notation latex{"\\sin\\left({0}\\right)"};
};
DDX_LIBRARY_FUNCTION(sin, sin_);

struct cos_ {
  static constexpr std::string_view name = "cos";
  static constexpr auto value = [](auto a) {
    using math::cos;
    return cos(a);
  };
  static constexpr rules partials{[](auto a, auto) { return -sin(a); }};
  static constexpr notation latex{"\\cos\\left({0}\\right)"};
};
DDX_LIBRARY_FUNCTION(cos, cos_);

struct tan_ {
  static constexpr std::string_view name = "tan";
  static constexpr auto value = [](auto a) {
    using math::tan;
    return tan(a);
  };
  static constexpr rules partials{[](auto, auto y) { return 1 + pow(y, 2); }};
  static constexpr notation latex{"\\tan\\left({0}\\right)"};
  static constexpr std::array domain{interval{-1.3, 1.3}};
};
DDX_LIBRARY_FUNCTION(tan, tan_);

/// 1 / cos(x).
struct sec_ {
  static constexpr std::string_view name = "sec";
  static constexpr auto lowered = [](auto a) { return 1 / cos(a); };
  static constexpr auto value = [](auto a) {
    using math::cos;
    return decltype(a)(1) / cos(a);
  };
  static constexpr rules partials{[](auto a, auto y) { return y * tan(a); }};
  static constexpr notation latex{"\\sec\\left({0}\\right)"};
  static constexpr notation cpp{"1/std::cos({0})", precedence::product};
  static constexpr std::array domain{interval{-1.2, 1.2}};
};
DDX_LIBRARY_FUNCTION(sec, sec_);

/// 1 / sin(x): +inf at 0, -inf at -0.
struct csc_ {
  static constexpr std::string_view name = "csc";
  static constexpr auto lowered = [](auto a) { return 1 / sin(a); };
  static constexpr auto value = [](auto a) {
    using math::sin;
    return decltype(a)(1) / sin(a);
  };
  static constexpr rules partials{[](auto a, auto y) { return -y * cot(a); }};
  static constexpr notation latex{"\\csc\\left({0}\\right)"};
  static constexpr notation cpp{"1/std::sin({0})", precedence::product};
  static constexpr std::array domain{interval{0.4, 2.7}};
};
DDX_LIBRARY_FUNCTION(csc, csc_);

/// 1 / tan(x): +inf at 0, -inf at -0.
struct cot_ {
  static constexpr std::string_view name = "cot";
  static constexpr auto lowered = [](auto a) { return 1 / tan(a); };
  static constexpr auto value = [](auto a) {
    using math::tan;
    return decltype(a)(1) / tan(a);
  };
  static constexpr rules partials{[](auto, auto y) { return -(1 + pow(y, 2)); }};
  static constexpr notation latex{"\\cot\\left({0}\\right)"};
  static constexpr notation cpp{"1/std::tan({0})", precedence::product};
  static constexpr std::array domain{interval{0.4, 2.7}};
};
DDX_LIBRARY_FUNCTION(cot, cot_);

/// The derivative at -1 and 1 is +inf.
struct asin_ {
  static constexpr std::string_view name = "asin";
  static constexpr auto value = [](auto a) {
    using math::asin;
    return asin(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / sqrt(1 - pow(a, 2)); }};
  static constexpr notation latex{"\\arcsin\\left({0}\\right)"};
  static constexpr std::array domain{interval{-0.9, 0.9}};
};
DDX_LIBRARY_FUNCTION(asin, asin_);

/// The derivative at -1 and 1 is -inf.
struct acos_ {
  static constexpr std::string_view name = "acos";
  static constexpr auto value = [](auto a) {
    using math::acos;
    return acos(a);
  };
  static constexpr rules partials{[](auto a, auto) { return -1 / sqrt(1 - pow(a, 2)); }};
  static constexpr notation latex{"\\arccos\\left({0}\\right)"};
  static constexpr std::array domain{interval{-0.9, 0.9}};
};
DDX_LIBRARY_FUNCTION(acos, acos_);

struct atan_ {
  static constexpr std::string_view name = "atan";
  static constexpr auto value = [](auto a) {
    using math::atan;
    return atan(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / (1 + pow(a, 2)); }};
  static constexpr notation latex{"\\arctan\\left({0}\\right)"};
};
DDX_LIBRARY_FUNCTION(atan, atan_);

/// The angle of the point (x, y) = (second, first operand). At the origin the derivatives do not exist and are NaN.
struct atan2_ {
  static constexpr std::string_view name = "atan2";
  static constexpr auto value = [](auto a, auto b) {
    using math::atan2;
    return atan2(a, b);
  };
  static constexpr rules partials{[](auto a, auto b, auto) { return b / (pow(a, 2) + pow(b, 2)); },
                                  [](auto a, auto b, auto) { return -a / (pow(a, 2) + pow(b, 2)); }};
  static constexpr auto kink = [](double a, double b) { return a == 0 && b <= 0; };
  static constexpr std::array domain{interval{0.2, 3}, interval{-3, 3}};
};
DDX_LIBRARY_FUNCTION(atan2, atan2_);

// asec and acsc by the legs of the triangle, of which the other is sqrt(x^2 - 1), or |x| where that overflows: acos(1/x) would lose
// half of the digits near 1.

namespace detail {

inline constexpr auto other_leg_traced = [](auto a) {
  auto const square = (abs(a) - 1) * (abs(a) + 1);
  return where(square < std::numeric_limits<double>::infinity(), sqrt(square), abs(a));
};

inline constexpr auto other_leg = [](auto a) {
  using math::sqrt, std::abs;
  using number = decltype(a);
  auto const size = abs(a), square = (size - number(1)) * (size + number(1));
  return select(square < number(std::numeric_limits<double>::infinity()), sqrt(square), size);
};

}  // namespace detail

/// The angle whose secant is x, in [0, pi]: acos(1/x). NaN inside (-1, 1); the derivative at -1 and 1 is +inf.
struct asec_ {
  static constexpr std::string_view name = "asec";
  static constexpr auto lowered = [](auto a) { return atan2(detail::other_leg_traced(a), sign(a)); };
  static constexpr auto value = [](auto a) {
    using math::atan2;
    return atan2(detail::other_leg(a), sign_::value(a));
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / (abs(a) * sqrt(pow(a, 2) - 1)); }};
  static constexpr notation latex{"\\operatorname{arcsec}\\left({0}\\right)"};
  static constexpr notation cpp{
      "std::atan2(std::sqrt(std::abs({0}) - 1)*std::sqrt(std::abs({0}) + 1), std::copysign(1.0, {0}))"};
  static constexpr std::array domain{interval{1.3, 4}};
};
DDX_LIBRARY_FUNCTION(asec, asec_);

/// The angle whose cosecant is x, in [-pi/2, pi/2]: asin(1/x). NaN inside (-1, 1); the derivative at -1 and 1 is -inf.
struct acsc_ {
  static constexpr std::string_view name = "acsc";
  static constexpr auto lowered = [](auto a) { return atan2(sign(a), detail::other_leg_traced(a)); };
  static constexpr auto value = [](auto a) {
    using math::atan2;
    return atan2(sign_::value(a), detail::other_leg(a));
  };
  static constexpr rules partials{[](auto a, auto) { return -1 / (abs(a) * sqrt(pow(a, 2) - 1)); }};
  static constexpr notation latex{"\\operatorname{arccsc}\\left({0}\\right)"};
  static constexpr notation cpp{
      "std::atan2(std::copysign(1.0, {0}), std::sqrt(std::abs({0}) - 1)*std::sqrt(std::abs({0}) + 1))"};
  static constexpr std::array domain{interval{1.3, 4}};
};
DDX_LIBRARY_FUNCTION(acsc, acsc_);

/// The angle whose cotangent is x, in [-pi/2, pi/2]: atan(1/x) (DLMF 4.23.9), which jumps at 0, from -pi/2 at -0 to
/// pi/2 at 0.
struct acot_ {
  static constexpr std::string_view name = "acot";
  static constexpr auto lowered = [](auto a) { return atan(1 / a); };
  static constexpr auto value = [](auto a) {
    using math::atan;
    return atan(decltype(a)(1) / a);
  };
  static constexpr rules partials{[](auto a, auto) { return -1 / (1 + pow(a, 2)); }};
  static constexpr auto kink = [](double a) { return a == 0; };
  static constexpr notation latex{"\\operatorname{arccot}\\left({0}\\right)"};
  static constexpr notation cpp{"std::atan(1/{0})", precedence::atom, precedence::power};
  static constexpr std::array domain{interval{0.2, 3}};
};
DDX_LIBRARY_FUNCTION(acot, acot_);

}  // namespace ddx

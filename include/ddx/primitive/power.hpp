// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records of powers and magnitudes: pow, square, sqrt, cbrt, hypot, abs, sign, min, max, relu.
#pragma once

#include "logic.hpp"
#include "math.hpp"

namespace ddx {

/// x^y as std::pow: pow(x, 0) = 1 for every x, with derivative 0 by x at 0 as well; NaN for x < 0 and y not whole. The derivative
/// by y at x = 0 is the limit 0 for y > 0 and -inf below.
struct pow_ {
  static constexpr std::string_view name = "pow";
  static constexpr int exponent = 1;
  static constexpr auto value = [](auto a, auto b) {
    using math::pow;
    return pow(a, b);
  };
  static constexpr rules partials{
      [](auto a, auto b, auto) { return where(b == 0, 0, b * pow(a, b - 1)); },
      [](auto a, auto b, auto y) { return where(a == 0 && b > 0, 0, y * log(a)); },
  };
  static constexpr std::array domain{interval{0.2, 3}, interval{-2, 3}};
};
DDX_LIBRARY_FUNCTION(pow, pow_);

struct square_ {
  static constexpr std::string_view name = "square";
  static constexpr bool exact_on_whole = true;
  static constexpr auto value = [](auto a) { return a * a; };
  static constexpr auto canonical = [](auto a) { return pow(a, 2); };
  static constexpr rules partials{[](auto a, auto) { return 2 * a; }};
  static constexpr notation text{"{0}^2", precedence::power, precedence::atom};
  static constexpr notation cpp{"{0}*{0}", precedence::product, precedence::sign};
};
DDX_LIBRARY_FUNCTION(square, square_);

/// The derivative at 0 is +inf.
struct sqrt_ {
  static constexpr std::string_view name = "sqrt";
  static constexpr bool cheap = true;
  static constexpr auto value = [](auto a) {
    using math::sqrt;
    return sqrt(a);
  };
  static constexpr rules partials{[](auto, auto y) { return 1 / (2 * y); }};
  static constexpr notation unicode{"√{0}", precedence::power, precedence::atom}, latex{"\\sqrt{{0}}"};
  static constexpr std::array domain{interval{0.1, 4}};
};
DDX_LIBRARY_FUNCTION(sqrt, sqrt_);

/// The real cube root, negative for negative x. The derivative at 0 is +inf.
struct cbrt_ {
  static constexpr std::string_view name = "cbrt";
  static constexpr auto value = [](auto a) {
    using math::cbrt;
    return cbrt(a);
  };
  static constexpr rules partials{[](auto, auto y) { return 1 / (3 * pow(y, 2)); }};
  static constexpr notation latex{"\\sqrt[3]{{0}}"};
  static constexpr std::array domain{interval{0.2, 4}};
};
DDX_LIBRARY_FUNCTION(cbrt, cbrt_);

/// sqrt(x^2 + y^2) without overflow. Not differentiable at the origin, where both derivatives are taken as 0.
struct hypot_ {
  static constexpr std::string_view name = "hypot";
  static constexpr auto value = [](auto a, auto b) {
    using math::hypot;
    return hypot(a, b);
  };
  static constexpr rules partials{[](auto a, auto, auto y) { return where(y == 0, 0, a / y); },
                                  [](auto, auto b, auto y) { return where(y == 0, 0, b / y); }};
  static constexpr auto kink = [](double a, double b) { return a == 0 && b == 0; };
  static constexpr std::array domain{interval{0.2, 3}, interval{-3, 3}};
};
DDX_LIBRARY_FUNCTION(hypot, hypot_);

/// The derivative at 0 is taken as 0.
struct abs_ {
  static constexpr std::string_view name = "abs";
  static constexpr bool exact_on_whole = true;
  static constexpr auto value = [](auto a) {
    using std::abs;
    return abs(a);
  };
  static constexpr rules partials{[](auto a, auto) { return sign(a); }};
  static constexpr auto kink = [](double a) { return a == 0; };
  static constexpr notation unicode{"|{0}|"}, latex{"\\left|{0}\\right|"};
  static constexpr std::array domain{interval{-3, -0.1}};
};
DDX_LIBRARY_FUNCTION(abs, abs_);

/// -1, 0 or 1; the sign of zero and NaN are kept. The derivative is 0 everywhere.
struct sign_ {
  static constexpr std::string_view name = "sign";
  static constexpr bool exact_on_whole = true;
  static constexpr auto value = [](auto a) {
    using number = decltype(a);
    return select(a > number(0), number(1), select(a < number(0), number(-1), a));
  };
  static constexpr rules partials{[](auto, auto) { return 0; }};
  static constexpr auto kink = [](double a) { return a == 0; };
  static constexpr notation cpp{"({0} > 0 ? 1.0 : {0} < 0 ? -1.0 : {0})", precedence::atom, precedence::sum};
  static constexpr std::array domain{interval{0.1, 3}};
};
DDX_LIBRARY_FUNCTION(sign, sign_);

/// The smaller operand, NaN if either is. Where both are equal each derivative is 1/2.
struct min_ {
  static constexpr std::string_view name = "min";
  static constexpr bool exact_on_whole = true;
  static constexpr auto value = [](auto a, auto b) { return select((a < b) | (a != a), a, b); };
  static constexpr rules partials{[](auto a, auto b, auto) { return where(a < b, 1, where(a == b, 0.5, 0)); },
                                  [](auto a, auto b, auto) { return where(b < a, 1, where(a == b, 0.5, 0)); }};
  static constexpr auto kink = [](double a, double b) { return a == b; };
  static constexpr notation latex{"\\min\\left({0}, {1}\\right)"};
  static constexpr notation cpp{"({0} < {1} || {0} != {0} ? {0} : {1})", precedence::atom, precedence::sum};
};
DDX_LIBRARY_FUNCTION(min, min_);

/// The larger operand, NaN if either is. Where both are equal each derivative is 1/2.
struct max_ {
  static constexpr std::string_view name = "max";
  static constexpr bool exact_on_whole = true;
  static constexpr auto value = [](auto a, auto b) { return select((a > b) | (a != a), a, b); };
  static constexpr rules partials{[](auto a, auto b, auto) { return where(a > b, 1, where(a == b, 0.5, 0)); },
                                  [](auto a, auto b, auto) { return where(b > a, 1, where(a == b, 0.5, 0)); }};
  static constexpr auto kink = [](double a, double b) { return a == b; };
  static constexpr notation latex{"\\max\\left({0}, {1}\\right)"};
  static constexpr notation cpp{"({0} > {1} || {0} != {0} ? {0} : {1})", precedence::atom, precedence::sum};
};
DDX_LIBRARY_FUNCTION(max, max_);

/// max(x, 0), NaN for NaN; the derivative at 0 is taken as 0.
struct relu_ {
  static constexpr std::string_view name = "relu";
  static constexpr bool exact_on_whole = true;
  static constexpr auto value = [](auto a) { return select(a <= decltype(a)(0), decltype(a)(0), a); };
  static constexpr rules partials{[](auto a, auto) { return where(a > 0, 1, 0); }};
  static constexpr auto kink = [](double a) { return a == 0; };
  static constexpr notation cpp{"({0} <= 0 ? 0.0 : {0})", precedence::atom, precedence::sum};
  static constexpr std::array domain{interval{0.1, 3}};
};
DDX_LIBRARY_FUNCTION(relu, relu_);

}  // namespace ddx

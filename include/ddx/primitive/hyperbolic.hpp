// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records of hyperbolic functions and their inverses.
#pragma once

#include "trigonometric.hpp"

namespace ddx {

struct sinh_ {
  static constexpr std::string_view name = "sinh";
  static constexpr auto value = [](auto a) {
    using math::sinh;
    return sinh(a);
  };
  static constexpr rules partials{[](auto a, auto) { return cosh(a); }};
  static constexpr notation latex{"\\sinh\\left({0}\\right)"};
};
DDX_LIBRARY_FUNCTION(sinh, sinh_);

struct cosh_ {
  static constexpr std::string_view name = "cosh";
  static constexpr auto value = [](auto a) {
    using math::cosh;
    return cosh(a);
  };
  static constexpr rules partials{[](auto a, auto) { return sinh(a); }};
  static constexpr notation latex{"\\cosh\\left({0}\\right)"};
};
DDX_LIBRARY_FUNCTION(cosh, cosh_);

struct tanh_ {
  static constexpr std::string_view name = "tanh";
  static constexpr auto value = [](auto a) {
    using math::tanh;
    return tanh(a);
  };
  static constexpr rules partials{[](auto, auto y) { return 1 - pow(y, 2); }};
  static constexpr notation latex{"\\tanh\\left({0}\\right)"};
};
DDX_LIBRARY_FUNCTION(tanh, tanh_);

/// 1 / cosh(x), which does not vanish before it must.
struct sech_ {
  static constexpr std::string_view name = "sech";
  static constexpr auto lowered = [](auto a) {
    auto const e = exp(-abs(a));
    return 2 * e / (1 + pow(e, 2));
  };
  static constexpr auto value = [](auto a) {
    using math::exp, std::abs;
    using number = decltype(a);
    auto const e = exp(-abs(a));
    return number(2) * e / (number(1) + e * e);
  };
  static constexpr rules partials{[](auto a, auto y) { return -y * tanh(a); }};
  static constexpr notation latex{"\\operatorname{sech}\\left({0}\\right)"},
      cpp{"2*std::exp(-std::abs({0}))/(1 + std::exp(-2*std::abs({0})))", precedence::product};
};
DDX_LIBRARY_FUNCTION(sech, sech_);

/// 1 / sinh(x), which does not vanish before it must: +inf at 0, -inf at -0.
struct csch_ {
  static constexpr std::string_view name = "csch";
  static constexpr auto lowered = [](auto a) {
    auto const d = -expm1(-abs(a));  // 1 - exp(-|x|), so that sinh |x| = d (2 - d) / (2 (1 - d))
    auto const size = 2 * exp(-abs(a)) / (d * (2 - d));
    return where(a + 1 / a < 0, -size, size);  // the sign of a, of -0 and of -inf too
  };
  static constexpr auto value = [](auto a) {
    using math::exp, math::expm1, std::abs;
    using number = decltype(a);
    auto const d = -expm1(-abs(a));
    auto const size = number(2) * exp(-abs(a)) / (d * (number(2) - d));
    return select(a + number(1) / a < number(0), -size, size);
  };
  static constexpr rules partials{[](auto a, auto y) { return -y * coth(a); }};
  static constexpr notation latex{"\\operatorname{csch}\\left({0}\\right)"},
      cpp{"std::copysign(2*std::exp(-std::abs({0}))/std::expm1(-2*std::abs({0})), {0})"};
  static constexpr std::array domain{interval{0.4, 3}};
};
DDX_LIBRARY_FUNCTION(csch, csch_);

/// 1 / tanh(x): +inf at 0, -inf at -0.
struct coth_ {
  static constexpr std::string_view name = "coth";
  static constexpr auto lowered = [](auto a) { return 1 / tanh(a); };
  static constexpr auto value = [](auto a) {
    using math::tanh;
    return decltype(a)(1) / tanh(a);
  };
  static constexpr rules partials{[](auto a, auto) { return -pow(csch(a), 2); }};
  static constexpr notation latex{"\\coth\\left({0}\\right)"}, cpp{"1/std::tanh({0})", precedence::product};
  static constexpr std::array domain{interval{0.4, 3}};
};
DDX_LIBRARY_FUNCTION(coth, coth_);

struct asinh_ {
  static constexpr std::string_view name = "asinh";
  static constexpr auto value = [](auto a) {
    using math::asinh;
    return asinh(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / sqrt(1 + pow(a, 2)); }};
  static constexpr notation latex{"\\operatorname{arsinh}\\left({0}\\right)"};
};
DDX_LIBRARY_FUNCTION(asinh, asinh_);

/// NaN below 1; the derivative at 1 is +inf.
struct acosh_ {
  static constexpr std::string_view name = "acosh";
  static constexpr auto value = [](auto a) {
    using math::acosh;
    return acosh(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / sqrt(pow(a, 2) - 1); }};
  static constexpr notation latex{"\\operatorname{arcosh}\\left({0}\\right)"};
  static constexpr std::array domain{interval{1.3, 4}};
};
DDX_LIBRARY_FUNCTION(acosh, acosh_);

/// -inf at -1 and inf at 1 with derivative +inf, NaN beyond.
struct atanh_ {
  static constexpr std::string_view name = "atanh";
  static constexpr auto value = [](auto a) {
    using math::atanh;
    return atanh(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / (1 - pow(a, 2)); }};
  static constexpr notation latex{"\\operatorname{artanh}\\left({0}\\right)"};
  static constexpr std::array domain{interval{-0.8, 0.8}};
};
DDX_LIBRARY_FUNCTION(atanh, atanh_);

/// acosh(1/x): inf at 0, NaN below and above 1; the derivative at 1 is -inf.
struct asech_ {
  static constexpr std::string_view name = "asech";
  static constexpr auto lowered = [](auto a) { return log1p(sqrt((1 - a) * (1 + a))) - log(a); };
  static constexpr auto value = [](auto a) {
    using math::log, math::log1p, math::sqrt;
    auto const one = decltype(a)(1);
    return log1p(sqrt((one - a) * (one + a))) - log(a);
  };
  static constexpr rules partials{[](auto a, auto) { return -1 / (a * sqrt(1 - pow(a, 2))); }};
  static constexpr notation latex{"\\operatorname{arsech}\\left({0}\\right)"};
  static constexpr notation cpp{"std::log1p(std::sqrt((1 - {0})*(1 + {0}))) - std::log({0})", precedence::sum,
                                precedence::product};
  static constexpr std::array domain{interval{0.2, 0.8}};
};
DDX_LIBRARY_FUNCTION(asech, asech_);

/// asinh(1/x): inf at 0, -inf at -0.
struct acsch_ {
  static constexpr std::string_view name = "acsch";
  static constexpr auto lowered = [](auto a) {
    auto const size = abs(a);
    auto const result = where(size < 1, log1p(sqrt(1 + pow(size, 2))) - log(size), asinh(1 / size));
    return where(a + 1 / a < 0, -result, result);
  };
  static constexpr auto value = [](auto a) {
    using math::asinh, math::log, math::log1p, math::sqrt, std::abs;
    auto const one = decltype(a)(1), size = abs(a);
    auto const result = select(size < one, log1p(sqrt(one + size * size)) - log(size), asinh(one / size));
    return select(a + one / a < decltype(a)(0), -result, result);
  };
  static constexpr rules partials{[](auto a, auto) { return -1 / (abs(a) * sqrt(1 + pow(a, 2))); }};
  static constexpr notation latex{"\\operatorname{arcsch}\\left({0}\\right)"};
  static constexpr notation cpp{
      "(std::abs({0}) < 1 ? std::copysign(std::log1p(std::sqrt(1 + {0}*{0})) - std::log(std::abs({0})), {0})"
      " : std::asinh(1/{0}))",
      precedence::atom, precedence::power};
  static constexpr std::array domain{interval{0.3, 3}};
};
DDX_LIBRARY_FUNCTION(acsch, acsch_);

/// atanh(1/x): -inf at -1 and inf at 1, NaN between.
struct acoth_ {
  static constexpr std::string_view name = "acoth";
  static constexpr auto lowered = [](auto a) {
    auto const size = log1p(2 / (abs(a) - 1)) / 2;
    return where(a < 0, -size, size);
  };
  static constexpr auto value = [](auto a) {
    using math::log1p, std::abs;
    using number = decltype(a);
    auto const size = log1p(number(2) / (abs(a) - number(1))) / number(2);
    return select(a < number(0), -size, size);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / (1 - pow(a, 2)); }};
  static constexpr notation latex{"\\operatorname{arcoth}\\left({0}\\right)"};
  static constexpr notation cpp{"std::copysign(std::log1p(2/(std::abs({0}) - 1))/2, {0})"};
  static constexpr std::array domain{interval{1.4, 4}};
};
DDX_LIBRARY_FUNCTION(acoth, acoth_);

}  // namespace ddx

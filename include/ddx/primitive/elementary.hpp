// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records of elementary functions: exponentials, logarithms, trigonometric and hyperbolic functions, erf, sigmoid, softplus.
#pragma once

#include "power.hpp"

namespace ddx {

struct exp_ {
  static constexpr std::string_view name = "exp";
  static constexpr auto value = [](auto a) {
    using std::exp;
    return exp(a);
  };
  static constexpr rules partials{[](auto, auto y) { return y; }};
  static constexpr notation latex{"\\exp\\left({0}\\right)"};
};
DDX_FUNCTION(exp, exp_);

/// exp(x) - 1, accurate near 0.
struct expm1_ {
  static constexpr std::string_view name = "expm1";
  static constexpr auto value = [](auto a) {
    using std::expm1;
    return expm1(a);
  };
  static constexpr rules partials{[](auto a, auto) { return exp(a); }};
};
DDX_FUNCTION(expm1, expm1_);

/// The natural logarithm: -inf at 0, NaN below.
struct log_ {
  static constexpr std::string_view name = "log";
  static constexpr auto value = [](auto a) {
    using std::log;
    return log(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / a; }};
  static constexpr notation latex{"\\log\\left({0}\\right)"};
  static constexpr std::array domain{interval{0.1, 4}};
};
DDX_FUNCTION(log, log_);

/// log(1 + x), accurate near 0.
struct log1p_ {
  static constexpr std::string_view name = "log1p";
  static constexpr auto value = [](auto a) {
    using std::log1p;
    return log1p(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / (1 + a); }};
  static constexpr std::array domain{interval{-0.8, 3}};
};
DDX_FUNCTION(log1p, log1p_);

struct sin_ {
  static constexpr std::string_view name = "sin";
  static constexpr auto value = [](auto a) {
    using std::sin;
    return sin(a);
  };
  static constexpr rules partials{[](auto a, auto) { return cos(a); }};
  static constexpr notation latex{"\\sin\\left({0}\\right)"};
};
DDX_FUNCTION(sin, sin_);

struct cos_ {
  static constexpr std::string_view name = "cos";
  static constexpr auto value = [](auto a) {
    using std::cos;
    return cos(a);
  };
  static constexpr rules partials{[](auto a, auto) { return -sin(a); }};
  static constexpr notation latex{"\\cos\\left({0}\\right)"};
};
DDX_FUNCTION(cos, cos_);

struct tan_ {
  static constexpr std::string_view name = "tan";
  static constexpr auto value = [](auto a) {
    using std::tan;
    return tan(a);
  };
  static constexpr rules partials{[](auto, auto y) { return 1 + pow(y, 2); }};
  static constexpr notation latex{"\\tan\\left({0}\\right)"};
  static constexpr std::array domain{interval{-1.3, 1.3}};
};
DDX_FUNCTION(tan, tan_);

/// The derivative at -1 and 1 is +inf.
struct asin_ {
  static constexpr std::string_view name = "asin";
  static constexpr auto value = [](auto a) {
    using std::asin;
    return asin(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / sqrt(1 - pow(a, 2)); }};
  static constexpr notation latex{"\\arcsin\\left({0}\\right)"};
  static constexpr std::array domain{interval{-0.9, 0.9}};
};
DDX_FUNCTION(asin, asin_);

/// The derivative at -1 and 1 is -inf.
struct acos_ {
  static constexpr std::string_view name = "acos";
  static constexpr auto value = [](auto a) {
    using std::acos;
    return acos(a);
  };
  static constexpr rules partials{[](auto a, auto) { return -1 / sqrt(1 - pow(a, 2)); }};
  static constexpr notation latex{"\\arccos\\left({0}\\right)"};
  static constexpr std::array domain{interval{-0.9, 0.9}};
};
DDX_FUNCTION(acos, acos_);

struct atan_ {
  static constexpr std::string_view name = "atan";
  static constexpr auto value = [](auto a) {
    using std::atan;
    return atan(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / (1 + pow(a, 2)); }};
  static constexpr notation latex{"\\arctan\\left({0}\\right)"};
};
DDX_FUNCTION(atan, atan_);

/// The angle of the point (x, y) = (second, first operand). At the origin the derivatives do not exist and are NaN.
struct atan2_ {
  static constexpr std::string_view name = "atan2";
  static constexpr auto value = [](auto a, auto b) {
    using std::atan2;
    return atan2(a, b);
  };
  static constexpr rules partials{[](auto a, auto b, auto) { return b / (pow(a, 2) + pow(b, 2)); },
                                  [](auto a, auto b, auto) { return -a / (pow(a, 2) + pow(b, 2)); }};
  static constexpr std::array domain{interval{0.2, 3}, interval{-3, 3}};
};
DDX_FUNCTION(atan2, atan2_);

struct sinh_ {
  static constexpr std::string_view name = "sinh";
  static constexpr auto value = [](auto a) {
    using std::sinh;
    return sinh(a);
  };
  static constexpr rules partials{[](auto a, auto) { return cosh(a); }};
  static constexpr notation latex{"\\sinh\\left({0}\\right)"};
};
DDX_FUNCTION(sinh, sinh_);

struct cosh_ {
  static constexpr std::string_view name = "cosh";
  static constexpr auto value = [](auto a) {
    using std::cosh;
    return cosh(a);
  };
  static constexpr rules partials{[](auto a, auto) { return sinh(a); }};
  static constexpr notation latex{"\\cosh\\left({0}\\right)"};
};
DDX_FUNCTION(cosh, cosh_);

struct tanh_ {
  static constexpr std::string_view name = "tanh";
  static constexpr auto value = [](auto a) {
    using std::tanh;
    return tanh(a);
  };
  static constexpr rules partials{[](auto, auto y) { return 1 - pow(y, 2); }};
  static constexpr notation latex{"\\tanh\\left({0}\\right)"};
};
DDX_FUNCTION(tanh, tanh_);

/// The error function; DLMF 7.2.1, its derivative 7.10.1.
struct erf_ {
  static constexpr std::string_view name = "erf";
  static constexpr auto value = [](auto a) {
    using std::erf;
    return erf(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 2 * exp(-pow(a, 2)) / sqrt(pi(a)); }};
};
DDX_FUNCTION(erf, erf_);

/// 1 / (1 + exp(-x)), never computed through an overflowing exponential.
struct sigmoid_ {
  static constexpr std::string_view name = "sigmoid";
  static constexpr auto lowered = [](auto a) {
    auto const e = exp(-abs(a));
    return where(a >= 0, 1, e) / (1 + e);
  };
  static constexpr auto value = [](auto a) {
    using std::abs, std::exp;
    using number = decltype(a);
    auto const e = exp(-abs(a));
    return select(a >= number(0), number(1), e) / (number(1) + e);
  };
  static constexpr rules partials{[](auto, auto y) { return y * (1 - y); }};
  static constexpr notation unicode{"σ({0})"}, latex{"\\sigma\\left({0}\\right)"},
      cpp{"1/(1 + std::exp(-({0})))", precedence::product};
};
DDX_FUNCTION(sigmoid, sigmoid_);

/// log(1 + exp(x)), which tends to x for large x without overflow.
struct softplus_ {
  static constexpr std::string_view name = "softplus";
  static constexpr auto lowered = [](auto a) { return relu(a) + log1p(exp(-abs(a))); };
  static constexpr auto value = [](auto a) {
    using std::abs, std::exp, std::log1p;
    return relu_::value(a) + log1p(exp(-abs(a)));
  };
  static constexpr rules partials{[](auto a, auto) { return sigmoid(a); }};
  static constexpr notation cpp{"std::max({0}, 0.0) + std::log1p(std::exp(-std::abs({0})))", precedence::sum};
};
DDX_FUNCTION(softplus, softplus_);

}  // namespace ddx

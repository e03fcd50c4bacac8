// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records of exponentials and logarithms, and of what is made of them: sigmoid, softplus, logaddexp, x log y.
#pragma once

#include "power.hpp"

namespace ddx {

struct exp_ {
  static constexpr std::string_view name = "exp";
  static constexpr auto value = [](auto a) {
    using math::exp;
    return exp(a);
  };
  static constexpr rules partials{[](auto, auto y) { return y; }};
  static constexpr notation latex{"\\exp\\left({0}\\right)"};
};
DDX_LIBRARY_FUNCTION(exp, exp_);

/// exp(x) - 1, accurate near 0.
struct expm1_ {
  static constexpr std::string_view name = "expm1";
  static constexpr auto value = [](auto a) {
    using math::expm1;
    return expm1(a);
  };
  static constexpr rules partials{[](auto a, auto) { return exp(a); }};
};
DDX_LIBRARY_FUNCTION(expm1, expm1_);

/// 2^x.
struct exp2_ {
  static constexpr std::string_view name = "exp2";
  static constexpr auto value = [](auto a) {
    using math::exp2;
    return exp2(a);
  };
  static constexpr rules partials{[](auto a, auto y) { return y * log(number_like(2, a)); }};
  static constexpr notation latex{"2^{{0}}", precedence::power};
};
DDX_LIBRARY_FUNCTION(exp2, exp2_);

/// The natural logarithm: -inf at 0, NaN below.
struct log_ {
  static constexpr std::string_view name = "log";
  static constexpr auto value = [](auto a) {
    using math::log;
    return log(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / a; }};
  static constexpr notation latex{"\\log\\left({0}\\right)"};
  static constexpr std::array domain{interval{0.1, 4}};
};
DDX_LIBRARY_FUNCTION(log, log_);

/// log(1 + x), accurate near 0.
struct log1p_ {
  static constexpr std::string_view name = "log1p";
  static constexpr auto value = [](auto a) {
    using math::log1p;
    return log1p(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / (1 + a); }};
  static constexpr std::array domain{interval{-0.8, 3}};
};
DDX_LIBRARY_FUNCTION(log1p, log1p_);

/// The logarithm to base 2: -inf at 0, NaN below.
struct log2_ {
  static constexpr std::string_view name = "log2";
  static constexpr auto value = [](auto a) {
    using math::log2;
    return log2(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / (a * log(number_like(2, a))); }};
  static constexpr notation latex{"\\log_2\\left({0}\\right)"};
  static constexpr std::array domain{interval{0.3, 4}};
};
DDX_LIBRARY_FUNCTION(log2, log2_);

/// The logarithm to base 10: -inf at 0, NaN below.
struct log10_ {
  static constexpr std::string_view name = "log10";
  static constexpr auto value = [](auto a) {
    using math::log10;
    return log10(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 1 / (a * log(number_like(10, a))); }};
  static constexpr notation latex{"\\log_{10}\\left({0}\\right)"};
  static constexpr std::array domain{interval{0.3, 4}};
};
DDX_LIBRARY_FUNCTION(log10, log10_);

/// 1 / (1 + exp(-x)), never computed through an overflowing exponential.
struct sigmoid_ {
  static constexpr std::string_view name = "sigmoid";
  static constexpr auto lowered = [](auto a) {
    auto const e = exp(-abs(a));
    return where(a >= 0, 1, e) / (1 + e);
  };
  static constexpr auto value = [](auto a) {
    using math::exp, std::abs;
    using number = decltype(a);
    auto const e = exp(-abs(a));
    return select(a >= number(0), number(1), e) / (number(1) + e);
  };
  static constexpr rules partials{[](auto, auto y) { return y * (1 - y); }};
  static constexpr notation unicode{"σ({0})"}, latex{"\\sigma\\left({0}\\right)"},
      cpp{"std::exp(std::min({0}, 0.0))/(1 + std::exp(-std::abs({0})))", precedence::product};
};
DDX_LIBRARY_FUNCTION(sigmoid, sigmoid_);

/// log(1 + exp(x)), which tends to x for large x without overflow.
struct softplus_ {
  static constexpr std::string_view name = "softplus";
  static constexpr auto lowered = [](auto a) { return relu(a) + log1p(exp(-abs(a))); };
  static constexpr auto value = [](auto a) {
    using math::exp, math::log1p, std::abs;
    return relu_::value(a) + log1p(exp(-abs(a)));
  };
  static constexpr rules partials{[](auto a, auto) { return sigmoid(a); }};
  static constexpr notation cpp{"std::max({0}, 0.0) + std::log1p(std::exp(-std::abs({0})))", precedence::sum};
};
DDX_LIBRARY_FUNCTION(softplus, softplus_);

/// log(exp(x) + exp(y)) without overflow; the larger operand where one is infinite, NaN if either is. Where both are
/// the same infinity the derivatives are NaN. Accurate to the last places of the larger of 1 and the operands.
struct logaddexp_ {
  static constexpr std::string_view name = "logaddexp";
  static constexpr auto lowered = [](auto a, auto b) { return max(a, b) + log1p(exp(where(a == b, 0, -abs(a - b)))); };
  static constexpr auto value = [](auto a, auto b) {
    using math::exp, math::log1p, std::abs;
    return max_::value(a, b) + log1p(exp(select(a == b, decltype(a)(0), -abs(a - b))));
  };
  static constexpr rules partials{[](auto a, auto b, auto) { return sigmoid(a - b); },
                                  [](auto a, auto b, auto) { return sigmoid(b - a); }};
  static constexpr notation cpp{"std::max({0}, {1}) + std::log1p(std::exp({0} == {1} ? 0.0 : -std::abs({0} - {1})))",
                                precedence::sum, precedence::product};
  static constexpr std::array domain{interval{0.2, 3}, interval{0.2, 3}};
};
DDX_LIBRARY_FUNCTION(logaddexp, logaddexp_);

/// x*log(y), and 0 at x = 0 whatever y is, 0 and negative numbers included; NaN if either is. The derivative by x is
/// log(y) at x = 0 too, that by y is 0 there.
struct xlogy_ {
  static constexpr std::string_view name = "xlogy";
  static constexpr auto lowered = [](auto a, auto b) { return where(a == 0 && b == b, 0, a * log(b)); };
  static constexpr auto value = [](auto a, auto b) {
    using math::log;
    using number = decltype(a);
    return select((a == number(0)) & (b == b), number(0), a * log(b));
  };
  static constexpr rules partials{[](auto, auto b, auto) { return log(b); },
                                  [](auto a, auto b, auto) { return where(a == 0, 0, a / b); }};
  static constexpr notation latex{"{0} \\log\\left({1}\\right)", precedence::product, precedence::sign};
  static constexpr notation cpp{"({0} == 0 && {1} == {1} ? 0.0 : {0}*std::log({1}))", precedence::atom,
                                precedence::sign};
  static constexpr std::array domain{interval{0.2, 3}, interval{0.2, 3}};
};
DDX_LIBRARY_FUNCTION(xlogy, xlogy_);

/// x*log(1 + y), and 0 at x = 0 whatever y is, 0 and negative numbers included; NaN if either is. The derivative by x
/// is log(1 + y) at x = 0 too, that by y is 0 there.
struct xlog1py_ {
  static constexpr std::string_view name = "xlog1py";
  static constexpr auto lowered = [](auto a, auto b) { return where(a == 0 && b == b, 0, a * log1p(b)); };
  static constexpr auto value = [](auto a, auto b) {
    using math::log1p;
    using number = decltype(a);
    return select((a == number(0)) & (b == b), number(0), a * log1p(b));
  };
  static constexpr rules partials{[](auto, auto b, auto) { return log1p(b); },
                                  [](auto a, auto b, auto) { return where(a == 0, 0, a / (1 + b)); }};
  static constexpr notation latex{"{0} \\log\\left(1 + {1}\\right)", precedence::product, precedence::sign};
  static constexpr notation cpp{"({0} == 0 && {1} == {1} ? 0.0 : {0}*std::log1p({1}))", precedence::atom,
                                precedence::sign};
  static constexpr std::array domain{interval{0.2, 3}, interval{-0.7, 3}};
};
DDX_LIBRARY_FUNCTION(xlog1py, xlog1py_);

}  // namespace ddx

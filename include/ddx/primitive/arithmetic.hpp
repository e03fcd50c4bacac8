// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records of arithmetic: + - * / unary -, pow, square, sqrt, cbrt, hypot, abs, sign.
#pragma once

#include <cmath>

#include "../graph/inline.hpp"
#include "leaf.hpp"

DDX_CONTRACTED_BEGIN

namespace ddx {

/// condition ? a : b for numbers; vectors bring their own overload.
template <class Number>
constexpr Number select(bool condition, Number a, Number b) {
  return condition ? a : b;
}

struct add_ {
  static constexpr std::string_view name = "add";
  static constexpr bool exact_on_whole = true;
  static constexpr auto value = [](auto a, auto b) { return a + b; };
  static constexpr rules partials{[](auto, auto, auto) { return 1; }, [](auto, auto, auto) { return 1; }};
};
DDX_OPERATOR(+, add_);

struct subtract_ {
  static constexpr std::string_view name = "subtract";
  static constexpr bool exact_on_whole = true;
  static constexpr auto value = [](auto a, auto b) { return a - b; };
  static constexpr rules partials{[](auto, auto, auto) { return 1; }, [](auto, auto, auto) { return -1; }};
};
DDX_OPERATOR(-, subtract_);

struct multiply_ {
  static constexpr std::string_view name = "multiply";
  static constexpr bool exact_on_whole = true;
  static constexpr unsigned zero_by = 0b11;
  static constexpr auto value = [](auto a, auto b) { return a * b; };
  static constexpr rules partials{[](auto, auto b, auto) { return b; }, [](auto a, auto, auto) { return a; }};
};
DDX_OPERATOR(*, multiply_);

/// a / b. At b = 0 the value and the derivatives are infinite or NaN, as in IEEE 754.
struct divide_ {
  static constexpr std::string_view name = "divide";
  static constexpr bool cheap = true;
  static constexpr unsigned zero_by = 0b01;
  static constexpr auto value = [](auto a, auto b) { return a / b; };
  static constexpr rules partials{[](auto, auto b, auto) { return 1 / b; },
                                  [](auto, auto b, auto f) { return -f / b; }};
  static constexpr std::array domain{interval{-3, 3}, interval{0.3, 3}};
};
DDX_OPERATOR(/, divide_);

struct negate_ {
  static constexpr std::string_view name = "negate";
  static constexpr bool exact_on_whole = true;
  static constexpr unsigned zero_by = 0b1;
  static constexpr auto value = [](auto a) { return -a; };
  static constexpr rules partials{[](auto, auto) { return -1; }};
};
DDX_PREFIX_OPERATOR(-, negate_);

template <Operand Type>
constexpr Type operator+(Type const& operand) {
  return operand;
}

}  // namespace ddx

DDX_CONTRACTED_END

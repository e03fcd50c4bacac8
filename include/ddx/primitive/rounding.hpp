// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records of steps: floor, ceil, round, trunc, fmod, clamp, heaviside. Their derivatives are 0 or 1 almost everywhere.
#pragma once

#include "hyperbolic.hpp"

namespace ddx {

/// The largest integer not above x. The derivative is 0, at the jumps too.
struct floor_ {
  static constexpr std::string_view name = "floor";
  static constexpr auto value = [](auto a) {
    using math::floor;
    return floor(a);
  };
  static constexpr rules partials{[](auto, auto) { return 0; }};
  static constexpr auto kink = [](double a) { return a == value(a); };
  static constexpr notation unicode{"⌊{0}⌋"}, latex{"\\left\\lfloor {0} \\right\\rfloor"};
  static constexpr std::array domain{interval{0.1, 0.4}};
};
DDX_LIBRARY_FUNCTION(floor, floor_);

/// The smallest integer not below x. The derivative is 0, at the jumps too.
struct ceil_ {
  static constexpr std::string_view name = "ceil";
  static constexpr auto value = [](auto a) {
    using math::ceil;
    return ceil(a);
  };
  static constexpr rules partials{[](auto, auto) { return 0; }};
  static constexpr auto kink = [](double a) { return a == value(a); };
  static constexpr notation unicode{"⌈{0}⌉"}, latex{"\\left\\lceil {0} \\right\\rceil"};
  static constexpr std::array domain{interval{0.1, 0.4}};
};
DDX_LIBRARY_FUNCTION(ceil, ceil_);

/// The nearest integer, halves away from 0. The derivative is 0, at the jumps too.
struct round_ {
  static constexpr std::string_view name = "round";
  static constexpr auto value = [](auto a) {
    using math::round;
    return round(a);
  };
  static constexpr rules partials{[](auto, auto) { return 0; }};
  static constexpr auto kink = [](double a) { return a - 0.5 == floor_::value(a - 0.5); };
  static constexpr std::array domain{interval{0.1, 0.4}};
};
DDX_LIBRARY_FUNCTION(round, round_);

/// The integer between x and 0 that is nearest to x. The derivative is 0, at the jumps too.
struct trunc_ {
  static constexpr std::string_view name = "trunc";
  static constexpr auto value = [](auto a) {
    using math::trunc;
    return trunc(a);
  };
  static constexpr rules partials{[](auto, auto) { return 0; }};
  static constexpr auto kink = [](double a) { return a != 0 && a == value(a); };
  static constexpr std::array domain{interval{0.1, 0.4}};
};
DDX_LIBRARY_FUNCTION(trunc, trunc_);

/// The remainder of x / y with the sign of x, exact: x - y*trunc(x / y). NaN for y = 0 and for infinite x. The
/// derivatives are 1 and -trunc(x / y), at the jumps too.
struct fmod_ {
  static constexpr std::string_view name = "fmod";
  static constexpr auto value = [](auto a, auto b) {
    using math::fmod;
    return fmod(a, b);
  };
  static constexpr rules partials{[](auto, auto, auto) { return 1; },
                                  [](auto a, auto b, auto) { return -trunc(a / b); }};
  static constexpr auto kink = [](double a, double b) { return a != 0 && value(a, b) == 0; };
  static constexpr notation latex{"{0} \\bmod {1}", precedence::product, precedence::power};
  static constexpr std::array domain{interval{2.1, 2.4}, interval{1.3, 1.9}};
};
DDX_LIBRARY_FUNCTION(fmod, fmod_);

/// min(max(x, lo), hi), NaN if any is. The derivative by x is 1 from lo to hi, both included, and 0 elsewhere; those by
/// lo and hi are 1 where the result is theirs and not x's. Where lo > hi the result is hi.
struct clamp_ {
  static constexpr std::string_view name = "clamp";
  static constexpr bool exact_on_whole = true;
  static constexpr auto value = [](auto a, auto low, auto high) { return min_::value(max_::value(a, low), high); };
  static constexpr rules partials{
      [](auto a, auto low, auto high, auto) { return where(a < low || a > high, 0, 1); },
      [](auto a, auto low, auto high, auto) { return where(a < low && low <= high, 1, 0); },
      [](auto a, auto low, auto high, auto) { return where(a > high || low > high, 1, 0); },
  };
  static constexpr auto kink = [](double a, double low, double high) { return a == low || a == high || low == high; };
  static constexpr notation cpp{
      "({0} > {1} || {0} != {0} ? ({0} < {2} || {0} != {0} ? {0} : {2}) : ({1} < {2} || {1} != {1} ? {1} : {2}))",
      precedence::atom, precedence::sum};
  static constexpr std::array domain{interval{-3, 3}, interval{-3, -0.2}, interval{0.2, 3}};
};
DDX_LIBRARY_FUNCTION(clamp, clamp_);

/// 0 below 0, 1 above, 1/2 at 0, NaN for NaN. The derivative is 0, at the jump too.
struct heaviside_ {
  static constexpr std::string_view name = "heaviside";
  static constexpr bool cheap = true;
  static constexpr auto value = [](auto a) {
    using number = decltype(a);
    return select(a > number(0), number(1), select(a < number(0), number(0), select(a == number(0), number(0.5), a)));
  };
  static constexpr rules partials{[](auto, auto) { return 0; }};
  static constexpr auto kink = [](double a) { return a == 0; };
  static constexpr notation unicode{"θ({0})"}, latex{"\\theta\\left({0}\\right)"};
  static constexpr notation cpp{"({0} > 0 ? 1.0 : {0} < 0 ? 0.0 : {0} == 0 ? 0.5 : {0})", precedence::atom,
                                precedence::sum};
  static constexpr std::array domain{interval{0.1, 3}};
};
DDX_LIBRARY_FUNCTION(heaviside, heaviside_);

}  // namespace ddx

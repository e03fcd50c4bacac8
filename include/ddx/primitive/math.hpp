// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The functions of numbers that records call: <cmath> at run time, constant_math.hpp in constant expressions. Vectors
// bring their own, found by argument-dependent lookup.
#pragma once

#include <cmath>
#include <concepts>
#include <type_traits>

#include "../graph/inline.hpp"
#include "constant_math.hpp"

#define DDX_MATH_1(function)                                                                                       \
  template <std::floating_point Number>                                                                            \
  DDX_INLINE constexpr Number function(Number x) {                                                                 \
    if (std::is_constant_evaluated()) return static_cast<Number>(constant_math::function(static_cast<double>(x))); \
    return std::function(x);                                                                                       \
  }                                                                                                                \
  static_assert(true)
#define DDX_MATH_2(function)                                                                               \
  template <std::floating_point Number>                                                                    \
  DDX_INLINE constexpr Number function(Number x, Number y) {                                               \
    if (std::is_constant_evaluated())                                                                      \
      return static_cast<Number>(constant_math::function(static_cast<double>(x), static_cast<double>(y))); \
    return std::function(x, y);                                                                            \
  }                                                                                                        \
  static_assert(true)

namespace ddx::math {

DDX_MATH_1(exp);
DDX_MATH_1(expm1);
DDX_MATH_1(exp2);
DDX_MATH_1(log);
DDX_MATH_1(log1p);
DDX_MATH_1(log2);
DDX_MATH_1(log10);
DDX_MATH_1(sin);
DDX_MATH_1(cos);
DDX_MATH_1(tan);
DDX_MATH_1(asin);
DDX_MATH_1(acos);
DDX_MATH_1(atan);
DDX_MATH_1(sinh);
DDX_MATH_1(cosh);
DDX_MATH_1(tanh);
DDX_MATH_1(asinh);
DDX_MATH_1(acosh);
DDX_MATH_1(atanh);
DDX_MATH_1(sqrt);
DDX_MATH_1(cbrt);
DDX_MATH_1(erf);
DDX_MATH_1(erfc);
DDX_MATH_1(floor);
DDX_MATH_1(ceil);
DDX_MATH_1(round);
DDX_MATH_1(trunc);
DDX_MATH_2(pow);
DDX_MATH_2(atan2);
DDX_MATH_2(hypot);
DDX_MATH_2(fmod);

}  // namespace ddx::math

#undef DDX_MATH_1
#undef DDX_MATH_2

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A function enters; its value, gradient and Hessian leave together, with the subexpressions that they share computed once.
#pragma once

#include <array>

#include "fn.hpp"

namespace ddx {

/// The value of a function of `Count` arguments with its first and second derivatives, the Hessian row by row.
template <class Number, std::size_t Count>
struct second_order {
  Number value{};
  std::array<Number, Count> gradient{};
  std::array<std::array<Number, Count>, Count> hessian{};
};

namespace detail {

template <class Source>
struct second_order_of {
  using arguments = typename Source::arguments;

  static constexpr void trace(graph& g) {
    gradient_of<Source, true>::trace(g);
    hessian_of<Source>::trace(g);
  }
};

}  // namespace detail

/// A function that answers a `second_order`.
template <class Source>
struct second_order_function {
  static constexpr int arity = Source::arguments::count;

  template <Arithmetic... Numbers>
  constexpr auto operator()(Numbers... arguments) const {
    auto const flat = function<detail::second_order_of<Source>, result_shape::vector>{}(arguments...);
    using number = typename decltype(flat)::value_type;
    second_order<number, static_cast<std::size_t>(arity)> result{flat[0]};
    auto next = flat.begin() + 1;
    for (number& slope : result.gradient) slope = *next++;
    for (auto& row : result.hessian)
      for (number& entry : row) entry = *next++;
    return result;
  }
};

/// Value, gradient and Hessian of a scalar function at once, as Newton's method wants them: `auto [value, gradient, hessian] =
/// value_grad_and_hessian(f)(x, y)`.
template <class Source, result_shape Shape>
constexpr auto value_grad_and_hessian(function<Source, Shape> const&) {
  detail::check_scalar<function<Source, Shape>>();
  return second_order_function<Source>{};
}

}  // namespace ddx

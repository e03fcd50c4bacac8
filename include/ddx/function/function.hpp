// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A trace enters; a function that is called with numbers leaves.
#pragma once

#include <array>
#include <utility>

#include "../evaluate/straight_line.hpp"
#include "trace.hpp"

namespace ddx {

/// How the outputs of a function are handed back.
enum class result_shape {
  scalar,             ///< a number
  vector,             ///< std::array of numbers
  matrix,             ///< std::array of rows
  value_and_gradient  ///< the pair of a number and an array
};

namespace detail {

/// Evaluates a source's simplified graph at numbers; `more` are the values of the slots.
template <class Source, class Number, std::size_t Count>
constexpr auto outputs_at(std::array<Number, Count> const& arguments, Number const* more = nullptr) {
  constexpr auto const& g = frozen<simplified<Source>>;
  std::array<Number, g.input_count> inputs{};
  for (int i = 0; i < g.input_count; ++i)
    inputs[static_cast<std::size_t>(i)] =
        g.inputs[i].is_slot() ? more[g.inputs[i].slot] : arguments[static_cast<std::size_t>(i)];
  std::array<Number, g.output_count> outputs{};
  straight_line<g, Number>::run(inputs.data(), outputs.data());
  return outputs;
}

template <result_shape Shape, class Number, std::size_t Count, int Columns>
constexpr auto shaped(std::array<Number, Count> const& outputs, std::integral_constant<int, Columns>) {
  if constexpr (Shape == result_shape::scalar) {
    return outputs[0];
  } else if constexpr (Shape == result_shape::matrix) {
    std::array<std::array<Number, Columns>, Count / Columns> rows{};
    for (std::size_t i = 0; i < Count; ++i) rows[i / Columns][i % Columns] = outputs[i];
    return rows;
  } else if constexpr (Shape == result_shape::value_and_gradient) {
    std::array<Number, Count - 1> gradient{};
    for (std::size_t i = 1; i < Count; ++i) gradient[i - 1] = outputs[i];
    return std::pair{outputs[0], gradient};
  } else {
    return outputs;
  }
}

template <class... Numbers>
using call_type = std::conditional_t<(std::is_same_v<Numbers, float> && ...), float, double>;

}  // namespace detail

/// A function of named arguments that ddx has traced. Calls take numbers in the order of the arguments; the result is
/// float if all of them are float, else double. No allocation. Constant expressions work where the functions involved
/// allow it.
template <class Source, result_shape Shape>
struct function {
  using source = Source;
  static constexpr result_shape shape = Shape;
  static constexpr int arity = Source::arguments::count;

  template <Arithmetic... Numbers>
  constexpr auto operator()(Numbers... arguments) const {
    static_assert(sizeof...(Numbers) == arity, "ddx: a function is called with one number for each of its arguments");
    static_assert(Source::arguments::scalar,
                  "ddx: a function of arrays is not called with numbers; ddx::compile<f>() computes it");
    if constexpr (sizeof...(Numbers) == arity && Source::arguments::scalar) {
      using number = detail::call_type<Numbers...>;
      auto const outputs =
          detail::outputs_at<Source>(std::array<number, sizeof...(Numbers)>{static_cast<number>(arguments)...});
      return detail::shaped<Shape>(outputs, std::integral_constant<int, arity>{});
    }
  }

  template <class... Others>
    requires(!(Arithmetic<Others> && ...))
  constexpr double operator()(Others const&...) const {
    static_assert(sizeof...(Others) == 0,
                  "ddx: a function is called with numbers, in the order of its arguments, as in f(1.0, 2.0)");
    return 0;
  }
};

/// A function with a direction: the product of its Jacobian or Hessian with a vector.
template <class Source, result_shape Shape, std::size_t Count>
struct directional {
  static constexpr int arity = Source::arguments::count;
  std::array<double, Count> direction;

  template <Arithmetic... Numbers>
  constexpr auto operator()(Numbers... arguments) const {
    static_assert(sizeof...(Numbers) == arity, "ddx: a function is called with one number for each of its arguments");
    static_assert(Source::arguments::scalar,
                  "ddx: a function of arrays is not called with numbers; ddx::compile<f>() computes it");
    if constexpr (sizeof...(Numbers) == arity && Source::arguments::scalar) {
      auto const outputs = detail::outputs_at<Source>(
          std::array<double, sizeof...(Numbers)>{static_cast<double>(arguments)...}, direction.data());
      return detail::shaped<Shape>(outputs, std::integral_constant<int, arity>{});
    }
  }
};

namespace detail {

template <class Type>
inline constexpr bool is_function = false;
template <class Source, result_shape Shape>
inline constexpr bool is_function<function<Source, Shape>> = true;

}  // namespace detail

/// A traced function.
template <class Type>
concept Function = detail::is_function<std::remove_cvref_t<Type>>;

}  // namespace ddx

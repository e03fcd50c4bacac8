// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// eval: a formula and bindings enter, its value leaves.
#pragma once

#include "../bind/bind.hpp"
#include "../formula/derive.hpp"
#include "straight_line.hpp"

namespace ddx {

namespace detail {

/// The graph of a formula whose literals are known.
template <auto Constant>
struct constant_formula {
  static constexpr graph build() {
    using type = std::remove_cvref_t<decltype(Constant)>;
    graph g;
    lowering(g).run(tokens_of<type>.tokens, tokens_of<type>.count, literals_of(Constant).values, literal_mode::known);
    return simplify(g.view(), sharing::keep);
  }
};

/// The graph of a formula of which only the type is known: its literals are slots.
template <class Type>
struct formula_of_type {
  static constexpr graph build() {
    graph g;
    lowering(g).run(tokens_of<Type>.tokens, tokens_of<Type>.count, nullptr, literal_mode::slots);
    return simplify(g.view(), sharing::keep);
  }
};

/// float only where every number bound is float; integers count as double.
template <class... Numbers>
using evaluation_type =
    std::conditional_t<(std::is_same_v<std::remove_const_t<Numbers>, float> && ...) && sizeof...(Numbers) != 0, float,
                       double>;

constexpr bool takes_arrays(graph_view g) {
  for (int i = 0; i < g.input_count; ++i)
    if (g.inputs[i].rank > 0) return true;
  return false;
}

template <auto const& Graph, class... Bindings>
DDX_INLINE constexpr auto evaluate_bound([[maybe_unused]] double const* literals, Bindings const&... bindings) {
  static_assert(!takes_arrays(Graph.view()),
                "ddx::eval: the formula reduces an array, which ddx::compile<f>() computes");
  if constexpr (check_bindings<Graph, Bindings...>::passed && !takes_arrays(Graph.view())) {
    using number = evaluation_type<typename binding_parts<Bindings>::value::element...>;
    [[maybe_unused]] call_arguments<Bindings...> const arguments(bindings...);
    number inputs[Graph.input_count > 0 ? Graph.input_count : 1]{};
    [&]<int... Is>(std::integer_sequence<int, Is...>) {
      auto const fill = [&]<int Input>(std::integral_constant<int, Input>) {
        if constexpr (Graph.inputs[Input].is_slot())
          inputs[Input] = static_cast<number>(literals[Graph.inputs[Input].slot]);
        else inputs[Input] = static_cast<number>(arguments.template get<Graph, Input>().get());
      };
      (fill(std::integral_constant<int, Is>{}), ...);
    }(std::make_integer_sequence<int, Graph.input_count>{});
    number result{};
    straight_line<Graph, number>::run(inputs, &result);
    return result;
  }
}

}  // namespace detail

/// The value of scalar formula `f` at the bound values: eval(f, x = 3.0, y = 0.5). The result is float if every bound number
/// is float, else double. Constant expressions work where the functions involved allow it. No allocation.
/// The numbers in `f` are values like the others here, so what a factor 0 in it meets is computed: where that is undefined the result is NaN, of a
/// derivative too of which the printed form has lost the term. eval<f>(…) knows them.
template <Formula Type, Binding... Bindings>
DDX_INLINE constexpr auto eval(Type const& f, Bindings const&... bindings) {
  static_assert(detail::axes_of<Type> == 0,
                "ddx::eval(f, bindings...): f must be a scalar; an array is computed by ddx::compile<f>()");
  return detail::evaluate_bound<frozen<detail::formula_of_type<Type>>>(detail::literals_of(f).values, bindings...);
}

template <Formula Type, class... Values>
  requires((Arithmetic<Values> || ...))
constexpr double eval(Type const&, Values const&...) {
  static_assert(detail::never<Type>, "ddx::eval(f, bindings...): a value comes with its name, as in eval(f, x = 3.0)");
  return 0;
}

/// The same for a constant formula, whose literals fold at compile time: eval<f>(x = 3.0).
template <auto Constant, Binding... Bindings>
  requires Formula<decltype(Constant)>
DDX_INLINE constexpr auto eval(Bindings const&... bindings) {
  static_assert(detail::axes_of<std::remove_cvref_t<decltype(Constant)>> == 0,
                "ddx::eval<f>(bindings...): f must be a scalar; an array is computed by ddx::compile<f>()");
  return detail::evaluate_bound<frozen<detail::constant_formula<Constant>>>(nullptr, bindings...);
}

}  // namespace ddx

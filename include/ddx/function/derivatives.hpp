// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A function enters; its gradient, Jacobian, Hessian or a product with these leaves: a function whose trace
// differentiates the trace of the one that entered.
#pragma once

#include <array>
#include <string_view>

#include "../transform/differentiate.hpp"
#include "function.hpp"

namespace ddx {

namespace detail {

template <class Source, bool WithValue>
struct gradient_of {
  using arguments = typename Source::arguments;

  static constexpr void trace(graph& g) {
    sequence<int> const outputs = outputs_of<Source>(g);
    if (WithValue) g.outputs.push_back(outputs[0]);
    for (int id : differentiator(g).gradient(outputs[0], argument_nodes<Source>(g))) g.outputs.push_back(id);
  }
};

template <class Source, int... Variables>
struct derivative_of {
  using arguments = typename Source::arguments;

  static constexpr void trace(graph& g) {
    int result = outputs_of<Source>(g)[0];
    sequence<int> const ids = argument_nodes<Source>(g);
    for (int variable : {Variables...}) {
      sequence<int> single;
      single.push_back(ids[variable]);
      result = differentiator(g).gradient(result, single)[0];
    }
    g.outputs.push_back(result);
  }
};

/// Row by row: the gradient of each output.
template <class Source>
struct jacobian_of {
  using arguments = typename Source::arguments;

  static constexpr void trace(graph& g) {
    sequence<int> const outputs = outputs_of<Source>(g), ids = argument_nodes<Source>(g);
    for (int output : outputs)
      for (int id : differentiator(g).gradient(output, ids)) g.outputs.push_back(id);
  }
};

/// Row by row; the upper triangle is derived, the lower one is the same nodes.
template <class Source>
struct hessian_of {
  using arguments = typename Source::arguments;

  static constexpr void trace(graph& g) {
    sequence<int> const outputs = outputs_of<Source>(g), ids = argument_nodes<Source>(g);
    sequence<int> const gradient = differentiator(g).gradient(outputs[0], ids);
    int const n = ids.size();
    sequence<int> matrix(n * n);
    for (int row = 0; row < n; ++row) {
      sequence<int> rest;
      for (int column = row; column < n; ++column) rest.push_back(ids[column]);
      sequence<int> const upper = differentiator(g).gradient(gradient[row], rest);
      for (int column = row; column < n; ++column)
        matrix[row * n + column] = matrix[column * n + row] = upper[column - row];
    }
    for (int id : matrix) g.outputs.push_back(id);
  }
};

/// Inputs beside the arguments: the direction of a product with the Jacobian or the Hessian.
constexpr sequence<int> direction(graph& g, int count) {
  sequence<int> ids;
  for (int i = 0; i < count; ++i) {
    g.inputs.push_back({.name = {}, .slot = i});
    ids.push_back(input_node(g, g.inputs.size() - 1));
  }
  return ids;
}

template <class Source>
struct jvp_of {
  using arguments = typename Source::arguments;

  static constexpr void trace(graph& g) {
    sequence<int> const outputs = outputs_of<Source>(g), ids = argument_nodes<Source>(g);
    for (int id : differentiator(g).tangent(outputs, ids, direction(g, ids.size()))) g.outputs.push_back(id);
  }
};

template <class Source>
struct vjp_of {
  using arguments = typename Source::arguments;

  static constexpr void trace(graph& g) {
    sequence<int> const outputs = outputs_of<Source>(g), ids = argument_nodes<Source>(g);
    sequence<int> const weights = direction(g, outputs.size());
    traced weighted = traced(g, outputs[0]) * traced(g, weights[0]);
    for (int i = 1; i < outputs.size(); ++i) weighted = weighted + traced(g, outputs[i]) * traced(g, weights[i]);
    for (int id : differentiator(g).gradient(weighted.node_in(g), ids)) g.outputs.push_back(id);
  }
};

template <Function Type>
constexpr void check_scalar() {
  static_assert(
      Type::shape == result_shape::scalar,
      "ddx: this derivative is of a function with one value, this one has several; write jacobian, jvp or vjp");
}

template <class Source>
constexpr int argument_place(std::string_view name) {
  graph g;
  Source::arguments::declare(g);
  return g.find_input(name);
}

}  // namespace detail

/// The gradient as a function: an array with the derivative by each argument.
template <class Source, result_shape Shape>
constexpr auto grad(function<Source, Shape> const&) {
  detail::check_scalar<function<Source, Shape>>();
  return function<detail::gradient_of<Source, false>, result_shape::vector>{};
}

/// Value and gradient together, with the subexpressions they share computed once.
template <class Source, result_shape Shape>
constexpr auto value_and_grad(function<Source, Shape> const&) {
  detail::check_scalar<function<Source, Shape>>();
  return function<detail::gradient_of<Source, true>, result_shape::value_and_gradient>{};
}

/// The derivative by the named arguments in turn: diff<"x">(f), diff<"x", "y">(f).
template <text... Names, class Source, result_shape Shape>
  requires(sizeof...(Names) > 0)
constexpr auto diff(function<Source, Shape> const&) {
  detail::check_scalar<function<Source, Shape>>();
  static_assert(((detail::argument_place<Source>(Names.view()) >= 0) && ...),
                "ddx::diff<name>(f): f has no argument of this name");
  return function<detail::derivative_of<Source, detail::argument_place<Source>(Names.view())...>,
                  result_shape::scalar>{};
}

/// The Jacobian: a row for each value of the function, a column for each argument.
template <class Source, result_shape Shape>
constexpr auto jacobian(function<Source, Shape> const&) {
  return function<detail::jacobian_of<Source>, result_shape::matrix>{};
}

/// The matrix of second derivatives.
template <class Source, result_shape Shape>
constexpr auto hessian(function<Source, Shape> const&) {
  detail::check_scalar<function<Source, Shape>>();
  return function<detail::hessian_of<Source>, result_shape::matrix>{};
}

/// The Jacobian times a vector with an element for each argument, by forward accumulation: the directional derivative.
template <class Source, result_shape Shape, class Number, std::size_t Count>
constexpr auto jvp(function<Source, Shape> const&, std::array<Number, Count> const& direction) {
  static_assert(Count == Source::arguments::count, "ddx::jvp(f, v): v must have an element for each argument of f");
  std::array<double, Count> values{};
  for (std::size_t i = 0; i < Count; ++i) values[i] = static_cast<double>(direction[i]);
  return directional<detail::jvp_of<Source>,
                     Shape == result_shape::scalar ? result_shape::scalar : result_shape::vector, Count>{values};
}

/// A vector with an element for each value of the function times the Jacobian, by reverse accumulation.
template <class Source, result_shape Shape, class Number, std::size_t Count>
constexpr auto vjp(function<Source, Shape> const&, std::array<Number, Count> const& weights) {
  static_assert(Count == detail::output_count<Source>, "ddx::vjp(f, u): u must have an element for each value of f");
  std::array<double, Count> values{};
  for (std::size_t i = 0; i < Count; ++i) values[i] = static_cast<double>(weights[i]);
  return directional<detail::vjp_of<Source>, result_shape::vector, Count>{values};
}

/// The Hessian times a vector, as the directional derivative of the gradient.
template <class Source, result_shape Shape, class Number, std::size_t Count>
constexpr auto hvp(function<Source, Shape> const& f, std::array<Number, Count> const& direction) {
  return jvp(grad(f), direction);
}

}  // namespace ddx

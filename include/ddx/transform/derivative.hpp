// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph, one of its inputs and an order enter; the derivatives of that order leave.
#pragma once

#include "differentiate.hpp"
#include "expansion.hpp"
#include "simplify.hpp"

namespace ddx {

/// Derivatives and Taylor series are refused above this order.
inline constexpr int largest_order = 1000;

namespace detail {

/// The shorter of a simplified graph and the same written out, where like terms meet. Products are flattened through
/// what is shared: u*u with a shared u = v^2 must become v^4 for powers to cancel.
constexpr graph shortest(graph_view source, level assumed = level::sound) {
  graph simple = simplify(source, sharing::expand, assumed);
  int const cost = operations(simple.view());
  expansion terms(simple.view(), 2 * cost + 16);
  if (terms.ring().is_too_large()) return simple;
  for (int output : simple.outputs) terms.out().outputs.push_back(terms.ring().build(terms.of(output)));
  graph written = simplify(terms.out().view(), sharing::expand, assumed);
  return operations(written.view()) < cost ? written : simple;
}

/// The derivatives of all outputs by a scalar input, each times `factor`.
constexpr graph differentiated(graph const& source, int input, rational factor = {1, 1}) {
  graph g = source;
  sequence<int> by;
  by.push_back(input_node(g, input));
  for (int i = 0; i < source.outputs.size(); ++i) {
    int const d = differentiator(g).gradient(source.outputs[i], by)[0];
    int const operands[]{constant_node(g, factor), d};
    g.outputs[i] = factor.is(1) ? d : apply_node(g, info<multiply_>, operands);
  }
  return shortest(g.view());
}

constexpr void check_order(int order, char const* operation) {
  if (order < 0 || order > largest_order)
    throw error(std::string(operation) + ": the order must be from 0 to " + std::to_string(largest_order) + ", not " +
                std::to_string(order));
}

}  // namespace detail

/// The derivatives of order `order` of all outputs by the scalar input `input`, in one graph. Each order is simplified,
/// and written out where that is shorter, before the next one is taken, so that the time grows with the size of the
/// results: the 20th derivative of sin(x)*exp(x) is -1024*sin(x)*exp(x). Order 0 simplifies. Throws error where the
/// order is negative or above `largest_order`.
constexpr graph derivative(graph_view source, int input, int order = 1) {
  detail::check_order(order, "ddx::derivative");
  graph result = detail::shortest(source);
  for (int k = 0; k < order; ++k) result = detail::differentiated(result, input);
  return result;
}

}  // namespace ddx

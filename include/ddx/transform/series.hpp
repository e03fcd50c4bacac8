// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph, one of its inputs, a point and an order enter; the Taylor polynomials of the outputs leave.
#pragma once

#include "derivative.hpp"
#include "substitute.hpp"

namespace ddx {

namespace detail {

constexpr bool is_zero(graph const& g, int id) {
  node const& n = g.nodes[id];
  if (is<constant_>(n)) return n.constant.numerator == 0;
  if (is<multiply_>(n)) return is_zero(g, n.operands[0]) || is_zero(g, n.operands[1]);
  return (is<pow_>(n) || is<negate_>(n)) && is_zero(g, n.operands[0]);
}

/// Whether a graph without dead nodes divides by zero or takes the logarithm of zero, whatever its inputs are.
constexpr bool has_pole(graph const& g) {
  for (node const& n : g.nodes) {
    int const critical = is<divide_>(n) ? n.operands[1] : n.op->id == hash_of("log") ? n.operands[0] : -1;
    if (critical >= 0 && is_zero(g, critical)) return true;
  }
  return false;
}

}  // namespace detail

/// The Taylor polynomial of each output in the scalar input `input` about `at`, up to the power `order`, lowest power first:
/// exp(x) about 0 to order 3 is 1 + x + x^2/2 + x^3/6. Coefficients are exact where the values are, such as sin(0) = 0 and
/// log(1) = 0, and stay expressions elsewhere: exp(x) about 1 begins with exp(1).
/// Throws error where a derivative is not finite at the point, or the order is negative or above `largest_order`.
constexpr graph series(graph_view source, int input, double at, int order) {
  detail::check_order(order, "ddx::series");
  graph result = graph::like(source);
  int const x = detail::input_node(result, input);
  int const point[]{x, detail::constant_node(result, {at, 1})};
  int const distance = at == 0 ? x : detail::apply_node(result, info<subtract_>, point);
  sequence<int> sums(source.output_count, -1);
  graph number;
  number.outputs.push_back(detail::constant_node(number, {at, 1}));
  graph scaled = detail::shortest(source);  // the derivative of order k over k!
  for (int k = 0; k <= order; ++k) {
    if (k > 0) scaled = detail::differentiated(scaled, input, {1, static_cast<double>(k)});
    graph const at_point = simplify(substitute(scaled.view(), input, number.view()).view(), sharing::keep);
    if (detail::has_pole(at_point))
      throw error("ddx::series: the derivative of order " + std::to_string(k) + " is not finite at " +
                  std::string(source.inputs[input].name) + " = " + std::to_string(at));
    graph const there = detail::shortest(at_point.view(), level::assume_real);
    sequence<int> const image = detail::joining(result).copy(there.view());
    for (int i = 0; i < there.outputs.size(); ++i) {
      int part = image[there.outputs[i]];
      if (is<constant_>(result.nodes[part]) && result.nodes[part].constant.numerator == 0) continue;
      if (k > 0) {
        int power[]{distance, detail::constant_node(result, {static_cast<double>(k), 1})};
        int const factors[]{part, k == 1 ? distance : detail::apply_node(result, info<pow_>, power)};
        part = detail::apply_node(result, info<multiply_>, factors);
      }
      int const operands[]{sums[i], part};
      sums[i] = sums[i] < 0 ? part : detail::apply_node(result, info<add_>, operands);
    }
  }
  for (int sum : sums) result.outputs.push_back(sum < 0 ? detail::constant_node(result, {0, 1}) : sum);
  return detail::canonical(result.view(), sharing::keep, sum_order::written, level::sound);
}

}  // namespace ddx

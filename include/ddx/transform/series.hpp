// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph, one of its inputs, a point and an order enter; the Taylor polynomials of the outputs leave.
#pragma once

#include "../graph/number.hpp"
#include "derivative.hpp"
#include "substitute.hpp"

namespace ddx {

namespace detail {

/// "x = 0.5", for messages.
inline std::string place_text(input const& x, double at) {
  bool const finite = at - at == 0;
  return std::string(x.name) + " = " + (finite ? std::string(number_text(at).view()) : std::to_string(at));
}

/// The numbers that nodes of scalars have whatever the inputs are, but for one input that may be given. Inside the compiler functions are
/// not evaluated.
class known_numbers {
 public:
  constexpr explicit known_numbers(graph_view g, int given = -1, double number = 0) : g_(g) {
    for (int i = 0; i < g.node_count; ++i) {
      value v = value_of(g.nodes[i]);
      if (is<input_>(g.nodes[i]) && g.nodes[i].index == given) v = {.known = true, .number = number};
      values_.push_back(v);
    }
  }

  /// Whether a node divides by zero or has an infinity or NaN of finite operands, in a branch that is taken.
  constexpr bool is_undefined(int id) const { return values_[id].undefined; }

  /// The number of a node; where it is not known one that nodes do not share and that nothing is special at.
  constexpr double number(int id) const { return values_[id].known ? values_[id].number : 0.3719 + id; }

  /// The nodes that outputs need for these numbers: of a known condition only the branch taken.
  constexpr sequence<char> live() const {
    sequence<char> result(g_.node_count, 0);
    for (int i = 0; i < g_.output_count; ++i) result[g_.outputs[i]] = 1;
    for (int i = g_.node_count - 1; i >= 0; --i)
      for (int k = 0; result[i] && k < g_.nodes[i].op->arity; ++k)
        if (is_taken(g_.nodes[i], k)) result[g_.nodes[i].operands[k]] = 1;
    return result;
  }

 private:
  struct value {
    bool known = false, undefined = false;
    double number = 0;
  };

  constexpr bool is_taken(node const& n, int operand) const {
    if (!is<where_>(n) || operand == 0 || !values_[n.operands[0]].known) return true;
    return (values_[n.operands[0]].number != 0) == (operand == 1);
  }

  constexpr bool has_number(node const& n, int operand, double number) const {
    value const& v = values_[n.operands[operand]];
    return v.known && v.number == number;
  }

  constexpr value value_of(node const& n) const {
    if (is<constant_>(n)) return {.known = true, .number = n.constant.value()};
    value result;
    bool known = n.op->kind == role::elementwise, moderate = true, finite = true;
    double numbers[max_arity]{};
    for (int k = 0; k < n.op->arity; ++k) {
      value const& v = values_[n.operands[k]];
      if (!is_taken(n, k)) continue;
      known = known && v.known;
      result.undefined = result.undefined || v.undefined;
      numbers[k] = v.number;
      double const size = exact::magnitude(v.number);
      finite = finite && size < std::numeric_limits<double>::infinity();
      moderate = moderate &&
                 size <= 100;  // an infinity of moderate operands is a pole, of others it may be too large a number
    }
    bool const zero = (is<multiply_>(n) && (has_number(n, 0, 0) || has_number(n, 1, 0))) ||
                      (is<divide_>(n) && has_number(n, 0, 0)) || (is<negate_>(n) && has_number(n, 0, 0)) ||
                      (is<pow_>(n) && has_number(n, 0, 0) && numbers[1] > 0);
    if (is<divide_>(n) && has_number(n, 1, 0)) result.undefined = true;
    else if (zero) result.known = true;
    if (result.undefined || result.known || !known || std::is_constant_evaluated()) return result;
    result.known = true;
    result.number = n.op->value(numbers);
    bool const nan = result.number != result.number;
    bool const infinite = exact::magnitude(result.number) == std::numeric_limits<double>::infinity();
    result.undefined = finite && (nan || (infinite && moderate));
    return result;
  }

  graph_view g_;
  sequence<value> values_;
};

/// Whether an output of a graph has no finite value, whatever its inputs are.
constexpr bool has_pole(graph const& g) {
  known_numbers const numbers(g.view());
  for (int output : g.outputs)
    if (numbers.is_undefined(output)) return true;
  return false;
}

/// Refuses a point at which a part of the formula that depends on the input has a kink or a jump: what rules give there is no derivative.
constexpr void check_kinks(graph const& source, int input, graph const& point, double at) {
  known_numbers const near(source.view(), input, at);
  sequence<char> const live = near.live();
  sequence<char> varies(source.nodes.size(), 0);
  sequence<int> kinks;
  graph operands = source;
  operands.outputs.clear();
  for (int i = 0; i < source.nodes.size(); ++i) {
    node const& n = source.nodes[i];
    varies[i] = is<input_>(n) && n.index == input;
    for (int k = 0; k < n.op->arity; ++k) varies[i] = varies[i] || varies[n.operands[k]];
    if (!live[i] || !varies[i] || n.op->kink == nullptr) continue;
    kinks.push_back(i);
    for (int k = 0; k < n.op->arity; ++k) operands.outputs.push_back(n.operands[k]);
  }
  if (kinks.empty()) return;
  graph const there =
      simplify(substitute(operands.view(), input, point.view()).view(), sharing::keep, level::assume_real);
  known_numbers const numbers(there.view());
  int next = 0;
  for (int kink : kinks) {
    primitive const& op = *source.nodes[kink].op;
    double values[max_arity]{};
    for (int k = 0; k < op.arity; ++k) values[k] = numbers.number(there.outputs[next++]);
    if (op.kink(values))
      throw error("ddx::series: there is no Taylor polynomial at " + place_text(source.inputs[input], at) +
                  ", where '" + std::string(op.name) + "' has a kink or a jump");
  }
}

}  // namespace detail

/// The Taylor polynomial of each output in the scalar input `input` about `at`, up to the power `order`, lowest power first:
/// exp(x) about 0 to order 3 is 1 + x + x^2/2 + x^3/6. Coefficients are exact where the values are, such as sin(0) = 0 and
/// log(1) = 0, and stay expressions elsewhere: exp(x) about 1 begins with exp(1).
/// Throws error where a derivative is not finite at the point, a part of the formula has a kink or a jump there (abs at 0, floor at whole
/// numbers, a condition at its border), or the order is negative or above `largest_order`.
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
  if (order > 0) detail::check_kinks(scaled, input, number, at);
  for (int k = 0; k <= order; ++k) {
    if (k > 0) scaled = detail::differentiated(scaled, input, {1, static_cast<double>(k)});
    graph const at_point = simplify(substitute(scaled.view(), input, number.view()).view(), sharing::keep);
    if (detail::has_pole(at_point))
      throw error("ddx::series: the derivative of order " + std::to_string(k) + " is not finite at " +
                  detail::place_text(source.inputs[input], at));
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

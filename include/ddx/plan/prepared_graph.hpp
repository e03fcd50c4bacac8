// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Nodes of a graph that is being prepared for loops enter, products of them leave: number*rest, where the number is
// computed once and the rest has axes.
#pragma once

#include <bit>

#include "../transform/simplify.hpp"

namespace ddx::detail {

/// The graph that preparation makes.
class prepared_graph {
 public:
  graph out;

  constexpr axis_set axes(int id) const { return out.nodes[id].axes; }
  constexpr bool is_constant(int id) const { return is<constant_>(out.nodes[id]); }
  constexpr double value(int id) const { return out.nodes[id].constant.value(); }
  constexpr int constant(double number) { return constant_node(out, {number, 1}); }
  constexpr bool is_zero(int id) const { return is_constant(id) && value(id) == 0; }

  constexpr int apply(primitive const& op, int a, int b) {
    int const operands[]{a, b};
    return apply_node(out, op, operands);
  }

  constexpr int multiply(int a, int b) {
    if (is_constant(a) && value(a) == 1) return b;
    if (is_constant(b) && value(b) == 1) return a;
    return apply(info<multiply_>, a, b);
  }

  constexpr int reciprocal(int id) {
    if (is_constant(id) && value(id) != 0) return constant(1 / value(id));
    return apply(info<divide_>, constant(1), id);
  }

  /// `a` where a condition holds, else 0.
  constexpr int choose(int condition, int a) {
    int const operands[]{condition, a, constant(0)};
    return apply_node(out, info<where_>, operands);
  }

  /// Whether a node is number*rest.
  constexpr bool has_number(int id) const {
    node const& n = out.nodes[id];
    return is<multiply_>(n) && axes(n.operands[0]) == 0 && axes(n.operands[1]) != 0;
  }

  /// number*e; a number that e begins with is multiplied with it first.
  constexpr int scaled(int number, int e) {
    for (; has_number(e) && may_join(number, out.nodes[e].operands[0]); e = out.nodes[e].operands[1])
      number = multiply(number, out.nodes[e].operands[0]);
    return multiply(number, e);
  }

  /// A product with its numbers before the rest; `free` where nothing else needs a factor with its number.
  constexpr int numbers_first(node n, bool first_free, bool second_free) {
    for (int k = 0; k < 2; ++k)
      if (axes(n.operands[k]) == 0) return scaled(n.operands[k], n.operands[1 - k]);
    int number = -1;
    for (int k = 0; k < 2; ++k) {
      int const factor = n.operands[k];
      if (!has_number(factor) || axes(factor) != n.axes || !(k == 0 ? first_free : second_free)) continue;
      node const product = out.nodes[factor];
      if (number >= 0 && !may_join(number, product.operands[0])) continue;
      number = number < 0 ? product.operands[0] : multiply(number, product.operands[0]);
      n.operands[k] = product.operands[1];
    }
    int const rest = out.intern(n);
    return number < 0 ? rest : multiply(number, rest);
  }

  /// The product of factors: those with the same axes first, then from the smallest set of axes to the largest.
  constexpr int product(sequence<int>& factors) {
    auto const size = [this](int id) { return std::popcount(axes(id)); };
    sort(factors, [&](int a, int b) { return size(a) != size(b) ? size(a) < size(b) : axes(a) < axes(b); });
    sequence<int> groups;
    for (int id : factors) {
      if (!groups.empty() && axes(groups.back()) == axes(id)) groups.back() = multiply(groups.back(), id);
      else groups.push_back(id);
    }
    int result = groups[0];
    for (int i = 1; i < groups.size(); ++i) result = multiply(result, groups[i]);
    return result;
  }

 private:
  /// Whether two numbers may be multiplied before what they scale: one is a constant that neither overflows nor
  /// vanishes with the other where the result does not. Of x/s/s both 1/s are not: their product may be infinite where
  /// the quotient is 1.
  constexpr bool may_join(int a, int b) const { return is_moderate(a) || is_moderate(b); }
  constexpr bool is_moderate(int id) const {
    if (!is_constant(id)) return false;
    double const size = value(id) < 0 ? -value(id) : value(id);
    return size >= 0x1p-20 && size <= 0x1p20;
  }
};

}  // namespace ddx::detail

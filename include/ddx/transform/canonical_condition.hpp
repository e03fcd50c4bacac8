// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Conditions and branches enter; the node of their comparison, connective or choice in canonical form leaves.
#pragma once

#include "canonical_product.hpp"

namespace ddx::detail {

/// Builds canonical conditions.
class canonical_condition : protected canonical_product {
 protected:
  using canonical_product::canonical_product;

  // ---- conditions: comparisons of constants, x == 0 and x > 0 = false, where(true, a, b) = a, where(c, a, a) = a,
  // where(not c, a, b) = where(c, b, a), where(c, where(c, a, b), d) = where(c, a, d)

  constexpr int build_where(int c, int a, int b) {
    if (is_constant(c)) return out_.nodes[c].constant.numerator != 0 ? a : b;
    if (is<where_>(out_.nodes[a]) && out_.nodes[a].operands[0] == c) a = out_.nodes[a].operands[1];
    if (is<where_>(out_.nodes[b]) && out_.nodes[b].operands[0] == c) b = out_.nodes[b].operands[2];
    if (a == b) return a;
    if (is<not_>(out_.nodes[c]) && !is_index(c, a)) return build_where(out_.nodes[c].operands[0], b, a);
    int const operands[]{c, a, b};
    return detail::apply_node(out_, info<where_>, operands);
  }

  /// Whether where(c, a, …) is an index of an expression, whose zeros outside reductions to come leave out.
  constexpr bool is_index(int c, int a) const {
    return out_.nodes[out_.nodes[c].operands[0]].op->kind == role::inside && is_constant(a) &&
           out_.nodes[a].constant.numerator == 0;
  }

  constexpr int build_condition(node n) {
    int const a = n.operands[0], b = n.op->arity > 1 ? n.operands[1] : a;
    if (is_constant(a) && is_constant(b)) {
      double const x = out_.nodes[a].constant.value(), y = out_.nodes[b].constant.value();
      return constant({static_cast<double>(decide(n, x, y)), 1});
    }
    if (is<and_>(n) || is<or_>(n)) {
      bool const neutral = is<and_>(n);
      if (is_constant(a)) return (out_.nodes[a].constant.numerator != 0) == neutral ? b : a;
      if (is_constant(b)) return (out_.nodes[b].constant.numerator != 0) == neutral ? a : b;
      if (a == b) return a;
      if (int const both = build_comparison(a, b, is<and_>(n)); both >= 0) return both;
    }
    if (is<not_>(n) && is<not_>(out_.nodes[a])) return out_.nodes[a].operands[0];
    return detail::apply_node(out_, *n.op, n.operands);
  }

  /// How two numbers may be to each other, a bit each.
  enum : unsigned { is_below = 1, is_same = 2, is_above = 4, is_unordered = 8 };

  static constexpr unsigned relations(node const& n) {
    if (is<less_>(n)) return is_below;
    if (is<less_equal_>(n)) return is_below | is_same;
    if (is<greater_>(n)) return is_above;
    if (is<greater_equal_>(n)) return is_above | is_same;
    if (is<equal_>(n)) return is_same;
    return is<not_equal_>(n) ? is_below | is_above | is_unordered : 0;
  }

  /// Two comparisons of the same operands, both or either, as one comparison or a constant; -1 where there is none.
  constexpr int build_comparison(int a, int b, bool both) {
    node const left = out_.nodes[a], right = out_.nodes[b];
    unsigned const first = relations(left), second = relations(right);
    if (first == 0 || second == 0 || left.operands[0] != right.operands[0] || left.operands[1] != right.operands[1])
      return -1;
    unsigned const wanted = both ? first & second : first | second;
    if (wanted == 0) return constant({0, 1});
    for (primitive const* op : {left.op, right.op, &info<equal_>})
      if (relations({.op = op}) == wanted) return detail::apply_node(out_, *op, left.operands);
    return -1;
  }

  static constexpr bool decide(node const& n, double x, double y) {
    if (unsigned const wanted = relations(n); wanted != 0)
      return (wanted & (x < y ? is_below : x == y ? is_same : x > y ? is_above : is_unordered)) != 0;
    if (is<and_>(n)) return x != 0 && y != 0;
    if (is<or_>(n)) return x != 0 || y != 0;
    return x == 0;
  }
};

}  // namespace ddx::detail

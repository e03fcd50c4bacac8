// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Products enter that have the products of all elements before each and of all behind as factors, two recurrences;
// equal ones leave that have the products of all other elements instead, which need no order.
#pragma once

#include "prepared_graph.hpp"

namespace ddx::detail {

/// Where both sides of an element are multiplied, as in the gradient of a product.
class products_of_others {
 public:
  constexpr explicit products_of_others(prepared_graph& g) : g_(g) {}

  /// Makes of the factors rest*before and behind, in any order, rest and the product of the others; of before and
  /// behind alone 1 and that. False where they are no such factors.
  constexpr bool join(int* factors) {
    for (int k = 0; k < 2; ++k) {
      side const one = side_of(factors[k]);
      if (one.array < 0) continue;
      int const rest = without_opposite(factors[1 - k], one);
      if (rest < 0) continue;
      node n{.op = &info<product_of_others_>, .index = one.axis, .axes = g_.axes(one.array), .constant = {-1, 1}};
      n.operands[0] = one.array;
      factors[0] = rest;
      factors[1] = g_.out.intern(n);
      return true;
    }
    return false;
  }

 private:
  /// The products of all elements of an array on one side, where the offset is: array[i + o] times that for i + o, 1 at
  /// the end.
  struct side {
    int array = -1, axis = -1;
    double offset = 0;
  };

  constexpr side side_of(int id) const {
    node const& n = g_.out.nodes[id];
    if (!is<recurrence_>(n)) return {};
    node const& factor = g_.out.nodes[n.operands[0]];
    if (factor.op->kind != role::shift || !is_neighbour(factor, n) || !begins_with_one(g_.out.nodes[n.operands[1]], n))
      return {};
    int const array = factor.operands[0];
    if (g_.out.nodes[array].op->kind == role::shift || g_.axes(array) != n.axes) return {};
    return {array, n.index, n.constant.numerator};
  }

  constexpr bool begins_with_one(node const& n, node const& scan) const {
    if (!is<where_>(n) || !g_.is_zero(n.operands[1]) || !g_.is_constant(n.operands[2]) || g_.value(n.operands[2]) != 1)
      return false;
    node const& condition = g_.out.nodes[n.operands[0]];
    return condition.op->kind == role::inside && is_neighbour(condition, scan);
  }

  static constexpr bool is_neighbour(node const& n, node const& scan) {
    return n.index == scan.index && n.constant.numerator == scan.constant.numerator;
  }

  /// What is left of a product without the products on the other side, -1 where it does not have them.
  constexpr int without_opposite(int id, side const& one) {
    side const other = side_of(id);
    if (other.array == one.array && other.axis == one.axis && other.offset == -one.offset) return g_.constant(1);
    node const n = g_.out.nodes[id];
    if (!is<multiply_>(n)) return -1;
    for (int k = 0; k < 2; ++k)
      if (int const rest = without_opposite(n.operands[k], one); rest >= 0) return g_.multiply(rest, n.operands[1 - k]);
    return -1;
  }

  prepared_graph& g_;
};

}  // namespace ddx::detail

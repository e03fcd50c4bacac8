// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Choices enter; equal ones leave that are made once for all axes they lack, and whose guards contractions can leave
// out.
#pragma once

#include "prepared_graph.hpp"

namespace ddx::detail {

/// Choices, by conditions that may have fewer axes than what is chosen among.
class choices {
 public:
  constexpr explicit choices(prepared_graph& g) : g_(g) {}

  /// where(c, x*y, 0) = where(c, x*where(c, y, 0), 0), for c on fewer axes than the product and y with all of them: a
  /// contraction then needs no guard but where x*0 is not 0.
  constexpr int guarded(node n) {
    int const branch = g_.is_zero(n.operands[2]) ? 1 : g_.is_zero(n.operands[1]) ? 2 : 0;
    if (branch == 0)
      if (int const product = product_of_choice(n); product >= 0) return product;
    if (branch == 0 || !is<multiply_>(g_.out.nodes[n.operands[branch]])) return g_.out.intern(n);
    node const product = g_.out.nodes[n.operands[branch]];
    axis_set const condition = g_.axes(n.operands[0]);
    for (int k = 0; k < 2; ++k) {
      int const other = product.operands[1 - k];
      node inner = n;
      inner.operands[branch] = product.operands[k];
      inner.axes = g_.axes(product.operands[k]);
      if (condition == 0 || (condition & ~inner.axes) != 0 || inner.axes == product.axes ||
          g_.axes(other) == product.axes)
        continue;
      n.operands[branch] = g_.multiply(k == 0 ? g_.out.intern(inner) : other, k == 0 ? other : g_.out.intern(inner));
      break;
    }
    return g_.out.intern(n);
  }

 private:
  // Choices among products: where(c, x*t, y*t) = where(c, x, y)*t, where the choice lacks axes of t and is made once
  // for all of them. Choices may be nested, and some may be 0: then the product is guarded by the condition under which
  // it is not.

  /// -1 where a choice is not of this form.
  constexpr int product_of_choice(node const& n) {
    int first = n.operands[1];
    while (is<where_>(g_.out.nodes[first]))
      first = g_.out.nodes[first].operands[g_.is_zero(g_.out.nodes[first].operands[1]) ? 2 : 1];
    node const product = g_.out.nodes[first];
    if (!is<multiply_>(product)) return -1;
    for (int k = 0; k < 2; ++k) {
      int const factor = product.operands[k];
      axis_set chosen_axes = 0;
      if (!chooses_products(n, factor, chosen_axes) || (g_.axes(factor) & ~chosen_axes) == 0) continue;
      int const id = g_.out.intern(n), chosen = without(factor, id), condition = where_nonzero(id);
      if (condition < 0) return g_.multiply(chosen, factor);
      return g_.choose(condition, g_.multiply(g_.choose(condition, chosen), factor));
    }
    return -1;
  }

  /// Whether what a node chooses among is 0 or a product with `factor`; collects the axes of all else.
  constexpr bool chooses_products(node const& n, int factor, axis_set& others) const {
    others |= g_.axes(n.operands[0]);
    for (int branch = 1; branch <= 2; ++branch) {
      int const id = n.operands[branch];
      node const& part = g_.out.nodes[id];
      if (g_.is_zero(id)) continue;
      if (is<where_>(part)) {
        if (!chooses_products(part, factor, others)) return false;
      } else if (is<multiply_>(part) && (part.operands[0] == factor || part.operands[1] == factor)) {
        others |= g_.axes(part.operands[part.operands[0] == factor ? 1 : 0]);
      } else {
        return false;
      }
    }
    return true;
  }

  constexpr int without(int factor, int id) {
    node const n = g_.out.nodes[id];
    if (g_.is_zero(id)) return id;
    if (is<multiply_>(n)) return n.operands[n.operands[0] == factor ? 1 : 0];
    int const operands[]{n.operands[0], without(factor, n.operands[1]), without(factor, n.operands[2])};
    return apply_node(g_.out, info<where_>, operands);
  }

  /// The condition under which a choice among products is one of them, -1 where it always is.
  constexpr int where_nonzero(int id) {
    node const n = g_.out.nodes[id];
    if (!is<where_>(n)) return -1;
    int const c = n.operands[0], negated[]{c}, unless = apply_node(g_.out, info<not_>, negated);
    if (g_.is_zero(n.operands[2])) return both(c, where_nonzero(n.operands[1]));
    if (g_.is_zero(n.operands[1])) return both(unless, where_nonzero(n.operands[2]));
    int const a = where_nonzero(n.operands[1]), b = where_nonzero(n.operands[2]);
    if (a < 0) return b < 0 ? -1 : g_.apply(info<or_>, c, b);
    return b < 0 ? g_.apply(info<or_>, unless, a) : g_.apply(info<or_>, both(c, a), both(unless, b));
  }
  constexpr int both(int a, int b) { return b < 0 ? a : g_.apply(info<and_>, a, b); }

  prepared_graph& g_;
};

}  // namespace ddx::detail

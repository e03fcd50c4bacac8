// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A sum or a product of a graph or of a pattern enters; its terms or factors leave.
#pragma once

#include "rewrite_uses.hpp"

namespace ddx::detail {

/// Opens chains of sums and of products.
class rewrite_chains : protected rewrite_uses {
 protected:
  using rewrite_uses::rewrite_uses;

  /// Longer chains are left as they are: matching takes time with the square of their length.
  static constexpr int widest = 128, widest_sum = 4096;

  struct summand {
    rational coefficient;
    int body;   // `one` for a constant
    int whole;  // the node of the term
  };

  template <class Element>
  static constexpr void remove(sequence<Element>& elements, int place) {
    for (int i = place + 1; i < elements.size(); ++i) elements[i - 1] = elements[i];
    elements.pop_back();
  }

  static constexpr int whole_power(graph const& g, node const& n) {
    if (!is<pow_>(n) || !is<constant_>(g.nodes[n.operands[1]])) return 0;
    rational const c = g.nodes[n.operands[1]].constant;
    return c.denominator == 1 && exact::is_integer(c.numerator) && c.numerator > 1 && c.numerator < 1 << 20
               ? static_cast<int>(c.numerator)
               : 0;
  }

  /// Whether a link of a chain in the graph may be opened; patterns are opened all the way.
  constexpr bool opens(graph const& g, int id) const {
    return &g == &patterns_ || mode_ == sharing::expand || uses_[id] <= 1;
  }

  /// The factors or terms of a chain, at least as many as are opened.
  constexpr int width(int id) {
    while (widths_.size() <= id) {
      node const& n = out_.nodes[widths_.size()];
      int sum = 0;
      for (int k = 0; k < n.op->arity; ++k) {
        node const& operand = out_.nodes[n.operands[k]];
        bool const link = is_sum(n) ? k == 0 && is_sum(operand) : is_product(n) && is_product(operand);
        sum += link ? widths_[n.operands[k]] : 1;
      }
      widths_.push_back(sum < 2 * widest_sum ? sum : 2 * widest_sum);
    }
    return widths_[id];
  }

  constexpr product factors_of(graph const& g, int id) const {
    struct visit {
      int id;
      bool inverse;
    };
    product p;
    sequence<visit> pending;
    pending.push_back({id, false});
    while (!pending.empty()) {
      visit const current = pending.back();
      pending.pop_back();
      node const& n = g.nodes[current.id];
      rational folded;
      if (is<constant_>(n) && n.constant.numerator != 0 &&
          (current.inverse ? exact::divide(p.coefficient, n.constant, folded)
                           : exact::multiply(p.coefficient, n.constant, folded))) {
        p.coefficient = folded;
        continue;
      }
      bool const open = current.id == id || opens(g, current.id);
      if (open && is_product(n) && !(current.inverse && is<divide_>(n))) {
        if (is<negate_>(n)) p.coefficient = -p.coefficient;
        for (int k = n.op->arity - 1; k >= 0; --k)
          pending.push_back({n.operands[k], current.inverse != (is<divide_>(n) && k == 1)});
        continue;
      }
      int const exponent = open ? whole_power(g, n) : 0;
      factor const f = exponent > 0 ? factor{n.operands[0], exponent} : factor{current.id, 1};
      (current.inverse ? p.denominator : p.numerator).push_back(f);
    }
    return p;
  }

  /// The terms of a chain, first written first.
  constexpr sequence<summand> terms_of(graph const& g, int id) const {
    sequence<summand> reversed, result;
    bool more = true;
    for (int link = id; more;) {
      node const n = g.nodes[link];
      more = is_sum(n) && (link == id || opens(g, link));
      reversed.push_back(summand_of(g, more ? n.operands[1] : link, more && is<subtract_>(n)));
      if (more) link = n.operands[0];
    }
    for (int i = reversed.size() - 1; i >= 0; --i) result.push_back(reversed[i]);
    return result;
  }

  constexpr summand summand_of(graph const& g, int id, bool negative) const {
    summand t{{1, 1}, id, id};
    node const& n = g.nodes[id];
    if (is<constant_>(n)) {
      t = {n.constant, one, id};
    } else if (is<negate_>(n)) {
      t = summand_of(g, n.operands[0], true);
      t.whole = id;
    } else if (is<multiply_>(n) && is<constant_>(g.nodes[n.operands[0]]) &&
               g.nodes[n.operands[0]].constant.numerator != 0) {
      t = {g.nodes[n.operands[0]].constant, n.operands[1], id};
    } else if (is<divide_>(n) && is<constant_>(g.nodes[n.operands[1]])) {
      rational quotient;
      summand const above = summand_of(g, n.operands[0], false);
      if (above.body != one && exact::divide(above.coefficient, g.nodes[n.operands[1]].constant, quotient))
        t = {quotient, above.body, id};
    }
    if (negative) t.coefficient = -t.coefficient;
    return t;
  }

  /// The node of a term whose sign is in the chain.
  constexpr int unsigned_term(summand const& t) const {
    return is<negate_>(out_.nodes[t.whole]) ? out_.nodes[t.whole].operands[0] : t.whole;
  }

  graph patterns_;

 private:
  sequence<int> widths_;
};

}  // namespace ddx::detail

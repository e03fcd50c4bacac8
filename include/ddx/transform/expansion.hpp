// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph enters; its nodes as polynomials in what is not a sum, a product or a whole power leave.
#pragma once

#include "polynomial.hpp"

namespace ddx::detail {

/// Writes the nodes of a graph as polynomials in what is not a sum, a product or a whole power.
class expansion {
 public:
  constexpr explicit expansion(graph_view source, int most_terms = largest_polynomial)
      : in_(source),
        out_(graph::like(source)),
        ring_(out_, most_terms),
        begin_(source.node_count),
        count_(source.node_count) {
    mark();
    for (int id = 0; id < in_.node_count && !ring_.is_too_large(); ++id)
      if (needed_[id]) {
        polynomial p;
        expand(id, p);
        keep(id, p);
      }
  }

  /// The polynomial of an output or of an operand of a function.
  constexpr polynomial of(int id) const {
    polynomial p;
    if (count_[id] > 0) p.reserve(count_[id]);
    for (int i = 0; i < count_[id]; ++i) p.push_back(terms_[begin_[id] + i]);
    return p;
  }
  constexpr polynomial_ring& ring() { return ring_; }
  constexpr graph& out() { return out_; }

 private:
  static constexpr bool is_sum(node const& n) { return is<add_>(n) || is<subtract_>(n); }

  /// Which nodes need a polynomial of their own: the inner links of long sums do not, nor do products and powers below
  /// a bar, which are not written out.
  constexpr void mark() {
    needed_ = sequence<char>(in_.node_count, 0);
    sequence<char> link(in_.node_count, 0), divisor(in_.node_count, 0);
    for (int i = 0; i < in_.output_count; ++i) needed_[in_.outputs[i]] = 1;
    for (int id = in_.node_count - 1; id >= 0; --id) {
      node const& n = in_.nodes[id];
      bool const only_below = divisor[id] && (is<multiply_>(n) || whole_exponent(n) > 0);
      if (divisor[id] && !only_below) needed_[id] = 1;
      if (only_below) {
        divisor[n.operands[0]] = 1;
        if (is<multiply_>(n)) divisor[n.operands[1]] = 1;
      }
      if (!needed_[id] && !link[id]) continue;
      for (int k = 0; k < n.op->arity; ++k) {
        bool const chained = is_sum(n) && k == 0 && is_sum(in_.nodes[n.operands[0]]);
        (chained ? link : is<divide_>(n) && k == 1 ? divisor : needed_)[n.operands[k]] = 1;
      }
    }
  }

  /// p^n for what cannot be raised exactly.
  constexpr polynomial power_of_inverse(polynomial const& p, int n) {
    return ring_.atom(ring_.build_power(ring_.build(p), n));
  }

  /// 1/node, its product and powers not written out.
  constexpr void inverse_of(int id, polynomial& result) {
    node const& n = in_.nodes[id];
    polynomial inner;
    if (is<multiply_>(n)) {
      polynomial other;
      inverse_of(n.operands[0], inner);
      inverse_of(n.operands[1], other);
      result = ring_.multiply(inner, other);
    } else if (int const exponent = whole_exponent(n); exponent > 0) {
      inverse_of(n.operands[0], inner);
      if (!ring_.raise(inner, exponent, result)) result = power_of_inverse(inner, exponent);
    } else if (inner = of(id); !ring_.invert(inner, result)) {
      result = ring_.atom(ring_.build(inner), true);
    }
  }

  constexpr void keep(int id, polynomial const& p) {
    begin_[id] = terms_.size();
    count_[id] = p.size();
    for (monomial_term const& t : p) terms_.push_back(t);
  }

  // No choice of the kind c ? p : q between polynomials: g++ 12 destroys the result too early in constant expressions.
  constexpr void expand(int id, polynomial& result) {
    node const& n = in_.nodes[id];
    if (is<constant_>(n)) {
      bool const finite = n.constant.denominator != 0 && exact::magnitude(n.constant.numerator) < 1e300;
      if (finite) result = ring_.constant(n.constant);
      else result = opaque(id);
    } else if (is_sum(n)) {
      expand_sum(id, result);
    } else if (is<negate_>(n)) {
      ring_.add(result, of(n.operands[0]), -1);
    } else if (is<multiply_>(n)) {
      polynomial const a = of(n.operands[0]), b = of(n.operands[1]);
      if (a.empty() || b.empty()) result = opaque(id);  // 0*x stays
      else result = ring_.multiply(a, b);
    } else if (is<divide_>(n)) {
      expand_quotient(n, result);
    } else if (int const exponent = whole_exponent(n);
               exponent == 0 || !ring_.raise(of(n.operands[0]), exponent, result)) {
      result = opaque(id);
    }
  }

  /// The exponent of a whole positive power, 0 for other nodes.
  constexpr int whole_exponent(node const& n) const {
    if (!is<pow_>(n) || !is<constant_>(in_.nodes[n.operands[1]])) return 0;
    rational const c = in_.nodes[n.operands[1]].constant;
    bool const whole = c.denominator == 1 && exact::is_integer(c.numerator);
    return whole && c.numerator > 0 && c.numerator < largest_exponent ? static_cast<int>(c.numerator) : 0;
  }

  constexpr void expand_sum(int id, polynomial& result) {
    sequence<int> chain;
    int first = id;
    for (; is_sum(in_.nodes[first]); first = in_.nodes[first].operands[0]) chain.push_back(first);
    result = of(first);
    ring_.open(result);
    while (!chain.empty()) {
      node const& link = in_.nodes[chain.back()];
      chain.pop_back();
      ring_.append(result, of(link.operands[1]), is<subtract_>(link) ? -1 : 1);
    }
    ring_.close(result);
  }

  constexpr void expand_quotient(node const& n, polynomial& result) {
    polynomial const above = of(n.operands[0]);
    polynomial below;
    inverse_of(n.operands[1], below);
    if (above.empty()) {
      result = below;
      result[0].coefficient = {0, 1};  // 0/x is undefined at 0
    } else {
      result = ring_.multiply(above, below);
    }
  }

  /// A node that is no polynomial of its operands, which are expanded.
  constexpr polynomial opaque(int id) {
    node n = in_.nodes[id];
    if (n.op->arity == 0) return ring_.atom(out_.intern(n));
    for (int k = 0; k < n.op->arity; ++k) n.operands[k] = ring_.build(of(n.operands[k]));
    return ring_.atom(out_.intern(n));
  }

  graph_view in_;
  graph out_;
  polynomial_ring ring_;
  sequence<monomial_term> terms_;  // of all polynomials
  sequence<int> begin_, count_;    // where those of a node are
  sequence<char> needed_;
};

}  // namespace ddx::detail

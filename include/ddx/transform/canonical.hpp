// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The canonical form: a graph enters, an equal graph in which sums, products, powers and conditions are in order
// leaves, without dead nodes.
//
// Canonical form. A sum is a chain (t1 + t2) - t3 in the order of first writing; like terms are merged where their
// signs agree. A product is coefficient * (constants, variables, the rest) / (denominators), each by first appearance;
// like factors are merged into whole positive powers. No rewrite changes the set of points where the exact value is
// defined: 0*x, x - x and x/x stay. Sums and products of finite numbers may be regrouped, constants fold only where
// that is exact. With level::assume_real they do not stay: every subexpression is taken to be defined.
#pragma once

#include <utility>

#include "canonical_condition.hpp"

namespace ddx {

namespace detail {

/// The operations of one node; x^-n is a power and a division, however it is written.
constexpr int operations(graph_view g, int id) {
  node const& n = g.nodes[id];
  if (n.op->arity == 0) return 0;
  if (!is<pow_>(n)) return 1;
  node const& exponent = g.nodes[n.operands[1]];
  return is<constant_>(exponent) && exponent.constant.negative() ? 2 : 1;
}

/// The square root of a quotient of squares of integers or of halves, quarters and their like.
constexpr bool square_root(rational square, rational& root) {
  auto const whole_root = [](double number, double& result) {
    double unit = 1;
    for (; !exact::is_integer(number) && unit > 0x1p-26; unit /= 2) number *= number < 1e15 ? 4 : 1;
    if (!exact::is_integer(number) || number < 0) return false;
    double low = 0, high = 94906266;  // the first integer whose square is above 2^53
    while (low < high) {
      double const middle = static_cast<double>((static_cast<std::int64_t>(low) + static_cast<std::int64_t>(high)) / 2);
      if (middle * middle < number) low = middle + 1;
      else high = middle;
    }
    result = low * unit;
    return low * low == number;
  };
  return whole_root(square.numerator, root.numerator) && whole_root(square.denominator, root.denominator);
}

/// The same nodes with the same numbers.
constexpr bool identical(graph const& a, graph const& b) {
  if (a.nodes.size() != b.nodes.size()) return false;
  for (int i = 0; i < a.nodes.size(); ++i)
    if (!(a.nodes[i] == b.nodes[i])) return false;
  for (int i = 0; i < a.outputs.size(); ++i)
    if (a.outputs[i] != b.outputs[i]) return false;
  return true;
}

}  // namespace detail

class simplifier : protected detail::canonical_condition {
 public:
  constexpr simplifier(graph_view source, sharing mode, sum_order order = sum_order::written,
                       level assumed = level::sound)
      : canonical_condition(source, mode, order, assumed), images_(source.node_count, -1) {}

  constexpr graph run() {
    count_uses();
    for (int i = 0; i < in_.node_count; ++i)
      if (uses_[i] > 0 && !absorbed_[i]) images_[i] = rewrite(i);
    for (int i = 0; i < in_.output_count; ++i) out_.outputs.push_back(images_[in_.outputs[i]]);
    return compacted(out_.view());
  }

  /// The nodes that the outputs need, in order.
  static constexpr graph compacted(graph_view source) {
    sequence<char> live(source.node_count, 0);
    for (int i = 0; i < source.output_count; ++i) live[source.outputs[i]] = 1;
    for (int i = source.node_count - 1; i >= 0; --i)
      if (live[i])
        for (int k = 0; k < source.nodes[i].op->arity; ++k) live[source.nodes[i].operands[k]] = 1;
    graph result = graph::like(source);
    sequence<int> image(source.node_count, -1);
    for (int i = 0; i < source.node_count; ++i) {
      if (!live[i]) continue;
      node n = source.nodes[i];
      for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[n.operands[k]];
      image[i] = result.intern(n);
    }
    for (int i = 0; i < source.output_count; ++i) result.outputs.push_back(image[source.outputs[i]]);
    return result;
  }

 protected:
  static constexpr unsigned sqrt_id = hash_of(sqrt_::name);

  // ---- which nodes are parts of a larger sum or product and never stand alone

  constexpr void count_uses() {
    uses_ = sequence<int>(in_.node_count, 0);
    absorbed_ = sequence<char>(in_.node_count, 0);
    for (int i = 0; i < in_.output_count; ++i) uses_[in_.outputs[i]] += 2;  // an output stands alone
    for (int i = in_.node_count - 1; i >= 0; --i) {
      if (uses_[i] == 0) continue;
      for (int k = 0; k < in_.nodes[i].op->arity; ++k) ++uses_[in_.nodes[i].operands[k]];
    }
    for (int i = 0; i < in_.node_count; ++i) {
      node const& n = in_.nodes[i];
      if (uses_[i] == 0 || !(is_sum(n) || is_product(n))) continue;
      for (int k = 0; k < n.op->arity; ++k) {
        int const operand = n.operands[k];
        node const& part = in_.nodes[operand];
        if (uses_[operand] != 1) continue;
        bool const second_of_difference = is<subtract_>(n) && k == 1;               // a - (b + c) is not flattened
        bool const quotient_below = is<divide_>(n) && k == 1 && is<divide_>(part);  // a/(b/c) is undefined at c = 0
        bool const closed = level_ == level::sound && (quotient_below || nested_quotient(part, n, k));
        if (is_sum(n) ? is_sum(part) && !second_of_difference : is_product(part) && !closed) absorbed_[operand] = 1;
      }
    }
  }

  /// Below a fraction bar only products are flattened: in a/(b*(c/d)) the quotient c/d must stand alone.
  constexpr bool nested_quotient(node const& part, node const& n, int k) const {
    return is<divide_>(n) && k == 1 && !is<divide_>(part) && contains_quotient(part);
  }
  constexpr bool contains_quotient(node const& n) const {
    for (int k = 0; k < n.op->arity; ++k) {
      node const& part = in_.nodes[n.operands[k]];
      if (is<divide_>(part) || (is_product(part) && contains_quotient(part))) return true;
    }
    return false;
  }

  // ---- one node

  constexpr int rewrite(int id) {
    node const& n = in_.nodes[id];
    if (is_sum(n)) {
      sequence<term> terms;
      collect_sum(id, terms);
      return build_sum(terms);
    }
    if (is_product(n)) {
      product p;
      factor_places_.clear();
      collect_product(id, p);
      return build_product(p);
    }
    node copy = n;
    for (int k = 0; k < n.op->arity; ++k) copy.operands[k] = images_[n.operands[k]];
    return rebuild(copy);
  }

  /// The canonical form of a node whose operands are canonical.
  constexpr int rebuild(node n) {
    if (n.op->canonical) {
      int const composite = n.op->canonical(out_, out_.intern(n));
      return rebuild(out_.nodes[composite]);
    }
    if (is<pow_>(n)) return build_power(n.operands[0], n.operands[1]);
    if (is<where_>(n)) return build_where(n.operands[0], n.operands[1], n.operands[2]);
    if (is<sum_>(n)) return build_total(n.operands[0], n.index);
    if (is<mean_>(n) && !has_axis(n.operands[0], n.index)) return n.operands[0];
    if (n.op->condition && n.op->arity > 0) return build_condition(n);
    if (n.op->kind == role::shift) return detail::shift_node(out_, n.operands[0], n.index, n.constant.numerator);
    if (n.op->id == sqrt_id && is_constant(n.operands[0])) {
      rational root;
      if (detail::square_root(out_.nodes[n.operands[0]].constant, root)) return constant(root);
    }
    if (n.op->arity > 0) {
      n.axes = 0;
      for (int k = 0; k < n.op->arity; ++k) n.axes |= out_.nodes[n.operands[k]].axes;
      if (n.op->kind == role::reduction) n.axes &= ~(axis_set{1} << n.index);
      if (n.op->kind == role::scan) n.axes |= axis_set{1} << n.index;
    }
    return out_.intern(n);
  }

  constexpr void collect_sum(int id, sequence<term>& terms) {
    struct visit {
      int id;
      bool negative;
    };
    sequence<visit> pending;  // the leftmost on top
    pending.push_back({id, false});
    while (!pending.empty()) {
      visit const current = pending.back();
      pending.pop_back();
      node const& n = in_.nodes[current.id];
      if (current.id == id || absorbed_[current.id]) {
        pending.push_back({n.operands[1], is<subtract_>(n)});
        pending.push_back({n.operands[0], false});
      } else {
        add_term(signed_term(images_[current.id], current.negative), terms);
      }
    }
    term_places_.clear();
    if (mode_ == sharing::expand) open_sums(terms);
  }

  constexpr void collect_product(int id, product& p) {
    struct visit {
      int id;
      bool inverse;
    };
    sequence<visit> pending;  // the leftmost on top
    pending.push_back({id, false});
    while (!pending.empty()) {
      visit const current = pending.back();
      pending.pop_back();
      if (current.id != id && !absorbed_[current.id]) {
        // What is shared is computed anyway: taking its coefficient off would compute it a second time.
        add_factors(images_[current.id], current.inverse, p, mode_ == sharing::keep && uses_[current.id] > 1);
        continue;
      }
      node const& n = in_.nodes[current.id];
      if (is<negate_>(n)) p.coefficient = -p.coefficient;
      for (int k = n.op->arity - 1; k >= 0; --k)
        pending.push_back({n.operands[k], current.inverse != (is<divide_>(n) && k == 1)});
    }
  }

  sequence<int> images_;     // of old nodes in the new graph
  sequence<int> uses_;       // of old nodes
  sequence<char> absorbed_;  // old nodes that their only consumer flattens
};

}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph enters; which identities may apply to it at all leaves.
#pragma once

#include "canonical.hpp"
#include "identities.hpp"

namespace ddx {

/// Inside the compiler identities are tried on graphs of up to this many nodes only: the canonical form alone takes most of what the
/// compilers allow a constant expression (g++ 2^25 operations, clang 2^20 steps) from about 1,000 nodes on.
inline constexpr int largest_rewritten_in_compiler = 160;

namespace detail {

/// Tells formulas without candidates from others, in a few steps a node.
class rewrite_candidates : protected simplifier {
 protected:
  using simplifier::simplifier;

  /// Whether some identity may apply at all: a few steps a node, so that formulas without candidates cost next to nothing.
  static constexpr bool is_candidate(graph_view source, level assumed) {
    if (std::is_constant_evaluated() && source.node_count > largest_rewritten_in_compiler) return false;
    std::uint64_t const present = functions_of(source);
    if (present == 0) return false;
    if (present & by_sum) return true;
    for (identity const& line : identities)
      if (applies(line, present, assumed)) return true;
    return false;
  }

  static constexpr bool applies(identity const& line, std::uint64_t present, level assumed) {
    return (line.needs & ~present) == 0 && (line.condition != given::real || assumed == level::assume_real);
  }

  static constexpr std::uint64_t functions_of(graph_view g) {
    std::uint64_t present = 0;
    for (int i = 0; i < g.node_count; ++i) {
      node const& n = g.nodes[i];
      if (n.op->kind != role::elementwise || is_sum(n) || n.op->condition || is<where_>(n)) continue;
      if (is_product(n)) {
        if (is<negate_>(n)) continue;
        node const &left = g.nodes[n.operands[0]], &right = g.nodes[n.operands[1]];
        if (is<divide_>(n)) present |= (is<constant_>(right) ? 0 : of_quotient) | (has_sum(g, right) ? by_sum : 0);
        else if (right.op->arity > 0 && (is_product(left) ? last_factor(g, left).op->arity : left.op->arity) > 0)
          present |= of_product;
        continue;
      }
      present |= function_bit(n.op->id);
      if (is<pow_>(n)) {
        node const& base = g.nodes[n.operands[0]];
        if (base.op->arity > 0 && !is_sum(base) && !is_product(base)) present |= of_power;
      }
      for (int k = 0; k < n.op->arity && !is<pow_>(n); ++k) {
        node const& operand = g.nodes[n.operands[k]];
        if (operand.op->arity == 0 && !is<input_>(operand)) present |= of_constant;
        if (!is_product(operand)) continue;
        node const& first = g.nodes[operand.operands[0]];
        if (is<negate_>(operand) || (is<constant_>(first) && first.constant.negative()) || is_product(first))
          present |= of_negative;
        for (int j = 0; j < operand.op->arity; ++j)
          if (is<pi_>(g.nodes[operand.operands[j]])) present |= of_constant;
      }
    }
    return present;
  }

  /// Whether a divisor or its last factor is a sum, the root of one or a power of these.
  static constexpr bool has_sum(graph_view g, node const& divisor) {
    node const& factor = is_product(divisor) ? last_factor(g, divisor) : divisor;
    node const& base = is<pow_>(factor) ? g.nodes[factor.operands[0]] : factor;
    return is_sum(base.op->id == sqrt_id ? g.nodes[base.operands[0]] : base);
  }

  static constexpr node const& last_factor(graph_view g, node const& product) {
    return g.nodes[product.operands[product.op->arity - 1]];
  }
};

}  // namespace detail

}  // namespace ddx

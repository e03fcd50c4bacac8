// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Simplification: a graph enters, an equal graph in canonical form with no more operations leaves, without dead nodes.
#pragma once

#include <type_traits>

#include "rewrite.hpp"

namespace ddx {

namespace detail {

/// How many rounds of rewriting may leave the number of operations as it is.
inline constexpr int equal_rounds = 4;

/// The operations that the outputs of a graph need.
constexpr int operations(graph_view g) {
  int count = 0;
  sequence<char> live(g.node_count, 0);
  for (int i = 0; i < g.output_count; ++i) live[g.outputs[i]] = 1;
  for (int i = g.node_count - 1; i >= 0; --i) {
    if (!live[i]) continue;
    count += operations(g, i);
    for (int k = 0; k < g.nodes[i].op->arity; ++k) live[g.nodes[i].operands[k]] = 1;
  }
  return count;
}

/// The canonical form. For reading it is a fixed point; for evaluation one pass is enough, since what a second one could merge was
/// shared before.
constexpr graph canonical(graph_view source, sharing mode, sum_order order, level assumed) {
  graph result = simplifier(source, mode, order, assumed).run();
  if (mode == sharing::keep) return result;
  for (int pass = 1; pass < 8; ++pass) {
    graph next = simplifier(result.view(), mode, order, assumed).run();
    if (identical(result, next)) return next;
    result = std::move(next);
  }
  return result;
}

}  // namespace detail

/// All outputs of `source` in canonical form, rewritten by the table of identities where that saves operations. For evaluation
/// (sharing::keep) there are never more operations than before: the few graphs in which merging terms takes a shared one
/// apart are left as they are. Inside the compiler graphs of more than `largest_rewritten_in_compiler` nodes get the canonical form
/// alone: clang allows a constant evaluation a million steps.
constexpr graph simplify(graph_view source, sharing mode, sum_order order = sum_order::written,
                         level assumed = level::sound) {
  graph result = detail::canonical(source, mode, order, assumed);
  if (std::is_constant_evaluated() && result.nodes.size() > largest_rewritten_in_compiler) return result;
  int cost = detail::operations(result.view());
  for (int equal = 0; equal < detail::equal_rounds && rewriter::is_candidate(result.view(), assumed);) {
    rewriter round(result.view(), mode, order, assumed);
    if (!round.run()) break;
    graph next = detail::canonical(round.result().view(), mode, order, assumed);
    int const next_cost = detail::operations(next.view());
    if (next_cost > cost || (next_cost == cost && detail::identical(result, next))) break;
    if (next_cost == cost) ++equal;
    cost = next_cost;
    result = std::move(next);
  }
  if (mode == sharing::expand) return result;
  if (detail::operations(source) < cost) result = simplifier::compacted(source);
  return result;
}

constexpr graph simplify(graph_view source, sharing mode, level assumed) {
  return simplify(source, mode, sum_order::written, assumed);
}

}  // namespace ddx

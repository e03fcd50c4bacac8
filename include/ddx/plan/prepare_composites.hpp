// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph enters, one without composites (sigmoid, softplus) leaves: they are opened after differentiation, so that
// value and gradient share exp(-|x|).
#pragma once

#include "../transform/simplify.hpp"

namespace ddx::detail {

/// What a shift stands on may have become something that shifts pass through.
constexpr int shifted_over(graph& g, node const& n) {
  return shift_node(g, n.operands[0], n.index, n.constant.numerator);
}

constexpr bool has_composites(graph_view g) {
  for (int i = 0; i < g.node_count; ++i)
    if (g.nodes[i].op->lowered) return true;
  return false;
}

/// A copy of a graph; `open`: composites are what they stand for, which may have composites again.
constexpr graph copied(graph_view source, bool open) {
  graph result = graph::like(source);
  sequence<int> image(source.node_count);
  for (int i = 0; i < source.node_count; ++i) {
    node n = source.nodes[i];
    for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[n.operands[k]];
    image[i] = n.op->kind == role::shift ? shifted_over(result, n) : result.intern(n);
    if (open && n.op->lowered) image[i] = n.op->lowered(result, image[i]);
  }
  for (int i = 0; i < source.output_count; ++i) result.outputs.push_back(image[source.outputs[i]]);
  return simplifier::compacted(result.view());
}

constexpr graph open_composites(graph_view source) {
  graph current = copied(source, false);
  while (has_composites(current.view())) current = copied(current.view(), true);
  return current;
}

}  // namespace ddx::detail

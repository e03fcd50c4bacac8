// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Interpretation: a graph of scalars that is known only at run time and numbers enter, the value of every node leaves.
#pragma once

#include <stdexcept>

#include "../primitive/primitive.hpp"

namespace ddx {

/// The values of the nodes `[first, node_count)` in order, given those before; `inputs` are numbers in the graph's order. Nodes of
/// arrays (inputs with axes, reductions, extents) are refused with std::invalid_argument.
inline void interpret(graph_view g, double const* inputs, sequence<double>& values, int first = 0) {
  values.resize(g.node_count);
  for (int i = first; i < g.node_count; ++i) {
    node const& n = g.nodes[i];
    double numbers[max_arity]{};
    for (int k = 0; k < n.op->arity; ++k) numbers[k] = values[n.operands[k]];
    switch (n.op->kind) {
      case role::constant: values[i] = n.constant.value(); break;
      case role::elementwise: values[i] = n.op->value(numbers); break;
      case role::input:
        if (g.inputs[n.index].rank == 0) {
          values[i] = inputs[n.index];
          break;
        }
        [[fallthrough]];
      default: throw std::invalid_argument("ddx::interpret: the graph has arrays, which ddx::compile<f>() computes");
    }
  }
}

}  // namespace ddx

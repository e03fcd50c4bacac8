// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Two graphs enter; the first one with an output of the second in the place of one of its inputs leaves.
#pragma once

#include "../primitive/scan.hpp"

namespace ddx {

namespace detail {

/// Copies nodes of graphs into one graph, inputs and axes by name.
class joining {
 public:
  constexpr explicit joining(graph& g) : g_(g) {}

  /// The images of all nodes of `source`; its input `replaced` (-1: none) becomes node `by`.
  constexpr sequence<int> copy(graph_view source, int replaced = -1, int by = -1) {
    sequence<int> image;
    for (int i = 0; i < source.node_count; ++i) {
      node n = source.nodes[i];
      if (is<input_>(n)) {
        image.push_back(n.index == replaced ? by : input_node(g_, input_of(source, n.index)));
        continue;
      }
      for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[n.operands[k]];
      if (n.op->kind == role::reduction) {
        image.push_back(algebra<traced>::reduce_node(g_, *n.op, n.operands, g_.axis(source.axes[n.index])));
      } else if (names_axis(n.op->kind)) {
        n.index = g_.axis(source.axes[n.index]);
        if (runs_along_axis(n.op->kind)) n.axes = axis_set{1} << n.index;
        image.push_back(g_.intern(n));
      } else if (n.op->kind == role::scan) {
        image.push_back(scan_node(g_, *n.op, n.operands, g_.axis(source.axes[n.index]), n.constant.numerator));
      } else if (n.op->kind == role::shift) {
        image.push_back(shift_node(g_, n.operands[0], g_.axis(source.axes[n.index]), n.constant.numerator));
      } else if (n.op->kind == role::elementwise) {
        image.push_back(apply_node(g_, *n.op, n.operands));
      } else {
        image.push_back(g_.intern(n));
      }
    }
    return image;
  }

 private:
  constexpr int input_of(graph_view source, int index) {
    input declared = source.inputs[index];
    for (int i = 0; i < g_.inputs.size(); ++i)
      if (g_.inputs[i].name == declared.name && g_.inputs[i].slot == declared.slot) return i;
    for (int i = 0; i < declared.rank; ++i) declared.axes[i] = g_.axis(source.axes[declared.axes[i]]);
    g_.inputs.push_back(declared);
    return g_.inputs.size() - 1;
  }

  graph& g_;
};

}  // namespace detail

/// `source` with output `output` of `replacement` in the place of input `input`. Inputs and axes of both with the same name are the
/// same; an input that is replaced is gone, unless the replacement has it: x^2 with x + 1 for x becomes (x + 1)^2. Nothing is
/// simplified.
constexpr graph substitute(graph_view source, int input, graph_view replacement, int output = 0) {
  graph result;
  for (int i = 0; i < source.axis_count; ++i) result.axis(source.axes[i]);
  detail::joining join(result);
  for (int i = 0; i < source.input_count; ++i)
    if (i != input) result.inputs.push_back(source.inputs[i]);
  int const by = join.copy(replacement)[replacement.outputs[output]];
  sequence<int> const image = join.copy(source, input, by);
  for (int i = 0; i < source.output_count; ++i) result.outputs.push_back(image[source.outputs[i]]);
  return result;
}

}  // namespace ddx

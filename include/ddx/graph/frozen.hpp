// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// From a graph that the compiler built to a constant of exactly its size, which later stages reach by index.
#pragma once

#include "graph.hpp"

namespace ddx {

/// A graph as a constant.
template <int Nodes, int Inputs, int Axes, int Outputs>
struct frozen_graph {
  node nodes[Nodes > 0 ? Nodes : 1]{};
  input inputs[Inputs > 0 ? Inputs : 1]{};
  std::string_view axes[Axes > 0 ? Axes : 1]{};
  int outputs[Outputs > 0 ? Outputs : 1]{};
  int node_count = 0, input_count = 0, axis_count = 0, output_count = 0;

  constexpr graph_view view() const {
    return {nodes, inputs, axes, outputs, node_count, input_count, axis_count, output_count};
  }

  constexpr void assign(graph_view g) {
    node_count = g.node_count;
    input_count = g.input_count;
    axis_count = g.axis_count;
    output_count = g.output_count;
    for (int i = 0; i < g.node_count; ++i) nodes[i] = g.nodes[i];
    for (int i = 0; i < g.input_count; ++i) inputs[i] = g.inputs[i];
    for (int i = 0; i < g.axis_count; ++i) axes[i] = g.axes[i];
    for (int i = 0; i < g.output_count; ++i) outputs[i] = g.outputs[i];
  }
};

namespace detail {

/// Room that most programs fit into, so that a graph is built once; a larger one is built again with its own size as room.
inline constexpr int first_room = 192;

template <class Source, int Nodes, int Inputs, int Outputs>
constexpr auto build_with_room() {
  frozen_graph<Nodes, Inputs, max_axes, Outputs> result;
  graph const g = Source::build();
  if (g.nodes.size() > Nodes || g.inputs.size() > Inputs || g.outputs.size() > Outputs) {
    result.node_count = g.nodes.size();
    result.input_count = g.inputs.size();
    result.axis_count = -1;
    result.output_count = g.outputs.size();
  } else {
    result.assign(g.view());
  }
  return result;
}

/// A source that knows about how many nodes it will have says so in `room`.
template <class Source>
constexpr int room_of() {
  if constexpr (requires { Source::room; }) return Source::room > first_room ? Source::room : first_room;
  else return first_room;
}

template <class Source>
constexpr auto roomy_graph() {
  constexpr auto first = build_with_room<Source, room_of<Source>(), 32, 32>();
  if constexpr (first.axis_count >= 0) return first;
  else return build_with_room<Source, first.node_count, first.input_count, first.output_count>();
}

template <class Source>
inline constexpr auto roomy = roomy_graph<Source>();

template <class Source>
constexpr auto exact_graph() {
  frozen_graph<roomy<Source>.node_count, roomy<Source>.input_count, roomy<Source>.axis_count,
               roomy<Source>.output_count>
      result;
  result.assign(roomy<Source>.view());
  return result;
}

}  // namespace detail

/// The graph that `Source::build()` returns, as a constant. `Source` is the program's identity.
template <class Source>
inline constexpr auto frozen = detail::exact_graph<Source>();

}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A plan: what a nest of loops is, what it computes, loads and stores; in lists while it is built, then as a constant.
#pragma once

#include "../graph/graph.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx {

/// The axes of an array in the order of its memory, outermost first.
struct axis_order {
  int rank = 0;
  int axes[max_rank]{};
  bool adjacent = true;  ///< neighbours along the innermost axis are known to lie beside each other

  static constexpr axis_order of(input const& in) {
    axis_order order{.rank = in.rank, .adjacent = in.adjacent};
    for (int i = 0; i < in.rank; ++i) order.axes[i] = in.axes[i];
    return order;
  }

  constexpr axis_set set() const {
    axis_set result = 0;
    for (int i = 0; i < rank; ++i) result |= axis_set{1} << axes[i];
    return result;
  }
  /// The axis along which whole vectors are loaded and stored, -1 where there is none.
  constexpr int innermost() const { return rank > 0 && adjacent ? axes[rank - 1] : -1; }
};

/// What is wanted of a program: for each output of the graph where it goes and how it lies in memory.
struct request {
  int parameter = -1;  ///< the input that is updated in place, -1 for an output handed to the caller
  int variable = -1;   ///< the input that it is the derivative by, -1 where it is none
  axis_order order{};
  bool packed = true;  ///< the elements lie in one piece and have the type that is computed in
};

/// Where a value that a nest stores or accumulates goes.
enum class destination { number, buffer, output, parameter };

/// What a nest does with the value of a node.
struct nest_root {
  int value = -1;
  int axis = -1;  ///< the axis it is reduced over, -1 where it is stored
  reducer combine = reducer::none;
  destination to = destination::buffer;
  int index = -1;    ///< the node (numbers), the buffer, the output or the input
  bool kept = true;  ///< false where only the epilogue of a contraction needs it
};

/// A value kept between nests.
struct buffer {
  int node = -1;
  axis_order order{};
  bool tiled = false;  ///< holds the rows of a tile only
  int output = -1;     ///< the output whose memory it is, -1 for scratch
  int time = 0;
};

struct nest {
  int time = 0;  ///< odd: in pass (time - 1) / 2 over the batch; even: before or after
  int level = 0;
  axis_set axes = 0;
  int vector_axis = -1;
  int row_axis = -1;
  int reduced_axis = -1;  ///< of a contraction, which keeps its results in registers while this axis runs innermost
  axis_order outer{};
  int epilogue = -1;  ///< the nest that follows in each block of a contraction, while its results are in registers
  int into = -1;      ///< the contraction whose epilogue this nest is
  int scan = -1;      ///< the scan that this nest computes, element after element
  int first_root = 0, root_count = 0;
  int first_node = 0, node_count = 0;  ///< nodes computed, in order
  int first_load = 0, load_count = 0;  ///< nodes loaded
};

/// A plan while it is built.
struct plan_lists {
  sequence<nest> nests;
  sequence<nest_root> roots;
  sequence<buffer> buffers;
  sequence<int> nodes, loads;
  sequence<int> uses;       ///< of every node, by operands
  sequence<int> buffer_of;  ///< of every node, -1 where it has none
  int batch = -1;
};

/// A plan as a constant.
template <int Nests, int Roots, int Buffers, int Nodes, int Loads, int GraphNodes>
struct frozen_plan {
  nest nests[Nests + 1]{};
  nest_root roots[Roots + 1]{};
  buffer buffers[Buffers + 1]{};
  int nodes[Nodes + 1]{};
  int loads[Loads + 1]{};
  int uses[GraphNodes + 1]{};
  int buffer_of[GraphNodes + 1]{};
  int nest_count = Nests, root_count = Roots, buffer_count = Buffers, batch = -1;

  constexpr explicit frozen_plan(plan_lists const& p) : batch(p.batch) {
    for (int i = 0; i < Nests; ++i) nests[i] = p.nests[i];
    for (int i = 0; i < Roots; ++i) roots[i] = p.roots[i];
    for (int i = 0; i < Buffers; ++i) buffers[i] = p.buffers[i];
    for (int i = 0; i < Nodes; ++i) nodes[i] = p.nodes[i];
    for (int i = 0; i < Loads; ++i) loads[i] = p.loads[i];
    for (int i = 0; i < GraphNodes; ++i) {
      uses[i] = p.uses[i];
      buffer_of[i] = p.buffer_of[i];
    }
  }

  /// Whether the pass at this time is one loop along the batch.
  constexpr bool is_single_loop(int time) const {
    int count = 0;
    for (int i = 0; i < Nests; ++i)
      if (nests[i].time == time)
        count += nests[i].row_axis < 0 && nests[i].outer.rank == 0 && nests[i].scan < 0 ? 1 : 2;
    return time % 2 == 1 && count == 1;
  }

  /// Whether a nest is a contraction.
  constexpr bool has_contractions() const {
    for (int i = 0; i < Nests; ++i)
      if (nests[i].reduced_axis >= 0) return true;
    return false;
  }

  /// Whether every pass is such a loop.
  constexpr bool only_loops() const {
    for (int i = 0; i < Nests; ++i)
      if (nests[i].time % 2 == 1 && !is_single_loop(nests[i].time)) return false;
    return batch >= 0;
  }
};

}  // namespace ddx

#pragma GCC diagnostic pop

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Epilogues: nests in order enter; which of them runs in the blocks of a contraction, while its results are in
// registers, leaves.
#pragma once

#include "nests.hpp"

namespace ddx::detail {

/// What follows contractions in their blocks.
class epilogues : protected nests {
 protected:
  using nests::nests;

  /// The node that a root gives.
  constexpr int node_of(nest_root const& root) const {
    if (root.to == destination::number) return root.index;
    return root.to == destination::buffer ? plan_.buffers[root.index].node : -1;
  }

  /// A nest on the axes that a contraction leaves becomes its epilogue where all else that it loads is there before. So
  /// does one that comes after the pass, an update, say, where the contraction is over the batch: in the last tile.
  constexpr void find_epilogue(int contraction) {
    nest& a = plan_.nests[contraction];
    bool const over_batch = a.reduced_axis == plan_.batch && a.time % 2 == 1;
    for (int i = contraction + 1; i < plan_.nests.size(); ++i) {
      nest& b = plan_.nests[i];
      bool const at_its_time = over_batch ? b.time % 2 == 0 : b.time == a.time;
      if (b.axes != (a.axes & ~(axis_set{1} << a.reduced_axis)) || !at_its_time || b.into >= 0 || b.reduced_axis >= 0 ||
          b.scan >= 0 || !may_follow(contraction, i))
        continue;
      a.epilogue = i;
      b.into = contraction;
      b.vector_axis = a.vector_axis;
      b.row_axis = a.row_axis;
      b.outer = a.outer;
      for (int r = 0; r < a.root_count; ++r) {
        nest_root& root = plan_.roots[a.first_root + r];
        root.kept = plan_.buffers[root.index].output >= 0 || is_loaded_elsewhere(node_of(root), i);
      }
      return;
    }
  }

  constexpr bool may_follow(int contraction, int follower) const {
    nest const& a = plan_.nests[contraction];
    nest const& b = plan_.nests[follower];
    bool uses_result = false;
    if (has_edges(b)) return false;
    for (int l = 0; l < b.load_count; ++l) {
      int const id = plan_.loads[b.first_load + l];
      bool result = false;
      for (int r = 0; r < a.root_count; ++r) result |= node_of(plan_.roots[a.first_root + r]) == id;
      uses_result |= result;
      if (!result && is_computed(id) && !is_ready(id, contraction)) return false;
    }
    for (int r = 0; r < b.root_count; ++r) {
      nest_root const& root = plan_.roots[b.first_root + r];
      bool const over_rows = root.axis == plan_.batch && root.axis == a.row_axis && root.to == destination::buffer;
      if (root.axis >= 0 && !over_rows) return false;
      if (root.to != destination::parameter) continue;
      for (int i = contraction; i < plan_.nests.size(); ++i)
        if (i != follower && loads_input(plan_.nests[i], root.index)) return false;
    }
    return uses_result;
  }

  /// Whether a computed value is complete when a nest begins.
  constexpr bool is_ready(int id, int before) const {
    for (int i = 0; i < before; ++i)
      for (int r = 0; r < plan_.nests[i].root_count; ++r) {
        nest_root const& root = plan_.roots[plan_.nests[i].first_root + r];
        bool const in_this_pass = plan_.nests[i].time == plan_.nests[before].time && plan_.nests[i].time % 2 == 1;
        if (node_of(root) == id) return !in_this_pass || root.axis < 0 || root.axis != plan_.batch;
      }
    return false;
  }

  constexpr bool is_loaded_elsewhere(int id, int except) const {
    for (int i = 0; i < plan_.nests.size(); ++i)
      for (int l = 0; l < plan_.nests[i].load_count; ++l)
        if (i != except && base(plan_.loads[plan_.nests[i].first_load + l]) == id) return true;
    return false;
  }
};

}  // namespace ddx::detail

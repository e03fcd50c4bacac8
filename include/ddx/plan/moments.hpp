// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Moments: a prepared graph enters; for each node the pass over the batch, or the time between passes, that it is
// computed in leaves, and its level there.
#pragma once

#include "../primitive/shift.hpp"
#include "nest.hpp"

namespace ddx::detail {

/// The graph, and when each of its nodes is computed.
class moments {
 protected:
  constexpr moments(graph_view g, request const* requests) : g_(g), requests_(requests) {}

  constexpr node const& at(int id) const { return g_.nodes[id]; }
  constexpr axis_set batch_bit() const { return plan_.batch >= 0 ? axis_set{1} << plan_.batch : 0; }
  constexpr bool has_batch(axis_set axes) const { return (axes & batch_bit()) != 0; }
  constexpr bool is_leaf(int id) const {
    return at(id).op->kind != role::elementwise && !is_reduction(id) && !is_scan(id);
  }
  constexpr bool is_elementwise(int id) const { return at(id).op->kind == role::elementwise && at(id).op->arity > 0; }
  constexpr bool is_reduction(int id) const { return at(id).op->kind == role::reduction; }
  constexpr bool is_scan(int id) const { return at(id).op->kind == role::scan; }
  constexpr bool is_computed(int id) const { return is_elementwise(id) || is_reduction(id) || is_scan(id); }
  /// A scan along the batch stands between passes: it goes from the first element to the last, or back, whatever
  /// the tiles.
  constexpr bool is_between_passes(int id) const { return is_scan(id) && at(id).index == plan_.batch; }

  /// What is loaded where a node is: a shift is a load of what it stands on, at an offset.
  constexpr int base(int id) const { return shifted_base(g_, id); }
  constexpr bool crosses_tiles(int id) const { return plan_.batch >= 0 && offset_along(g_, id, plan_.batch) != 0; }

  /// The axes of the nest in which a node is computed.
  constexpr axis_set nest_axes(int id) const { return is_reduction(id) ? at(at(id).operands[0]).axes : at(id).axes; }

  /// The outer axis of the first array with the most axes: of the data, where there are any, else of what is sought.
  constexpr void choose_batch() {
    for (bool const sought : {false, true}) {
      int rank = 0;
      for (int i = 0; i < g_.input_count; ++i)
        if (g_.inputs[i].rank > rank && is_sought(i) == sought) {
          rank = g_.inputs[i].rank;
          plan_.batch = g_.inputs[i].declared_axis(0);
        }
      if (rank > 0) return;
    }
  }

  /// Whether an input is trained or differentiated by.
  constexpr bool is_sought(int input) const {
    for (int k = 0; k < g_.output_count; ++k)
      if (requests_[k].parameter == input || requests_[k].variable == input) return true;
    return false;
  }

  constexpr void count_uses() {
    plan_.uses = sequence<int>(g_.node_count, 0);
    for (int i = 0; i < g_.node_count; ++i)
      for (int k = 0; k < at(i).op->arity; ++k) ++plan_.uses[at(i).operands[k]];
    for (int i = 0; i < g_.output_count; ++i) ++plan_.uses[g_.outputs[i]];
  }

  /// A pass over the batch or a time between passes, as in a nest, and the level within it.
  struct moment {
    int time = 0;
    int level = 0;
  };

  /// The earliest moment of a nest with `axes` that uses `operands`.
  constexpr moment earliest(axis_set axes, int const* operands, int count, bool between_passes = false) const {
    bool const batch = has_batch(axes) && !between_passes;
    moment m{batch ? 1 : 0, 0};
    for (int pass = 0; pass < 2; ++pass)
      for (int k = 0; k < count; ++k) {
        int const o = base(operands[k]);
        if (!is_computed(o)) continue;
        moment const ready = moments_[o];
        bool const odd = ready.time % 2 == 1, same_pass = has_batch(at(o).axes) && !crosses_tiles(operands[k]);
        int const time = batch ? (odd ? (same_pass ? ready.time : ready.time + 2) : ready.time + 1)
                               : (odd ? ready.time + 1 : ready.time);
        if (pass == 0 && time > m.time) m.time = time;
        if (pass == 1 && ready.time == m.time && time == m.time) {
          int const level = is_elementwise(o) && at(o).axes == axes ? ready.level : ready.level + 1;
          if (level > m.level) m.level = level;
        }
      }
    return m;
  }

  constexpr void place_in_time() {
    moments_ = sequence<moment>(g_.node_count);
    for (int i = 0; i < g_.node_count; ++i)
      if (is_computed(i)) moments_[i] = earliest(nest_axes(i), at(i).operands, at(i).op->arity, is_between_passes(i));
  }

  graph_view g_;
  request const* requests_;
  plan_lists plan_;
  sequence<moment> moments_;
};

}  // namespace ddx::detail

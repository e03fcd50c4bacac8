// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Storage: nodes with their moments enter; which of them are kept between nests, and in which order of axes, leaves.
#pragma once

#include <bit>

#include "../evaluate/straight_line.hpp"
#include "moments.hpp"

namespace ddx::detail {

/// Whether the value of an elementwise node costs no more than reading it from memory.
constexpr bool costs_no_more_than_memory(graph_view g, int id) {
  return g.nodes[id].op->cheap || g.nodes[id].op->condition || unrolled_exponent(g, id) > 0;
}

/// Which values are kept between nests.
class storage : protected moments {
 protected:
  using moments::moments;

  // ---- reductions and whatever is needed on other axes is stored

  constexpr void find_stored() {
    plan_.buffer_of = sequence<int>(g_.node_count, -1);
    stored_ = sequence<char>(g_.node_count, 0);
    apart_ = sequence<char>(g_.node_count, 0);
    for (int i = g_.node_count - 1; i >= 0; --i) {
      if (is_reduction(i) || is_scan(i)) store(i);
      if (!is_computed(i)) continue;
      axis_set const axes = nest_axes(i);
      for (int k = 0; k < at(i).op->arity; ++k) {
        int const o = at(i).operands[k];
        if (is_elementwise(o) && at(o).axes != axes) store(o);
      }
      if (is_elementwise(i) && at(i).axes == 0) store(i);
    }
  }

  // ---- what is needed in several nests of its axes and costs more than memory, such as an exponential, is kept for
  // the later ones: for those of its pass in a tile, for those of later passes in the memory of an output that they
  // write

  /// The moments of the first and of the last nest that needs a value.
  struct span_of_need {
    moment first{late, 0}, last{-1, 0};
  };
  static constexpr int late = 1 << 20;  // of updates, whose moments are not known yet

  static constexpr bool is_before(moment a, moment b) { return a.time != b.time ? a.time < b.time : a.level < b.level; }
  static constexpr void extend(span_of_need& need, moment first, moment last) {
    if (is_before(first, need.first)) need.first = first;
    if (is_before(need.last, last)) need.last = last;
  }

  constexpr void keep_costly() {
    lent_ = sequence<char>(g_.output_count, 0);
    bool any = false;
    for (int i = 0; i < g_.node_count; ++i) {
      if (is_scan(i)) return;  // which may stand between passes
      any |= is_costly(i);
    }
    if (!any) return;
    sequence<span_of_need> needs(g_.node_count);
    for (int k = 0; k < g_.output_count; ++k) {
      int const id = g_.outputs[k];
      if (!is_elementwise(id)) continue;
      moment const m = requests_[k].parameter >= 0 ? moment{late, 0} : moments_[id];
      extend(needs[id], m, m);
    }
    for (int i = g_.node_count - 1; i >= 0; --i) {
      if (!is_computed(i)) continue;
      span_of_need need = needs[i];
      if (is_costly(i) && !stored_[i] && is_before(need.first, need.last)) keep(i, need);
      if (is_reduction(i) || stored_[i]) need = {moments_[i], moments_[i]};
      for (int k = 0; k < at(i).op->arity; ++k) {
        int const o = at(i).operands[k];
        if (is_elementwise(o) && at(o).axes == nest_axes(i)) extend(needs[o], need.first, need.last);
      }
    }
  }

  constexpr bool is_costly(int id) const {
    return is_elementwise(id) && !costs_no_more_than_memory(g_, id) && at(id).axes != 0 &&
           std::popcount(at(id).axes) <= 2;
  }

  constexpr void keep(int id, span_of_need const& need) {
    if (need.last.time == need.first.time || !has_batch(at(id).axes)) {
      if (need.last.time < late) store(id);
      return;
    }
    for (int k = 0; k < g_.output_count; ++k) {
      request const& r = requests_[k];
      int const out = g_.outputs[k];
      if (lent_[k] || r.parameter >= 0 || !r.packed || !is_elementwise(out) || at(out).axes != at(id).axes ||
          r.order.set() != at(id).axes || stored_[out] || is_before(moments_[out], need.last))
        continue;
      store(id);
      apart_[id] = 1;
      lent_[k] = 1;
      plan_.buffers.back().output = k;
      plan_.buffers.back().order = r.order;
      return;
    }
  }

  /// Keeps the value of a node: a number or a buffer.
  constexpr void store(int id) {
    if (stored_[id]) return;
    stored_[id] = 1;
    if (at(id).axes == 0) return;
    buffer b{.node = id, .time = moments_[id].time};
    b.order = ascending(at(id).axes);
    plan_.buffer_of[id] = plan_.buffers.size();
    plan_.buffers.push_back(b);
  }

  /// The batch outermost, the others as they lie in the inputs.
  constexpr axis_order ascending(axis_set axes) const {
    axis_order order;
    for (int a : outer_first_)
      if (axes >> a & 1u) order.axes[order.rank++] = a;
    return order;
  }

  /// All axes, an axis before those that inputs have within it, so that a nest finds most of its memory contiguous
  /// along the same one; the batch before all; by first appearance where inputs say nothing, or one the opposite of
  /// another.
  constexpr void order_axes() {
    axis_set placed = 0;
    sequence<axis_set> around(g_.axis_count, axis_set{0});
    for (int i = 0; i < g_.input_count; ++i)
      for (int k = 1; k < g_.inputs[i].rank; ++k)
        for (int outer = 0; outer < k; ++outer) around[g_.inputs[i].axes[k]] |= axis_set{1} << g_.inputs[i].axes[outer];
    for (int axis = plan_.batch; outer_first_.size() < g_.axis_count; axis = -1) {
      for (bool const any : {false, true})
        for (int a = 0; a < g_.axis_count && axis < 0; ++a)
          if (!(placed >> a & 1u) && (any || (around[a] & ~placed) == 0)) axis = a;
      outer_first_.push_back(axis);
      placed |= axis_set{1} << axis;
    }
  }

  sequence<int> outer_first_;  // axes
  sequence<char> stored_;
  sequence<char> apart_;  // stored, and not to be computed again
  sequence<char> lent_;   // of every output: holds a kept value before it is written
};

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Roles: a nest enters; which of its axes runs along vectors, which along rows, and whether it is a contraction leaves.
#pragma once

#include <bit>

#include "updates.hpp"

namespace ddx::detail {

/// What the axes of a nest are to its loops.
class roles : protected updates {
 protected:
  using updates::updates;

  constexpr axis_order order_of(int id) const {
    id = base(id);
    if (is<input_>(at(id))) return axis_order::of(g_.inputs[at(id).index]);
    if (plan_.buffer_of[id] >= 0) return plan_.buffers[plan_.buffer_of[id]].order;
    return {};
  }

  constexpr axis_order order_of(nest_root const& root) const {
    if (root.to == destination::buffer) return plan_.buffers[root.index].order;
    if (root.to == destination::output) return requests_[root.index].order;
    if (root.to == destination::parameter) return axis_order::of(g_.inputs[root.index]);
    return {};
  }

  /// The vector axis is the one along which most of the memory is contiguous, the row axis the batch or the first other
  /// one.
  constexpr void choose_roles() {
    for (nest& n : plan_.nests) {
      if (n.axes == 0 || contract(n)) continue;
      int best = -1, best_score = -1;
      for (int a = 0; a < g_.axis_count; ++a) {
        if (!(n.axes >> a & 1u)) continue;
        int score = a == plan_.batch ? 0 : 1;
        for (int l = 0; l < n.load_count; ++l) {
          axis_order const order = order_of(plan_.loads[n.first_load + l]);
          if (order.innermost() == a) score += 4 * order.rank;
        }
        for (int r = 0; r < n.root_count; ++r)
          if (order_of(plan_.roots[n.first_root + r]).innermost() == a) score += 4;
        if (score > best_score) {
          best = a;
          best_score = score;
        }
      }
      n.vector_axis = best;
      if (n.scan >= 0 && at(n.scan).index != best) n.row_axis = at(n.scan).index;
      for (int a : {plan_.batch})
        if (n.scan < 0 && a >= 0 && a != best && (n.axes >> a & 1u)) n.row_axis = a;
      for (int a = 0; a < g_.axis_count; ++a) {
        if (!(n.axes >> a & 1u) || a == best || a == n.row_axis) continue;
        if (n.row_axis < 0 && n.scan < 0) n.row_axis = a;
        else n.outer.axes[n.outer.rank++] = a;
      }
    }
  }

  // ---- contractions: results on two axes or more, each of which some operand lacks, by a reduction over another one

  /// Makes a nest a contraction where it is one. The vector axis is the one along which more of the memory is
  /// contiguous, results before operands; what is not contiguous along it must be small enough to be packed: without
  /// the row axis.
  constexpr bool contract(nest& n) const {
    int const reduced = plan_.roots[n.first_root].axis;
    if (reduced < 0 || std::popcount(n.axes) < 3 || has_edges(n)) return false;
    for (int r = 0; r < n.root_count; ++r)
      if (plan_.roots[n.first_root + r].axis != reduced) return false;
    int best = -1;
    for (int lanes = 0; lanes < g_.axis_count; ++lanes)
      for (int rows = 0; rows < g_.axis_count; ++rows) {
        axis_set const both = axis_set{1} << lanes | axis_set{1} << rows;
        if (lanes == rows || lanes == reduced || rows == reduced || (n.axes & both) != both) continue;
        int const score = contraction_score(n, lanes, rows, reduced);
        if (score <= best) continue;
        best = score;
        n.vector_axis = lanes;
        n.row_axis = rows;
        n.reduced_axis = reduced;
      }
    if (best < 0) return false;
    for (int a = 0; a < g_.axis_count; ++a)
      if ((n.axes >> a & 1u) && a != n.vector_axis && a != n.row_axis && a != reduced) n.outer.axes[n.outer.rank++] = a;
    return true;
  }

  /// Whether a nest loads at offsets, of which the blocks of contractions know nothing.
  constexpr bool has_edges(nest const& n) const {
    for (int l = 0; l < n.load_count; ++l) {
      role const kind = at(plan_.loads[n.first_load + l]).op->kind;
      if (kind == role::shift || kind == role::inside) return true;
    }
    return false;
  }

  /// How well axes suit the vectors and rows of a contraction, -1 where it is none.
  constexpr int contraction_score(nest const& n, int lanes, int rows, int reduced) const {
    bool vectors_are_shared = false, rows_are_shared = false;
    int score = rows == plan_.batch ? 1 : 0;
    for (int l = 0; l < n.load_count; ++l) {
      int const id = plan_.loads[n.first_load + l];
      axis_set const axes = at(id).axes;
      bool const by_lane = axes >> lanes & 1u, by_row = axes >> rows & 1u, by_depth = axes >> reduced & 1u;
      bool const ordered = is<position_>(at(id)) || order_of(id).innermost() == lanes;
      if (by_lane && by_row && by_depth && !ordered) return -1;
      vectors_are_shared |= by_lane && by_depth && !by_row;
      rows_are_shared |= by_row && by_depth && !by_lane;
      if (by_lane && ordered) score += 2;
    }
    for (int r = 0; r < n.root_count; ++r)
      if (order_of(plan_.roots[n.first_root + r]).innermost() == lanes) score += 4;
    return vectors_are_shared && rows_are_shared ? score : -1;
  }
};

}  // namespace ddx::detail

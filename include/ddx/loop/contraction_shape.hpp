// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A nest that is a contraction enters; what it reduces, with which guards, and how large its blocks are leave.
#pragma once

#include <array>
#include <cstddef>

#include "../simd/pack.hpp"
#include "program.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// Rows or lanes.
struct range {
  std::ptrdiff_t begin, end;
};

/// A panel's part of a contraction.
struct section {
  std::ptrdiff_t lane, count;   ///< its lanes
  std::ptrdiff_t begin, depth;  ///< its part of the reduced axis
  bool first;                   ///< nothing has been reduced before
  bool last;                    ///< nothing is left to be reduced
};

/// What is known of contraction `Nest` of the program whose loops are `Loops` before it runs.
template <class Loops, int Nest>
class contraction_shape {
  static constexpr auto const& Plan = Loops::Plan;
  static constexpr auto const& Graph = Loops::Graph;
  static constexpr nest n = Plan.nests[Nest];
  using number = typename Loops::number_type;
  using pack = simd::pack<number>;
  using frame_type = typename Loops::frame_type;
  static constexpr int width = simd::width<number>;

  static constexpr bool is_zero(int id) {
    return ddx::is<constant_>(Graph.nodes[id]) && Graph.nodes[id].constant.numerator == 0;
  }
  static constexpr bool computed_here(int id) { return Loops::template node_place<Nest>(id) >= 0; }

 public:
  // ---- what is reduced
  //
  // Derivatives of `where` are guarded: where(c, x*g, 0), so that what x is where c does not hold cannot leak. If g is
  // itself zero there (preparation sees to that) x*g is the same unless x is not finite, and then the result is not
  // finite either: the guard is left out, and what is not finite is computed again with it.

  /// The product inside of a root's guard, -1 where the guard is needed or there is none.
  static constexpr int unguarded(int root) {
    int const id = Plan.roots[n.first_root + root].value;
    node const guard = Graph.nodes[id];
    if (!ddx::is<where_>(guard) || !computed_here(id)) return -1;
    for (int branch = 1; branch <= 2; ++branch) {
      int const inside = guard.operands[branch];
      node const product = Graph.nodes[inside];
      if (!is_zero(guard.operands[3 - branch]) || !ddx::is<multiply_>(product) || !computed_here(inside)) continue;
      for (int k = 0; k < 2; ++k) {
        node const factor = Graph.nodes[product.operands[k]];
        if (ddx::is<where_>(factor) && factor.operands[0] == guard.operands[0] && is_zero(factor.operands[3 - branch]))
          return inside;
      }
    }
    return -1;
  }

  static constexpr bool guarded = [] {
    for (int r = 0; r < n.root_count; ++r)
      if (unguarded(r) < 0) return false;
    return true;
  }();

  /// The value that is reduced, with its guard or without.
  static constexpr int value_of_root(int root, bool guard) {
    return !guard && guarded ? unguarded(root) : Plan.roots[n.first_root + root].value;
  }

  /// Whether a root needs a node or a load, with its guard or without.
  static constexpr bool needs(bool guard, int id) {
    bool needed[Graph.node_count + 1]{};
    for (int r = 0; r < n.root_count; ++r) needed[value_of_root(r, guard)] = true;
    for (int i = n.node_count - 1; i >= 0; --i) {
      int const computed = Plan.nodes[n.first_node + i];
      if (needed[computed])
        for (int k = 0; k < Graph.nodes[computed].op->arity; ++k) needed[Graph.nodes[computed].operands[k]] = true;
    }
    return needed[id];
  }

  // ---- the size of a block

  // Accumulators fill three quarters of the registers: the others hold the vectors of a step, a value of the row and
  // what the expression needs. With a sixth of the registers as rows and two vectors a row, a step has a load for every
  // second product or fewer.
  static constexpr int columns = 2;
  static constexpr int rows = [] {
    int const most = simd::registers * 3 / 4 / columns / n.root_count;
    int computed = 0;
    for (int i = 0; i < n.node_count; ++i) computed += needs(false, Plan.nodes[n.first_node + i]) ? 1 : 0;
    int const fitting = computed > 1 ? most * 2 / 3 : most;
    return fitting < 1 ? 1 : fitting;
  }();
  static constexpr std::ptrdiff_t panel_width = columns * width;

  /// What a block leaves, also a smaller one.
  using block_results = pack[n.root_count][rows][columns];

  // ---- loads by the axes of the block that they have

  static constexpr int along_row = 1, along_lane = 2, along_depth = 4;

  /// The node of each load.
  static constexpr std::array<int, n.load_count + 1> id = [] {
    std::array<int, n.load_count + 1> all{};
    for (int l = 0; l < n.load_count; ++l) all[static_cast<std::size_t>(l)] = Plan.loads[n.first_load + l];
    return all;
  }();
  /// The axes of each load.
  static constexpr std::array<int, n.load_count + 1> kind = [] {
    std::array<int, n.load_count + 1> all{};
    for (int l = 0; l < n.load_count; ++l) {
      axis_order const order = Loops::order_of_load(Plan.loads[n.first_load + l]);
      all[static_cast<std::size_t>(l)] = (Loops::place_of(order, n.row_axis) >= 0 ? along_row : 0) |
                                         (Loops::place_of(order, n.vector_axis) >= 0 ? along_lane : 0) |
                                         (Loops::place_of(order, n.reduced_axis) >= 0 ? along_depth : 0);
    }
    return all;
  }();
  static constexpr bool is_position(int load) {
    return ddx::is<position_>(Graph.nodes[Plan.loads[n.first_load + load]]);
  }
  /// Whether a load is along vectors and the reduced axis.
  static constexpr bool is_panel(int load) {
    return kind[static_cast<std::size_t>(load)] == (along_lane | along_depth);
  }

  /// Whether the vectors of a root lie in order in memory.
  static constexpr bool is_ordered(int root) {
    return Loops::order_of_root(Plan.roots[root]).innermost() == n.vector_axis;
  }

  // ---- the batch

  /// Rows of the batch in a chain of additions: what keeps sums over it within the bound of kernels.
  static constexpr std::ptrdiff_t most_rows = 256;

  static constexpr bool over_batch = n.reduced_axis == Plan.batch && n.time % 2 == 1;
  static bool adds_to_earlier_tiles(frame_type const& f) { return over_batch && f.tile_begin > 0; }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop

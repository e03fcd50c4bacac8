// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Lines: a nest enters; what a step of its loops holds in registers leaves, and along which lines each load changes.
#pragma once

#include <type_traits>
#include <utility>

#include "cursor.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

// What the lines of a step are: rows, a vector of each; consecutive vectors, of a single row or without a row axis;
// single elements.
template <class Number>
struct by_rows {
  using number = simd::pack<Number>;
  using condition = simd::mask<Number>;
  static constexpr bool rows = true;
};
template <class Number>
struct by_vectors {
  using number = simd::pack<Number>;
  using condition = simd::mask<Number>;
  static constexpr bool rows = false;
};
template <class Number>
struct by_elements {
  using number = Number;
  using condition = bool;
  static constexpr bool rows = false;
};

/// The values of one line of a step. What is computed of them is compiled once for all lines, whose first holds what
/// they share.
template <class Program, int Nest, class Lines>
struct line {
  static constexpr nest n = detail::program_plan<Program>.nests[Nest];
  typename Lines::number loads[n.load_count + 1];
  typename Lines::number nodes[n.node_count + 1];
  typename Lines::condition conditions[n.node_count + 1];
  typename Lines::number sums[n.root_count + 1];
};

/// The loads and the roots of a nest, by their places.
template <class Program, int Nest>
using each_load = std::make_integer_sequence<int, detail::program_plan<Program>.nests[Nest].load_count>;
template <class Program, int Nest>
using each_root = std::make_integer_sequence<int, detail::program_plan<Program>.nests[Nest].root_count>;

/// What is known of the lines of a nest.
template <class Program, class Number, class... Elements>
class nest_lines : public nest_cursors<Program, Number, Elements...> {
  using base = nest_cursors<Program, Number, Elements...>;

 public:
  static constexpr auto const& Graph = detail::program_graph<Program>;
  static constexpr auto const& Plan = detail::program_plan<Program>;

  template <int Nest>
  using usual_lines = std::conditional_t<(Plan.nests[Nest].row_axis >= 0), by_rows<Number>, by_vectors<Number>>;

  template <int Nest, class Lines = usual_lines<Nest>>
  using line = loop::line<Program, Nest, Lines>;

  /// Lines that go together: as many accumulators, as many rows a loaded weight serves. Limited by what must stay in
  /// registers for each of them.
  template <int Nest, class Lines>
  static constexpr int lines_together() {
    constexpr nest n = Plan.nests[Nest];
    if (n.scan >= 0) return 1;
    int live = 0;
    for (int r = 0; r < n.root_count; ++r) live += Plan.roots[n.first_root + r].axis == n.vector_axis ? 1 : 0;
    if (Lines::rows)
      for (int l = 0; l < n.load_count; ++l) {
        axis_order const order = base::order_of_load(Plan.loads[n.first_load + l]);
        live += base::place_of(order, n.row_axis) >= 0 && base::place_of(order, n.vector_axis) < 0 ? 1 : 0;
      }
    int const most = Lines::rows ? 8 : 4;
    int rows = most;
    while (rows > 1 && rows * live > simd::registers / 2 + (simd::registers == 16 ? 2 : 0))
      rows = Lines::rows ? rows / 2 : rows - 1;  // sums of rows are brought together by halves
    return rows;
  }

  template <int Nest, int Index>
  static constexpr int node_at = Plan.nodes[Plan.nests[Nest].first_node + Index];

  template <int Nest, int Index>
  static constexpr int load_at = Plan.loads[Plan.nests[Nest].first_load + Index];

  template <int Nest>
  static constexpr int node_place(int id) {
    for (int i = 0; i < Plan.nests[Nest].node_count; ++i)
      if (Plan.nodes[Plan.nests[Nest].first_node + i] == id) return i;
    return -1;
  }

  template <int Nest>
  static constexpr int load_place(int id) {
    for (int i = 0; i < Plan.nests[Nest].load_count; ++i)
      if (Plan.loads[Plan.nests[Nest].first_load + i] == id) return i;
    return -1;
  }

  /// How often a nest's nodes and roots use a node.
  template <int Nest>
  static constexpr int uses_in_nest(int id) {
    constexpr nest n = Plan.nests[Nest];
    int count = 0;
    for (int i = 0; i < n.node_count; ++i) {
      node const& user = Graph.nodes[Plan.nodes[n.first_node + i]];
      for (int k = 0; k < user.op->arity; ++k) count += user.operands[k] == id ? 1 : 0;
    }
    for (int r = 0; r < n.root_count; ++r) count += Plan.roots[n.first_root + r].value == id ? 1 : 0;
    return count;
  }

  template <int Nest, int Id>
  static constexpr bool along_rows =
      Plan.nests[Nest].row_axis >= 0 && base::place_of(base::order_of_load(Id), Plan.nests[Nest].row_axis) >= 0;

  template <int Nest, int Id>
  static constexpr bool along_lanes = base::place_of(base::order_of_load(Id), Plan.nests[Nest].vector_axis) >= 0;

  template <int Nest, int Id>
  static constexpr bool contiguous = base::order_of_load(Id).innermost() == Plan.nests[Nest].vector_axis;

  /// Whether a load has a value of its own on each line.
  template <int Nest, int Id, class Lines>
  static constexpr bool on_each_line = Lines::rows ? along_rows<Nest, Id> : along_lanes<Nest, Id>;
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop

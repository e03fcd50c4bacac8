// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Emission: a plan enters, loops leave. Every nest is a few rows by a vector at a time, with all values in registers.
#pragma once

#include <cstddef>
#include <utility>

#include "contraction.hpp"
#include "lanes.hpp"
#include "passes.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// The loops of a program's plan.
template <class Program, class Number, class... Elements>
class loops : public nest_lanes<Program, Number, Elements...> {
  using base = nest_lanes<Program, Number, Elements...>;

 public:
  static constexpr auto const& Graph = detail::program_graph<Program>;
  static constexpr auto const& Plan = detail::program_plan<Program>;
  static constexpr int width = simd::width<Number>;
  using frame_type = typename base::frame_type;

  /// Runs everything; inputs, buffers and outputs of the frame are bound, numbers of scalar inputs are set.
  template <class Threads>
  DDX_INLINE static void run(frame_type& f, Threads threads) {
    set_leaves(f);
    passes<loops>::run(f, threads);
  }

  template <int Nest>
  static void run_nest(frame_type& f) {
    constexpr nest n = Plan.nests[Nest];
    if constexpr (n.into >= 0) {
      return;  // runs in the blocks of a contraction
    } else if constexpr (n.axes == 0) {
      run_numbers<Nest>(f);
    } else {
      each<n.root_count>([&]<int Item>(std::integral_constant<int, Item>) {
        constexpr nest_root root = Plan.roots[n.first_root + Item];
        if constexpr (root.axis >= 0 && root.axis != Plan.batch) {
          if constexpr (root.to == destination::buffer && root.axis != n.vector_axis && n.reduced_axis < 0)
            fill<root.index, root.combine>(f);
          f.totals[n.first_root + Item] = simd::pack<double>(simd::combining<root.combine>::template neutral<double>);
        }
      });
      std::ptrdiff_t outer[max_rank]{};
      outer_loops<Nest, 0>(f, outer);
      each<n.root_count>([&]<int Item>(std::integral_constant<int, Item>) {
        constexpr nest_root root = Plan.roots[n.first_root + Item];
        if constexpr (root.axis >= 0 && root.axis != Plan.batch && root.to == destination::number)
          f.numbers[root.index] = static_cast<Number>(simd::across<root.combine>(f.totals[n.first_root + Item]));
      });
    }
  }

  /// Bytes of panels for each element of a reduced axis, 0 without contractions.
  static constexpr std::ptrdiff_t panel_bytes() {
    return panel_bytes(std::make_integer_sequence<int, Plan.nest_count>{});
  }

  template <int... Ns>
  static constexpr std::ptrdiff_t panel_bytes(std::integer_sequence<int, Ns...>) {
    std::ptrdiff_t most = 0;
    ((most = most > panel_bytes_of<Ns>() ? most : panel_bytes_of<Ns>()), ...);
    return most;
  }

  /// The rows of a tile where every pass is a single loop, which needs tiles for the accuracy of its sums alone: chains
  /// of 64 additions in float, of 512 in double.
  static constexpr std::ptrdiff_t rows_of_loops() {
    constexpr int links = sizeof(Number) == sizeof(float) ? 64 : 512;
    return lines_of_loops(std::make_integer_sequence<int, Plan.nest_count>{}) * links * width;
  }

 private:
  template <int... Ns>
  static constexpr int lines_of_loops(std::integer_sequence<int, Ns...>) {
    int least = 4;
    ((Plan.nests[Ns].time % 2 == 1 && base::template lines_together<Ns, by_vectors<Number>>() < least
          ? void(least = base::template lines_together<Ns, by_vectors<Number>>())
          : void()),
     ...);
    return least;
  }

  template <int Nest>
  static constexpr std::ptrdiff_t panel_bytes_of() {
    if constexpr (Plan.nests[Nest].reduced_axis >= 0) return contraction<loops, Nest>::panel_bytes(1);
    else return 0;
  }

  /// Constants and extents: what numbers a call begins with.
  struct leaf {
    int node = -1, axis = -1;  ///< axis: of an extent, -1 for a constant
    double value = 0;
  };

  static constexpr int leaf_count = [] {
    int count = 0;
    for (int i = 0; i < Graph.node_count; ++i)
      count += is<constant_>(Graph.nodes[i]) || is<extent_>(Graph.nodes[i]) ? 1 : 0;
    return count;
  }();

  struct leaf_list {
    leaf all[leaf_count + 1]{};
  };

  static constexpr leaf_list leaves = [] {
    leaf_list list;
    int count = 0;
    for (int i = 0; i < Graph.node_count; ++i) {
      node const& n = Graph.nodes[i];
      if (is<constant_>(n)) list.all[count++] = {i, -1, n.constant.value()};
      else if (is<extent_>(n)) list.all[count++] = {i, n.index, 0};
    }
    return list;
  }();

  DDX_INLINE static void set_leaves(frame_type& f) {
    for (int i = 0; i < leaf_count; ++i) {
      leaf const& l = leaves.all[i];
      f.numbers[l.node] = static_cast<Number>(l.axis == -1 ? l.value : static_cast<double>(f.extents[l.axis]));
    }
  }

  template <int Buffer, reducer Reducer>
  static void fill(frame_type& f) {
    constexpr buffer b = Plan.buffers[Buffer];
    std::ptrdiff_t count = 1;
    for (int i = 0; i < b.order.rank; ++i)
      count *= b.order.axes[i] == Plan.batch ? f.tile_rows : f.extents[b.order.axes[i]];
    Number* const at = buffer_row<Buffer>(f);
    for (std::ptrdiff_t i = 0; i < count; ++i) at[i] = simd::combining<Reducer>::template neutral<Number>;
  }

  /// Where the rows of the tile begin in a buffer.
  template <int Buffer>
  static Number* buffer_row(frame_type& f) {
    constexpr buffer b = Plan.buffers[Buffer];
    if constexpr (constexpr int place = base::place_of(b.order, Plan.batch); place >= 0)
      return f.buffers[Buffer] + (b.tiled ? f.tile_offset : f.tile_begin) * f.buffer_strides[Buffer][place];
    else return f.buffers[Buffer];
  }

  template <int Nest>
  static void run_numbers(frame_type& f) {
    constexpr nest n = Plan.nests[Nest];
    each<n.node_count>([&]<int Item>(std::integral_constant<int, Item>) {
      constexpr int id = Plan.nodes[n.first_node + Item];
      constexpr node current = Graph.nodes[id];
      if constexpr (detail::unrolled_exponent(Graph.view(), id) > 0) {
        f.numbers[id] = detail::power_of(f.numbers[current.operands[0]], detail::unrolled_exponent(Graph.view(), id));
      } else {
        using record = record_at<current.op>;
        [&]<int... Is>(std::integer_sequence<int, Is...>) {
          f.numbers[id] = static_cast<Number>(record::value(number_operand<id, Is>(f)...));
        }(std::make_integer_sequence<int, record_arity<record>>{});
      }
    });
  }

  template <int Id, int Operand>
  static auto number_operand(frame_type const& f) {
    constexpr node current = Graph.nodes[Id];
    Number const value = f.numbers[current.operands[Operand]];
    if constexpr ((current.op->takes_conditions >> Operand) & 1u) return value != 0;
    else return value;
  }

  template <int Nest, int Depth>
  static void outer_loops(frame_type& f, std::ptrdiff_t* outer) {
    constexpr nest n = Plan.nests[Nest];
    if constexpr (Depth == n.outer.rank) {
      if constexpr (n.reduced_axis >= 0) contraction<loops, Nest>::run(f, outer);
      else base::template rows_and_lanes<Nest>(f, outer);
    } else {
      std::ptrdiff_t const count = base::extent(f, n, n.outer.axes[Depth]);
      for (outer[Depth] = 0; outer[Depth] < count; ++outer[Depth]) outer_loops<Nest, Depth + 1>(f, outer);
    }
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop

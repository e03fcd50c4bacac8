// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Emission: a plan enters, loops leave. Every nest is a few rows by a vector at a time, with all values in registers.
#pragma once

#include <cstddef>
#include <new>
#include <tuple>

#include "../evaluate/straight_line.hpp"
#include "../simd/across.hpp"
#include "../simd/mathematics.hpp"
#include "../simd/memory.hpp"
#include "../simd/scan.hpp"
#include "contraction.hpp"
#include "passes.hpp"
#include "program.hpp"
#include "workers.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// What the loops of a call work on. Strides are in elements.
template <int Nodes, int Inputs, int Buffers, int Outputs, int Roots, class Number>
struct frame {
  std::ptrdiff_t extents[max_axes];
  void const* inputs[Inputs + 1];
  std::ptrdiff_t input_strides[Inputs + 1][max_rank];
  Number* buffers[Buffers + 1];
  std::ptrdiff_t buffer_strides[Buffers + 1][max_rank];
  void* outputs[Outputs + 1];
  std::ptrdiff_t output_strides[Outputs + 1][max_rank];
  Number numbers[Nodes + 1];                     ///< values of nodes without axes
  simd::pack<double> totals[Roots + 1];          ///< reductions to a number, in double: a float sum of many is wrong
  simd::pack<double> committed[Roots + 1];       ///< those of the pieces of the batch before
  double* wide[Buffers + 1];                     ///< what buffers summed over the batch held after the pieces before
  Number* results[Buffers + 1];                  ///< where buffers are when no piece is being summed
  Number* panels = nullptr;                      ///< room for packed panels of contractions
  std::ptrdiff_t depth = 0;                      ///< at most so much of a reduced axis goes into a panel
  std::ptrdiff_t tile = 0;                       ///< rows of a full tile
  std::ptrdiff_t chunk = 0;                      ///< rows, in tiles, whose sums are added to those of others as one
  std::ptrdiff_t head = 0;                       ///< rows of a pass that come before its first tile
  bool fetches = false;                          ///< rows are fetched before their turn
  std::ptrdiff_t tile_begin = 0, tile_rows = 0;  ///< the rows that nests see
  std::ptrdiff_t tile_offset = 0;                ///< rows before them in what buffers hold of a tile
  std::ptrdiff_t shared_begin = 0, shared_rows = 0;
  std::ptrdiff_t first_piece = 0, last_piece = 0;  ///< of a shared tile: what nests see of it
  bool last_tile = false;
  std::ptrdiff_t part = 0, parts = 1;  ///< which of the blocks of a contraction over the batch are computed
  std::byte* slots = nullptr;          ///< memory for the sums of some pieces; nullptr where the batch is a single one
  std::ptrdiff_t slot_count = 0, slot_bytes = 0;
  std::ptrdiff_t slot_offsets[Buffers + 1];  ///< of sums in a slot
  std::byte* workers = nullptr;  ///< memory of the threads of a pass: a frame each, then its buffers and its panels
  std::ptrdiff_t worker_bytes = 0;
  std::ptrdiff_t private_offsets[Buffers + 1];  ///< of buffers, and behind them of panels
};

/// The loops of a program's plan. `Elements` are the element types of the inputs and of the outputs, `Number` is what is computed in.
template <class Program, class Number, class... Elements>
class loops {
  static constexpr auto const& Graph = detail::program_graph<Program>;
  static constexpr auto const& Plan = detail::program_plan<Program>;
  static constexpr auto const& Requests = detail::program_requests<Program>;
  template <class, int>
  friend class contraction;
  template <class, int>
  friend class contraction_block;
  template <class, int>
  friend class contraction_loads;
  template <class, int>
  friend class contraction_results;
  template <class, int>
  friend class contraction_shape;
  template <class>
  friend class passes;
  template <class>
  friend class batch_sums;
  template <class>
  friend class pieces;
  template <class>
  friend class workers;

  using number_type = Number;
  using pack = simd::pack<Number>;
  using mask = simd::mask<Number>;
  static constexpr int width = simd::width<Number>;

 public:
  using frame_type =
      frame<Graph.node_count, Graph.input_count, Plan.buffer_count, Graph.output_count, Plan.root_count, Number>;

  /// Runs everything; inputs, buffers and outputs of the frame are bound, numbers of scalar inputs are set.
  template <class Threads>
  DDX_INLINE static void run(frame_type& f, Threads threads) {
    set_leaves(f);
    passes<loops>::run(f, threads);
  }

  /// Bytes of panels for each element of a reduced axis, 0 without contractions.
  static constexpr std::ptrdiff_t panel_bytes() {
    return panel_bytes(std::make_integer_sequence<int, Plan.nest_count>{});
  }

  /// The rows of a tile where every pass is a single loop, which needs tiles for the accuracy of its sums alone: chains of 64 additions
  /// in float, of 512 in double.
  static constexpr std::ptrdiff_t rows_of_loops() {
    constexpr int links = sizeof(Number) == sizeof(float) ? 64 : 512;
    return lines_of_loops(std::make_integer_sequence<int, Plan.nest_count>{}) * links * width;
  }

 private:
  template <int... Ns>
  static constexpr int lines_of_loops(std::integer_sequence<int, Ns...>) {
    int least = 4;
    ((Plan.nests[Ns].time % 2 == 1 && lines_together<Ns, by_vectors>() < least
          ? void(least = lines_together<Ns, by_vectors>())
          : void()),
     ...);
    return least;
  }
  template <int... Ns>
  static constexpr std::ptrdiff_t panel_bytes(std::integer_sequence<int, Ns...>) {
    std::ptrdiff_t most = 0;
    ((most = most > panel_bytes_of<Ns>() ? most : panel_bytes_of<Ns>()), ...);
    return most;
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

  /// Calls a function with 0, 1, … as constants; by halves, since clang limits how many terms a fold has.
  static constexpr int fold_limit = 128;
  template <int Count, int First = 0, class Function>
  DDX_INLINE static void each(Function const& function) {
    if constexpr (Count > fold_limit) {
      each<Count / 2, First>(function);
      each<Count - Count / 2, First + Count / 2>(function);
    } else {
      [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
        (function(std::integral_constant<int, First + Is>{}), ...);
      }(std::make_integer_sequence<int, Count>{});
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
    if constexpr (constexpr int place = place_of(b.order, Plan.batch); place >= 0)
      return f.buffers[Buffer] + (b.tiled ? f.tile_offset : f.tile_begin) * f.buffer_strides[Buffer][place];
    else return f.buffers[Buffer];
  }

  // ---- one nest

  static constexpr int place_of(axis_order const& order, int axis) {
    for (int i = 0; i < order.rank; ++i)
      if (order.axes[i] == axis) return i;
    return -1;
  }

  static constexpr axis_order order_of_input(int index) { return axis_order::of(Graph.inputs[index]); }

  /// What is loaded where a node is: a shift is a load of what it stands on, at an offset.
  static constexpr int base_of(int id) { return ddx::detail::shifted_base(Graph.view(), id); }

  static constexpr axis_order order_of_load(int id) {
    id = base_of(id);
    if (is<input_>(Graph.nodes[id])) return order_of_input(Graph.nodes[id].index);
    if (Plan.buffer_of[id] >= 0) return Plan.buffers[Plan.buffer_of[id]].order;
    if (ddx::detail::runs_along_axis(Graph.nodes[id].op->kind)) return {.rank = 1, .axes = {Graph.nodes[id].index}};
    return {};
  }

  // ---- edges: loads at an offset, and whether an offset leads to a position within the axis

  static constexpr bool is_inside(int id) { return is<inside_>(Graph.nodes[id]); }
  static constexpr bool has_edge(int id) { return is_inside(id) || Graph.nodes[id].op->kind == role::shift; }

  /// How far a load is from the position of the nest along an axis.
  static constexpr std::ptrdiff_t offset_of(int id, int axis) {
    node const& n = Graph.nodes[id];
    if (is<inside_>(n)) return n.index == axis ? static_cast<std::ptrdiff_t>(n.constant.numerator) : 0;
    return static_cast<std::ptrdiff_t>(ddx::detail::offset_along(Graph.view(), id, axis));
  }

  template <int Nest>
  static constexpr bool has_edges = [] {
    constexpr nest n = Plan.nests[Nest];
    for (int l = 0; l < n.load_count; ++l)
      if (has_edge(Plan.loads[n.first_load + l])) return true;
    return false;
  }();

  static constexpr axis_order order_of_root(nest_root const& root) {
    if (root.to == destination::buffer) return Plan.buffers[root.index].order;
    if (root.to == destination::output) return Requests[root.index].order;
    if (root.to == destination::parameter) return order_of_input(root.index);
    return {};
  }

  template <int Input>
  using element_of = std::tuple_element_t<static_cast<std::size_t>(Input), std::tuple<Elements..., Number>>;
  template <int Output>
  using output_element = element_of<Graph.input_count + Output>;

  /// The element type behind a loaded node.
  template <int Id>
  static constexpr auto element_type() {
    constexpr int base = base_of(Id);
    if constexpr (is<input_>(Graph.nodes[base])) return std::type_identity<element_of<Graph.nodes[base].index>>{};
    else return std::type_identity<Number>{};
  }
  template <int Id>
  using load_element = typename decltype(element_type<Id>())::type;

  /// A place in memory along the row and the vector axis of a nest.
  template <class Element>
  struct cursor {
    Element* at;
    std::ptrdiff_t row, lane;
  };

  /// The same for the positions along an axis, which are counted, not loaded.
  struct counter {
    std::ptrdiff_t first, row, lane;
  };

  template <int Nest, int Id>
  DDX_INLINE static counter counter_at(frame_type const& f, std::ptrdiff_t const* outer) {
    constexpr nest n = Plan.nests[Nest];
    constexpr int axis = Graph.nodes[Id].index, k = place_of(n.outer, axis);
    counter c{0, axis == n.row_axis, axis == n.vector_axis};
    if constexpr (axis == Plan.batch && n.time % 2 == 1) c.first += f.tile_begin;
    if constexpr (k >= 0) c.first += outer[k];
    return c;
  }

  /// Where the elements with the given outer indices begin.
  template <class Element>
  DDX_INLINE static cursor<Element> cursor_at(Element* base, std::ptrdiff_t const* strides, axis_order const& order,
                                              nest const& n, std::ptrdiff_t const* outer, std::ptrdiff_t tile_begin) {
    std::ptrdiff_t offset = 0, row = 0, lane = 0;
    for (int i = 0; i < order.rank; ++i) {
      if (order.axes[i] == Plan.batch) offset += tile_begin * strides[i];
      if (order.axes[i] == n.row_axis) row = strides[i];
      if (order.axes[i] == n.vector_axis) lane = strides[i];
      int const k = place_of(n.outer, order.axes[i]);
      if (k >= 0) offset += outer[k] * strides[i];
    }
    return {base + offset, row, lane};
  }

  /// The part of a nest in which a load at an offset lies within the axes: rows and lanes from `begin` to before `end`.
  struct bounds {
    std::ptrdiff_t row_begin, row_end, lane_begin, lane_end;

    DDX_INLINE bool has_row(std::ptrdiff_t row) const { return row >= row_begin && row < row_end; }
    DDX_INLINE bool is_empty() const { return lane_begin >= lane_end; }
  };

  template <int Nest, int Id>
  DDX_INLINE static bounds bounds_of(frame_type const& f, std::ptrdiff_t const* outer) {
    constexpr nest n = Plan.nests[Nest];
    constexpr std::ptrdiff_t most = PTRDIFF_MAX / 4;
    bounds within{-most, most, -most, most};
    each<Graph.axis_count>([&]<int Axis>(std::integral_constant<int, Axis>) DDX_INLINE_LAMBDA {
      if constexpr (constexpr std::ptrdiff_t offset = offset_of(Id, Axis); offset != 0) {
        constexpr int k = place_of(Plan.nests[Nest].outer, Axis);
        std::ptrdiff_t first = offset + (Axis == Plan.batch && n.time % 2 == 1 ? f.tile_begin : 0);
        if constexpr (k >= 0) first += outer[k];
        std::ptrdiff_t const end = f.extents[Axis] - first;
        if constexpr (Axis == n.vector_axis) {
          within.lane_begin = -first;
          within.lane_end = within.lane_end < end ? within.lane_end : end;
        } else if constexpr (Axis == n.row_axis) {
          within.row_begin = -first;
          within.row_end = end;
        } else if (first < 0 || end <= 0) {
          within.lane_end = within.lane_begin = -most;
        }
      }
    });
    return within;
  }

  /// A place in memory, of which only what lies within bounds may be read.
  template <class Element>
  struct bounded_cursor {
    Element* at;
    std::ptrdiff_t row, lane;
    bounds within;
  };

  template <int Nest, int Id>
  DDX_INLINE static auto load_cursor(frame_type& f, std::ptrdiff_t const* outer) {
    constexpr nest n = Plan.nests[Nest];
    constexpr axis_order order = order_of_load(Id);
    using element = load_element<Id> const;
    if constexpr (order.rank == 0) {
      return cursor<element>{nullptr, 0, 0};
    } else if constexpr (is<position_>(Graph.nodes[Id])) {
      return counter_at<Nest, Id>(f, outer);
    } else if constexpr (is_inside(Id)) {
      return bounded_cursor<element>{nullptr, 0, 0, bounds_of<Nest, Id>(f, outer)};
    } else if constexpr (has_edge(Id)) {
      auto const c = load_cursor<Nest, base_of(Id)>(f, outer);
      std::ptrdiff_t const* strides = base_strides<base_of(Id)>(f);
      std::ptrdiff_t offset = 0;
      for (int i = 0; i < order.rank; ++i) offset += offset_of(Id, order.axes[i]) * strides[i];
      return bounded_cursor<element>{c.at + offset, c.row, c.lane, bounds_of<Nest, Id>(f, outer)};
    } else if constexpr (is<input_>(Graph.nodes[Id])) {
      constexpr int i = Graph.nodes[Id].index;
      return cursor_at(static_cast<element*>(f.inputs[i]), f.input_strides[i], order, n, outer,
                       n.time % 2 == 1 ? f.tile_begin : 0);
    } else {
      constexpr int b = Plan.buffer_of[Id];
      return cursor_at<element>(f.buffers[b], f.buffer_strides[b], order, n, outer,
                                Plan.buffers[b].tiled ? f.tile_offset : f.tile_begin);
    }
  }

  template <int Id>
  DDX_INLINE static std::ptrdiff_t const* base_strides(frame_type const& f) {
    if constexpr (is<input_>(Graph.nodes[Id])) return f.input_strides[Graph.nodes[Id].index];
    else return f.buffer_strides[Plan.buffer_of[Id]];
  }

  template <int Nest, int Root>
  DDX_INLINE static auto root_cursor(frame_type& f, std::ptrdiff_t const* outer) {
    constexpr nest n = Plan.nests[Nest];
    constexpr nest_root root = Plan.roots[Root];
    constexpr axis_order order = order_of_root(root);
    if constexpr (root.to == destination::number) {
      return cursor<Number>{nullptr, 0, 0};
    } else if constexpr (root.to == destination::buffer) {
      return cursor_at(f.buffers[root.index], f.buffer_strides[root.index], order, n, outer,
                       Plan.buffers[root.index].tiled ? f.tile_offset : f.tile_begin);
    } else if constexpr (root.to == destination::output) {
      return cursor_at(static_cast<output_element<root.index>*>(f.outputs[root.index]), f.output_strides[root.index],
                       order, n, outer, f.tile_begin);
    } else {
      using element = element_of<root.index>;
      return cursor_at(static_cast<element*>(const_cast<void*>(f.inputs[root.index])), f.input_strides[root.index],
                       order, n, outer, f.tile_begin);
    }
  }

  /// The extent of an axis as a nest sees it: within a pass the batch is the tile.
  static std::ptrdiff_t extent(frame_type const& f, nest const& n, int axis) {
    return axis == Plan.batch && n.time % 2 == 1 ? f.tile_rows : f.extents[axis];
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

  // ---- nests without axes: numbers

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

  // ---- nests with axes

  template <int Nest, int Depth>
  static void outer_loops(frame_type& f, std::ptrdiff_t* outer) {
    constexpr nest n = Plan.nests[Nest];
    if constexpr (Depth == n.outer.rank) {
      if constexpr (n.reduced_axis >= 0) contraction<loops, Nest>::run(f, outer);
      else rows_and_lanes<Nest>(f, outer);
    } else {
      std::ptrdiff_t const count = extent(f, n, n.outer.axes[Depth]);
      for (outer[Depth] = 0; outer[Depth] < count; ++outer[Depth]) outer_loops<Nest, Depth + 1>(f, outer);
    }
  }

  /// Lines that go together: as many accumulators, as many rows a loaded weight serves. Limited by what must stay in registers for each
  /// of them.
  template <int Nest, class Lines>
  static constexpr int lines_together() {
    constexpr nest n = Plan.nests[Nest];
    if (n.scan >= 0) return 1;
    int live = 0;
    for (int r = 0; r < n.root_count; ++r) live += Plan.roots[n.first_root + r].axis == n.vector_axis ? 1 : 0;
    if (Lines::rows)
      for (int l = 0; l < n.load_count; ++l) {
        axis_order const order = order_of_load(Plan.loads[n.first_load + l]);
        live += place_of(order, n.row_axis) >= 0 && place_of(order, n.vector_axis) < 0 ? 1 : 0;
      }
    int const most = Lines::rows ? 8 : 4;
    int rows = most;
    while (rows > 1 && rows * live > simd::registers / 2 + (simd::registers == 16 ? 2 : 0))
      rows = Lines::rows ? rows / 2 : rows - 1;  // sums of rows are brought together by halves
    return rows;
  }

  template <int Nest>
  static void rows_and_lanes(frame_type& f, std::ptrdiff_t const* outer) {
    constexpr nest n = Plan.nests[Nest];
    constexpr int together = lines_together<Nest, usual_lines<Nest>>();
    std::ptrdiff_t const lanes = extent(f, n, n.vector_axis);
    if constexpr (n.row_axis >= 0 && runs_back<Nest>) {
      for (std::ptrdiff_t row = extent(f, n, n.row_axis); row-- > 0;) block<Nest, 1, by_rows>(f, outer, row, lanes);
    } else if constexpr (n.row_axis >= 0) {
      std::ptrdiff_t const rows = extent(f, n, n.row_axis);
      std::ptrdiff_t row = 0;
      for (; row + together <= rows; row += together) block<Nest, together, by_rows>(f, outer, row, lanes);
      if constexpr (together > 1)
        for (; row < rows; ++row) block<Nest, lines_together<Nest, by_vectors>(), by_vectors>(f, outer, row, lanes);
    } else {
      block<Nest, together, by_vectors>(f, outer, 0, lanes);
    }
  }

  // What the lines of a step are: rows, a vector of each; consecutive vectors, of a single row or without a row axis; single elements.
  struct by_rows {
    using number = pack;
    using condition = mask;
    static constexpr bool rows = true;
  };
  struct by_vectors {
    using number = pack;
    using condition = mask;
    static constexpr bool rows = false;
  };
  struct by_elements {
    using number = Number;
    using condition = bool;
    static constexpr bool rows = false;
  };
  template <int Nest>
  using usual_lines = std::conditional_t<(Plan.nests[Nest].row_axis >= 0), by_rows, by_vectors>;

  /// The values of one line of a step. What is computed of them is compiled once for all lines, whose first holds what they share.
  template <int Nest, class Lines = usual_lines<Nest>>
  struct line {
    typename Lines::number loads[Plan.nests[Nest].load_count + 1];
    typename Lines::number nodes[Plan.nests[Nest].node_count + 1];
    typename Lines::condition conditions[Plan.nests[Nest].node_count + 1];
    typename Lines::number sums[Plan.nests[Nest].root_count + 1];
  };

  /// How a root's vectors lie in memory.
  enum class access { whole, first, strided };

  // ---- scans: rows, or lanes, one after the other

  static constexpr std::ptrdiff_t neighbour_of(int scan) {
    return static_cast<std::ptrdiff_t>(Graph.nodes[scan].constant.numerator);
  }
  template <int Nest>
  static constexpr bool runs_back =
      Plan.nests[Nest].scan >= 0 && neighbour_of(Plan.nests[Nest].scan < 0 ? 0 : Plan.nests[Nest].scan) > 0;

  /// The elements of a scan in a vector along its axis, the last of them in all lanes of `carry`: what the next ones go on from. Products
  /// of the vector's factors are taken first, so that vectors wait for one another as briefly as can be; one by one where these
  /// might overflow or vanish while the results do not.
  template <int Nest>
  DDX_INLINE static pack scan_lanes(pack a, pack b, std::ptrdiff_t lane, std::ptrdiff_t count, std::ptrdiff_t lanes,
                                    pack& carry) {
    bool const begins = runs_back<Nest> ? lane + count == lanes : lane == 0;
    if (count == width && !begins) {
      pack factor = a, result = b;
      simd::compose<runs_back<Nest>>(factor, result);
      if (simd::is_moderate(factor)) {
        constexpr int last = runs_back<Nest> ? 0 : width - 1;
        pack const before = carry;
        carry =
            simd::fma(simd::repeated<last>(factor), before, simd::repeated<last>(result));  // all that is waited for
        return simd::fma(factor, before, result);
      }
    }
    alignas(DDX_VECTOR_BYTES) Number factors[width], results[width];
    simd::store(factors, a);
    simd::store(results, b);
    Number last = carry[0];
    if constexpr (runs_back<Nest>) {
      for (std::ptrdiff_t i = count; i-- > 0;)
        last = results[i] = lane + i + 1 == lanes ? results[i] : factors[i] * last + results[i];
    } else {
      for (std::ptrdiff_t i = 0; i < count; ++i)
        last = results[i] = lane + i == 0 ? results[i] : factors[i] * last + results[i];
    }
    carry = pack(last);
    return simd::load<Number>(results);
  }

  /// What a scan gives at a row from what it gave at the row before, or behind; along its lanes from what it gave there.
  template <int Nest, int Index, access How, class Lines, class Cursor>
  DDX_INLINE static void scan_step(frame_type const& f, line<Nest, Lines>& v, Cursor const& c, std::ptrdiff_t row,
                                   std::ptrdiff_t lane, std::ptrdiff_t count) {
    constexpr nest n = Plan.nests[Nest];
    constexpr node scan = Graph.nodes[n.scan];
    pack const a = value_of<Nest, scan.operands[0]>(v, v), b = value_of<Nest, scan.operands[1]>(v, v);
    pack& result = v.nodes[node_place<Nest>(n.scan)];
    std::ptrdiff_t const extent = f.extents[scan.index];
    if constexpr (scan.index == n.vector_axis) {
      result = scan_lanes<Nest>(a, b, lane, count, extent, v.sums[Index]);
    } else {
      std::ptrdiff_t const from = row + neighbour_of(n.scan);
      result = b;
      if (from >= 0 && from < extent)
        result = simd::fma(
            a, reload<How>(c.at + from * c.row + lane * (How == access::strided ? c.lane : 1), c.lane, count), b);
    }
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
      Plan.nests[Nest].row_axis >= 0 && place_of(order_of_load(Id), Plan.nests[Nest].row_axis) >= 0;
  template <int Nest, int Id>
  static constexpr bool along_lanes = place_of(order_of_load(Id), Plan.nests[Nest].vector_axis) >= 0;
  template <int Nest, int Id>
  static constexpr bool contiguous = order_of_load(Id).innermost() == Plan.nests[Nest].vector_axis;

  /// Whether whole vectors may be loaded and stored at the end of a load: scratch with a single axis is followed by room.
  template <int Id>
  static constexpr bool padded() {
    if constexpr (is<input_>(Graph.nodes[Id]) || Plan.buffer_of[Id] < 0) return false;
    else return is_padded(Plan.buffers[Plan.buffer_of[Id]]);
  }
  static constexpr bool is_padded(buffer const& b) {
    if (b.output >= 0 || b.order.rank != 1) return false;
    // Beyond a chunk's rows of the whole batch are those of another thread; a tile that threads share is cut at whole vectors.
    return b.order.axes[0] != Plan.batch || b.tiled || workers<loops>::shares_tiles();
  }

  /// Only where it is stored, not accumulated: the lanes beyond are garbage, and after the first lanes of a row others follow.
  static constexpr bool is_padded(nest_root const& root) {
    return root.axis < 0 && root.to == destination::buffer && is_padded(Plan.buffers[root.index]);
  }

  /// Whether a load has a value of its own on each line.
  template <int Nest, int Id, class Lines>
  static constexpr bool on_each_line = Lines::rows ? along_rows<Nest, Id> : along_lanes<Nest, Id>;

  /// The loads and the roots of a nest, by their places.
  template <int Nest>
  using each_load = std::make_integer_sequence<int, Plan.nests[Nest].load_count>;
  template <int Nest>
  using each_root = std::make_integer_sequence<int, Plan.nests[Nest].root_count>;

  /// `Rows` lines along all lanes: rows from `row` on, or vectors of that row, or vectors where there is no row axis.
  template <int Nest, int Rows, class Lines>
  static void block(frame_type& f, std::ptrdiff_t const* outer, std::ptrdiff_t row, std::ptrdiff_t lanes) {
    lines<Nest, Rows, Lines>(f, outer, row, lanes, each_load<Nest>{}, each_root<Nest>{});
  }
  // Inlined: left to choose, g++ keeps a sum of a single loop on the stack, which takes 2.5 times the time.
  template <int Nest, int Rows, class Lines, int... Ls, int... Rs>
  DDX_INLINE static void lines(frame_type& f, std::ptrdiff_t const* outer, std::ptrdiff_t row, std::ptrdiff_t lanes,
                               std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) {
    constexpr nest n = Plan.nests[Nest];
    std::tuple const sources{load_cursor<Nest, load_at<Nest, Ls>>(f, outer)...};
    std::tuple const targets{root_cursor<Nest, n.first_root + Rs>(f, outer)...};
    line<Nest, Lines> v[Rows];
    (load_fixed<Nest, Rows, Ls>(f, v, std::get<Ls>(sources), row), ...);
    (begin_sum<Nest, Rows, Rs>(v), ...);
    if constexpr (n.row_axis < 0 && runs_back<Nest>) return lanes_back<Nest>(f, v, sources, targets, lanes);
    constexpr std::ptrdiff_t step = Lines::rows ? width : Rows * width;
    [[maybe_unused]] constexpr int together = Lines::rows ? Rows : 1;  // what a vector with edges is computed for
    std::ptrdiff_t lane = 0;
    fetching ahead{rows_left<Nest>(f) - row - (Lines::rows ? Rows : 1), 0};
    if constexpr (has_edges<Nest>) {
      std::ptrdiff_t first = 0, last = lanes;
      (narrow<Nest, together, Ls>(std::get<Ls>(sources), row, first, last), ...);
      for (std::ptrdiff_t end = first < last ? first : last;; end = lanes) {
        while (lane < end) {  // whole vectors, so that what follows is aligned as before
          std::ptrdiff_t const part = lanes - lane < width ? lanes - lane : width;
          vectors<Nest, Rows, together, true>(f, v, sources, targets, row, lane, part, ahead);
          lane += part;
        }
        for (; lane + step <= last; lane += step, ahead.done += Rows * width)
          vectors<Nest, Rows, Rows, false>(f, v, sources, targets, row, lane, width, ahead);
        if (lane >= lanes) break;
      }
    } else if constexpr (Lines::rows) {
      if (std::ptrdiff_t const part = lanes_to_alignment<Nest>(sources, row, lanes); part > 0) {
        vectors<Nest, Rows, Rows, true>(f, v, sources, targets, row, 0, part, ahead);
        lane = part;
        ahead.done += Rows * width;
      }
      for (; lane + step <= lanes; lane += step, ahead.done += Rows * width)
        vectors<Nest, Rows, Rows, false>(f, v, sources, targets, row, lane, width, ahead);
      if (lane < lanes) vectors<Nest, Rows, Rows, true>(f, v, sources, targets, row, lane, lanes - lane, ahead);
    } else if constexpr (n.row_axis >= 0) {
      // One piece of code for the lanes at both ends, and for what is left of several vectors.
      for (std::ptrdiff_t part = lanes_to_alignment<Nest>(sources, row, lanes);;) {
        if (part > 0) vectors<Nest, Rows, 1, true>(f, v, sources, targets, row, lane, part, ahead);
        lane += part;
        for (; lane + step <= lanes; lane += step, ahead.done += Rows * width)
          vectors<Nest, Rows, Rows, false>(f, v, sources, targets, row, lane, width, ahead);
        if (lane >= lanes) break;
        part = lanes - lane < width ? lanes - lane : width;
      }
    } else {
      for (; lane + step <= lanes; lane += step)
        vectors<Nest, Rows, Rows, false>(f, v, sources, targets, row, lane, width, ahead);
      if constexpr (Rows > 1)
        for (; lane + width <= lanes; lane += width)
          vectors<Nest, Rows, 1, false>(f, v, sources, targets, row, lane, width, ahead);
      if constexpr (is_cheap<Nest>()) {
        line<Nest, by_elements> one[1];
        elements<Nest>(f, one, sources, targets, lane, lanes);
        (add_elements<Nest, Rs>(v[0], one[0]), ...);
      } else if (lane < lanes) {
        vectors<Nest, Rows, 1, true>(f, v, sources, targets, row, lane, lanes - lane, ahead);
      }
    }
    (end_sum<Nest, Rows, Rs>(f, v, std::get<Rs>(targets), row), ...);
  }

  /// All vectors from the last to the first.
  template <int Nest, class Lines, class Sources, class Targets>
  DDX_INLINE static void lanes_back(frame_type& f, line<Nest, Lines> (&v)[1], Sources const& sources,
                                    Targets const& targets, std::ptrdiff_t lanes) {
    std::ptrdiff_t first = 0, last = lanes;
    each<Plan.nests[Nest].load_count>([&]<int Load>(std::integral_constant<int, Load>) {
      narrow<Nest, 1, Load>(std::get<Load>(sources), 0, first, last);
    });
    fetching const none{0, 0};
    for (std::ptrdiff_t lane = lanes > 0 ? (lanes - 1) / width * width : -1; lane >= 0; lane -= width) {
      if (lane >= first && lane + width <= last)
        vectors<Nest, 1, 1, false>(f, v, sources, targets, 0, lane, width, none);
      else
        vectors<Nest, 1, 1, true>(f, v, sources, targets, 0, lane, lanes - lane < width ? lanes - lane : width, none);
    }
  }

  /// Narrows lanes to those for which all rows lie within the bounds of a load: there nothing is checked.
  template <int Nest, int Rows, int Load, class Cursor>
  DDX_INLINE static void narrow([[maybe_unused]] Cursor const& c, [[maybe_unused]] std::ptrdiff_t row,
                                [[maybe_unused]] std::ptrdiff_t& first, [[maybe_unused]] std::ptrdiff_t& last) {
    constexpr int id = load_at<Nest, Load>;
    if constexpr (has_edge(id) && along_lanes<Nest, id>) {
      if (!c.within.has_row(row) || !c.within.has_row(row + Rows - 1)) last = 0;
      first = first > c.within.lane_begin ? first : c.within.lane_begin;
      last = last < c.within.lane_end ? last : c.within.lane_end;
      if (last < 0) last = 0;
    }
  }

  /// Elements at an offset, of which those outside of the bounds are 0 and not read.
  template <bool Contiguous, class Cursor>
  DDX_INLINE static pack load_within(Cursor const& c, std::ptrdiff_t row, std::ptrdiff_t lane, std::ptrdiff_t count,
                                     std::ptrdiff_t offset) {
    std::ptrdiff_t const begin = c.within.lane_begin - lane, last = c.within.lane_end - lane,
                         end = last < count ? last : count;
    if (!c.within.has_row(row)) return pack(Number(0));
    if constexpr (Contiguous) {
      return simd::load_between<Number>(c.at + offset, begin, end);
    } else {
      alignas(DDX_VECTOR_BYTES) Number elements[width]{};
      for (std::ptrdiff_t i = begin < 0 ? 0 : begin; i < end; ++i)
        elements[i] = static_cast<Number>(c.at[offset + i * c.lane]);
      return simd::load<Number>(elements);
    }
  }

  /// The loop of a nest with no axis but the batch over the rows of a tile.
  template <int Nest>
  DDX_INLINE static void whole_loop(frame_type& f) {
    lines<Nest, lines_together<Nest, by_vectors>(), by_vectors>(f, nullptr, 0, f.tile_rows, each_load<Nest>{},
                                                                each_root<Nest>{});
  }

  /// The first load that has both the row and the vector axis, contiguous along the latter; -1 if there is none.
  template <int Nest>
  static constexpr int heaviest_load() {
    constexpr nest n = Plan.nests[Nest];
    for (int l = 0; l < n.load_count; ++l) {
      axis_order const order = order_of_load(Plan.loads[n.first_load + l]);
      if (has_edge(Plan.loads[n.first_load + l])) continue;
      if (place_of(order, n.row_axis) >= 0 && order.innermost() == n.vector_axis) return l;
    }
    return -1;
  }

  /// Lanes to take first so that vectors of the heaviest load do not straddle cache lines, which costs a fifth of the time of a
  /// step on Zen 5 with 64-byte vectors. Only where all rows are aligned alike.
  template <int Nest, class Sources>
  DDX_INLINE static std::ptrdiff_t lanes_to_alignment(Sources const& sources, std::ptrdiff_t row,
                                                      std::ptrdiff_t lanes) {
    constexpr int load = heaviest_load<Nest>();
    if constexpr (load < 0) {
      return 0;
    } else {
      auto const& c = std::get<load>(sources);
      using element = std::remove_cvref_t<decltype(*c.at)>;
      constexpr std::ptrdiff_t size = sizeof(element), block = width * size;
      auto const address = static_cast<std::ptrdiff_t>(reinterpret_cast<std::uintptr_t>(c.at + row * c.row));
      if (lanes < 4 * width || c.row * size % block != 0 || address % size != 0) return 0;
      return (block - address % block) % block / size;
    }
  }

  /// What does not change along the lanes: numbers, and values of a row.
  template <int Nest, int Rows, int Load, class Lines, class Cursor>
  DDX_INLINE static void load_fixed(frame_type const& f, line<Nest, Lines> (&v)[Rows], [[maybe_unused]] Cursor const& c,
                                    [[maybe_unused]] std::ptrdiff_t row) {
    constexpr int id = load_at<Nest, Load>;
    if constexpr (order_of_load(id).rank == 0) v[0].loads[Load] = typename Lines::number(f.numbers[id]);
    else if constexpr (!along_lanes<Nest, id>)
      each<Lines::rows && along_rows<Nest, id> ? Rows : 1>(
          [&]<int Line>(std::integral_constant<int, Line>)
              DDX_INLINE_LAMBDA { v[Line].loads[Load] = typename Lines::number(row_value<id>(c, row + Line)); });
  }

  /// The element of a load at a row.
  template <int Id, class Cursor>
  DDX_INLINE static Number row_value(Cursor const& c, std::ptrdiff_t row) {
    if constexpr (is<position_>(Graph.nodes[Id])) return static_cast<Number>(c.first + row * c.row);
    else if constexpr (is_inside(Id)) return Number(c.within.has_row(row) && !c.within.is_empty() ? 1 : 0);
    else if constexpr (has_edge(Id))
      return c.within.has_row(row) && !c.within.is_empty() ? static_cast<Number>(c.at[row * c.row]) : Number(0);
    else return static_cast<Number>(c.at[row * c.row]);
  }

  template <int Nest, int Rows, int Root, class Lines>
  DDX_INLINE static void begin_sum(line<Nest, Lines> (&v)[Rows]) {
    constexpr nest_root root = Plan.roots[Plan.nests[Nest].first_root + Root];
    if constexpr (Plan.nests[Nest].scan >= 0) v[0].sums[Root] = typename Lines::number(Number(0));
    if constexpr (root.axis >= 0 && root.axis == Plan.nests[Nest].vector_axis)
      each<Rows>([&]<int Line>(std::integral_constant<int, Line>) DDX_INLINE_LAMBDA {
        v[Line].sums[Root] = typename Lines::number(simd::combining<root.combine>::template neutral<Number>);
      });
  }

  /// What was fetched of the rows that come next.
  struct fetching {
    std::ptrdiff_t left;  ///< rows of the batch after these
    std::ptrdiff_t done;  ///< elements of them fetched before
  };

  /// The rows of the batch from the first of the tile on, where they are fetched.
  template <int Nest>
  static std::ptrdiff_t rows_left([[maybe_unused]] frame_type const& f) {
    constexpr nest n = Plan.nests[Nest];
    if constexpr (n.row_axis >= 0 && n.row_axis == Plan.batch)
      return f.fetches ? f.extents[n.row_axis] - (n.time % 2 == 1 ? f.tile_begin : 0) : 0;
    else return 0;
  }

  /// A vector of each of the first `Used` lines. `count` lanes are valid where `Partial`.
  template <int Nest, int Rows, int Used, bool Partial, class Lines, class Sources, class Targets>
  DDX_INLINE static void vectors([[maybe_unused]] frame_type const& f, line<Nest, Lines> (&v)[Rows],
                                 Sources const& sources, Targets const& targets, std::ptrdiff_t row,
                                 std::ptrdiff_t lane, std::ptrdiff_t count, [[maybe_unused]] fetching const& ahead) {
    [&]<int... Ls, int... Rs>(std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) DDX_INLINE_LAMBDA {
      (load_shared<Nest, Ls, Partial>(v[0], std::get<Ls>(sources), row, lane, count), ...);
      if constexpr (!Partial) (prefetch<Nest, Ls, Rows, Lines>(std::get<Ls>(sources), row, ahead), ...);
      (begin_chains<Nest, Rows, Rs, Partial>(v, std::get<Rs>(targets), lane, count), ...);
      // A line at a time: what all lines load does not stay in registers beside their sums.
      each<Used>([&]<int Line>(std::integral_constant<int, Line>) DDX_INLINE_LAMBDA {
        whole_line<Nest, Partial>(f, v[Line], v[0], v[Line % 2], sources, targets, row, lane, count, Line);
      });
      (end_chains<Nest, Rows, Used, Rs, Partial>(v, std::get<Rs>(targets), lane, count), ...);
    }(each_load<Nest>{}, each_root<Nest>{});
  }

  /// Loads, computes and stores a line; `chains` are the sums over the lines that this one adds to.
  template <int Nest, bool Partial, class Lines, class Sources, class Targets>
  DDX_INLINE static void whole_line([[maybe_unused]] frame_type const& f, line<Nest, Lines>& v,
                                    line<Nest, Lines> const& shared, line<Nest, Lines>& chains, Sources const& sources,
                                    Targets const& targets, std::ptrdiff_t row, std::ptrdiff_t lane,
                                    std::ptrdiff_t count, int index) {
    constexpr nest n = Plan.nests[Nest];
    [&]<int... Ls, int... Rs>(std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) DDX_INLINE_LAMBDA {
      (load_own<Nest, Ls, Partial>(v, std::get<Ls>(sources), row, lane, count, index), ...);
      compute_all<Nest>(v, shared);
      if constexpr (n.scan >= 0)
        (scan_step<Nest, Rs, access_of<Partial, Nest, n.first_root + Rs>()>(f, v, std::get<Rs>(targets), row, lane,
                                                                            count),
         ...);
      (finish_line<Nest, Rs, Partial>(v, shared, chains, std::get<Rs>(targets), row, lane, count, index), ...);
    }(each_load<Nest>{}, each_root<Nest>{});
  }

  /// Whether a nest computes what costs little element by element: less than a store of some lanes, which takes as long as a dozen
  /// additions and keeps the next load of its elements waiting.
  template <int Nest>
  static constexpr bool is_cheap() {
    if (has_edges<Nest> || Plan.nests[Nest].scan >= 0) return false;
    for (int i = 0; i < Plan.nests[Nest].node_count; ++i)
      if (!detail::costs_no_more_than_memory(Graph.view(), Plan.nodes[Plan.nests[Nest].first_node + i])) return false;
    return true;
  }

  /// The elements from `lane` on, fewer than a vector, one after the other.
  template <int Nest, class Sources, class Targets>
  DDX_INLINE static void elements(frame_type const& f, line<Nest, by_elements> (&one)[1], Sources const& sources,
                                  Targets const& targets, std::ptrdiff_t lane, std::ptrdiff_t lanes) {
    [&]<int... Ls, int... Rs>(std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) DDX_INLINE_LAMBDA {
      (load_fixed<Nest, 1, Ls>(f, one, std::get<Ls>(sources), 0), ...);
      (begin_sum<Nest, 1, Rs>(one), ...);
      for (; lane < lanes; ++lane) {
        simd::hide(lane);  // or the compilers would make vectors of what is left of one
        (read_element<Nest, Ls>(one[0], std::get<Ls>(sources), lane), ...);
        compute_all<Nest>(one[0], one[0]);
        (finish_element<Nest, Rs>(one[0], std::get<Rs>(targets), lane), ...);
      }
    }(each_load<Nest>{}, each_root<Nest>{});
  }

  /// Computes elements of the batch from `begin` to `end`, fewer than a vector, in a pass that is a single loop, and hands what they are
  /// reduced to to `finish`.
  template <int Nest, class Finish>
  DDX_INLINE static void few(frame_type& f, std::ptrdiff_t end, Finish const& finish) {
    constexpr nest n = Plan.nests[Nest];
    f.tile_begin = f.tile_offset = 0;
    [&]<int... Ls, int... Rs>(std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) DDX_INLINE_LAMBDA {
      std::tuple const sources{load_cursor<Nest, load_at<Nest, Ls>>(f, nullptr)...};
      std::tuple const targets{root_cursor<Nest, n.first_root + Rs>(f, nullptr)...};
      line<Nest, by_elements> one[1];
      elements<Nest>(f, one, sources, targets, 0, end);
      each<n.root_count>([&]<int Index>(std::integral_constant<int, Index>) DDX_INLINE_LAMBDA {
        constexpr nest_root root = Plan.roots[n.first_root + Index];
        if constexpr (root.axis >= 0) finish(std::integral_constant<int, n.first_root + Index>{}, one[0].sums[Index]);
      });
    }(each_load<Nest>{}, each_root<Nest>{});
  }

  /// A pass that is a single loop over fewer elements than a vector has: element by element, without sums of vectors. Whether it is.
  template <int Nest>
  DDX_INLINE static bool few_elements([[maybe_unused]] frame_type& f) {
    if constexpr (is_cheap<Nest>()) {
      if (f.extents[Plan.batch] >= width) return false;
      few<Nest>(f, f.extents[Plan.batch],
                [&]<int Root>(std::integral_constant<int, Root>, Number result)
                    DDX_INLINE_LAMBDA { f.numbers[Plan.roots[Root].index] = result; });
      return true;
    } else {
      return false;
    }
  }

  /// The elements of a long loop before the first that begins a vector of memory to store to; their number. On Zen 5 a sum of squares
  /// and its step take 1.17 of the time where stores straddle cache lines.
  template <int Nest>
  DDX_INLINE static std::ptrdiff_t head_elements([[maybe_unused]] frame_type& f) {
    if constexpr (has_head<Nest>()) {
      std::ptrdiff_t const count = f.extents[Plan.batch] < 64 * width ? 0 : elements_to_alignment<Nest>(f);
      if (count > 0)
        few<Nest>(f, count, [&]<int Root>(std::integral_constant<int, Root>, Number result) DDX_INLINE_LAMBDA {
          using combine = simd::combining<Plan.roots[Root].combine>;
          simd::pack<double> part(combine::template neutral<double>);
          part.v[0] = static_cast<double>(result);
          if (f.slots == nullptr) f.totals[Root] = combine::apply(f.totals[Root], part);
          else f.committed[Root] = combine::apply(f.committed[Root], part);
        });
      return count;
    } else {
      return 0;
    }
  }

  /// The first root of a nest that is stored in whole vectors, -1 if there is none.
  static constexpr int stored_root(nest const& n) {
    for (int r = n.first_root; r < n.first_root + n.root_count; ++r) {
      nest_root const root = Plan.roots[r];
      if (root.axis < 0 && order_of_root(root).innermost() == n.vector_axis) return r;
    }
    return -1;
  }
  template <int Nest>
  static constexpr bool has_head() {
    return is_cheap<Nest>() && stored_root(Plan.nests[Nest]) >= 0;
  }

  template <int Nest>
  DDX_INLINE static std::ptrdiff_t elements_to_alignment(frame_type& f) {
    f.tile_begin = 0;
    auto const* const at = root_cursor<Nest, stored_root(Plan.nests[Nest])>(f, nullptr).at;
    constexpr auto size = static_cast<std::ptrdiff_t>(sizeof(*at)), block = width * size;
    auto const address = static_cast<std::ptrdiff_t>(reinterpret_cast<std::uintptr_t>(at));
    return address % size != 0 ? 0 : (block - address % block) % block / size;
  }

  template <int Nest, int Load, class Cursor>
  DDX_INLINE static void read_element(line<Nest, by_elements>& v, Cursor const& c, std::ptrdiff_t lane) {
    constexpr int id = load_at<Nest, Load>;
    if constexpr (along_lanes<Nest, id>) {
      if constexpr (is<position_>(Graph.nodes[id])) v.loads[Load] = static_cast<Number>(c.first + lane);
      else v.loads[Load] = static_cast<Number>(c.at[lane * (contiguous<Nest, id> ? 1 : c.lane)]);
    }
  }

  template <int Nest, int Index, class Cursor>
  DDX_INLINE static void finish_element(line<Nest, by_elements>& v, [[maybe_unused]] Cursor const& c,
                                        [[maybe_unused]] std::ptrdiff_t lane) {
    constexpr nest n = Plan.nests[Nest];
    constexpr int r = n.first_root + Index;
    constexpr nest_root root = Plan.roots[r];
    if constexpr (root.axis == n.vector_axis) {
      v.sums[Index] = combined<Nest, r>(v, v, v.sums[Index]);
    } else {
      using element = std::remove_cvref_t<decltype(*c.at)>;
      element& at = c.at[lane * (access_of<false, Nest, r>() == access::strided ? c.lane : 1)];
      if constexpr (root.axis < 0) at = static_cast<element>(value_of<Nest, root.value>(v, v));
      else at = combined<Nest, r>(v, v, at);
    }
  }

  /// What elements were reduced to goes to lane 0 of the sums.
  template <int Nest, int Index, class Lines>
  DDX_INLINE static void add_elements([[maybe_unused]] line<Nest, Lines>& v,
                                      [[maybe_unused]] line<Nest, by_elements> const& one) {
    constexpr nest_root root = Plan.roots[Plan.nests[Nest].first_root + Index];
    if constexpr (root.axis >= 0 && root.axis == Plan.nests[Nest].vector_axis) {
      pack rest(simd::combining<root.combine>::template neutral<Number>);
      rest.v[0] = one.sums[Index];
      v.sums[Index] = simd::combining<root.combine>::apply(v.sums[Index], rest);
    }
  }

  /// Where line `r` of a step begins: a row further, or a vector.
  template <class Lines>
  DDX_INLINE static std::ptrdiff_t offset(std::ptrdiff_t row_stride, std::ptrdiff_t lane_stride, std::ptrdiff_t row,
                                          int r, std::ptrdiff_t lane) {
    if constexpr (Lines::rows) return (row + r) * row_stride + lane * lane_stride;
    else return row * row_stride + (lane + r * width) * lane_stride;
  }

  /// What all lines of a step load, into the first.
  template <int Nest, int Load, bool Partial, class Lines, class Cursor>
  DDX_INLINE static void load_shared(line<Nest, Lines>& v, Cursor const& c, std::ptrdiff_t row, std::ptrdiff_t lane,
                                     std::ptrdiff_t count) {
    if constexpr (!on_each_line<Nest, load_at<Nest, Load>, Lines>)
      load_line<Nest, Load, Partial>(v, c, row, lane, count, 0);
  }
  template <int Nest, int Load, bool Partial, class Lines, class Cursor>
  DDX_INLINE static void load_own(line<Nest, Lines>& v, Cursor const& c, std::ptrdiff_t row, std::ptrdiff_t lane,
                                  std::ptrdiff_t count, int index) {
    if constexpr (on_each_line<Nest, load_at<Nest, Load>, Lines>)
      load_line<Nest, Load, Partial>(v, c, row, lane, count, index);
  }

  template <int Nest, int Load, bool Partial, class Lines, class Cursor>
  DDX_INLINE static void load_line(line<Nest, Lines>& v, Cursor const& c, std::ptrdiff_t row, std::ptrdiff_t lane,
                                   std::ptrdiff_t count, int index) {
    constexpr int id = load_at<Nest, Load>;
    if constexpr (along_lanes<Nest, id>) {
      pack loaded;  // by itself: g++ keeps in memory what is part of an array when it is pinned
      if constexpr (is<position_>(Graph.nodes[id])) {
        loaded = pack(static_cast<Number>(c.first + offset<Lines>(c.row, 1, row, index, lane))) +
                 simd::lane_numbers<Number>();
      } else if constexpr (is_inside(id)) {
        loaded = pack(Number(1));
        if constexpr (Partial) {
          std::ptrdiff_t const first = offset<Lines>(0, 1, 0, index, lane);
          loaded = simd::select(simd::lanes_between<Number>(c.within.lane_begin - first, c.within.lane_end - first),
                                loaded, pack(Number(0)));
        }
      } else if constexpr (has_edge(id) && Partial) {
        loaded = load_within<contiguous<Nest, id>>(
            c, row + (Lines::rows ? index : 0), lane, count,
            offset<Lines>(c.row, contiguous<Nest, id> ? 1 : c.lane, row, index, lane));
      } else if constexpr (contiguous<Nest, id>) {
        auto const* const at = c.at + offset<Lines>(c.row, 1, row, index, lane);
        if constexpr (Partial && !padded<id>()) loaded = simd::load_first<Number>(at, count);
        else loaded = simd::load<Number>(at);
        if constexpr (uses_in_nest<Nest>(id) > 1) simd::pin(loaded);
      } else {
        loaded = simd::gather<Number>(c.at + offset<Lines>(c.row, c.lane, row, index, lane), c.lane, count);
      }
      v.loads[Load] = loaded;
    }
  }

  /// Whether a nest fetches what a pass reads next of an array: rows that follow one another in memory.
  template <int Nest, int Id>
  static constexpr bool prefetches() {
    constexpr nest n = Plan.nests[Nest];
    constexpr axis_order order = order_of_load(Id);
    return is<input_>(Graph.nodes[Id]) && order.rank == 2 && n.row_axis >= 0 && n.row_axis == Plan.batch &&
           order.axes[0] == n.row_axis;
  }

  /// Fetches the rows that come after these `Rows` rows, in their order in memory, a cache line once: a step of `Vectors` vectors its
  /// share, none where the batch ends. Measured on Zen 5 as a share of Eigen's step over 12,000 rows of 784 floats: one block or 24 KB
  /// ahead in every nest of the pass 0.61, in the last nest alone 0.66, in the first alone 0.73, two blocks ahead 0.70. Over 256
  /// rows, which the second cache holds, fetching takes 1.1 of the time without.
  template <int Nest, int Load, int Vectors, class Lines, class Cursor>
  DDX_INLINE static void prefetch([[maybe_unused]] Cursor const& c, [[maybe_unused]] std::ptrdiff_t row,
                                  [[maybe_unused]] fetching const& f) {
    if constexpr (prefetches<Nest, load_at<Nest, Load>>()) fetch<Vectors, Lines::rows ? Vectors : 1>(c, row, f);
  }
  template <int Vectors, int Rows, class Cursor>
  DDX_INLINE static void fetch(Cursor const& c, std::ptrdiff_t row, fetching const& f) {
    using element = std::remove_cvref_t<decltype(*c.at)>;
    constexpr std::ptrdiff_t size = sizeof(element), least = 24 * 1024 / size, line = 64 / size;
    std::ptrdiff_t const wanted = Rows * c.row > least ? Rows * c.row : least;
    if (wanted > f.left * c.row) return;
    auto const* const next = c.at + row * c.row + wanted + f.done;
    for (std::ptrdiff_t i = 0; i < Vectors * width; i += line) __builtin_prefetch(next + i, 0, 3);
  }

  // ---- values: of a line, and of what it shares with the others of its step

  template <int Nest, int Id, class Lines>
  DDX_INLINE static auto value_of([[maybe_unused]] line<Nest, Lines> const& v,
                                  [[maybe_unused]] line<Nest, Lines> const& shared) {
    using value = typename Lines::number;
    if constexpr (is<constant_>(Graph.nodes[Id])) {
      return value(static_cast<Number>(Graph.nodes[Id].constant.value()));
    } else if constexpr (constexpr int place = node_place<Nest>(Id); place >= 0) {
      if constexpr (Graph.nodes[Id].op->condition)
        return simd::select(v.conditions[place], value(Number(1)), value(Number(0)));
      else return v.nodes[place];
    } else if constexpr (on_each_line<Nest, Id, Lines>) {
      return v.loads[load_place<Nest>(Id)];
    } else {
      return shared.loads[load_place<Nest>(Id)];
    }
  }

  template <int Nest, int Id, class Lines>
  DDX_INLINE static auto condition_of([[maybe_unused]] line<Nest, Lines> const& v,
                                      [[maybe_unused]] line<Nest, Lines> const& shared) {
    if constexpr (is<constant_>(Graph.nodes[Id])) return Graph.nodes[Id].constant.numerator != 0;
    else if constexpr (node_place<Nest>(Id) >= 0) return v.conditions[node_place<Nest>(Id)];
    else return value_of<Nest, Id>(v, shared) != typename Lines::number(Number(0));
  }

  template <int Nest, int Id, int Operand, class Lines>
  DDX_INLINE static auto operand_of(line<Nest, Lines> const& v, line<Nest, Lines> const& shared) {
    constexpr node n = Graph.nodes[Id];
    if constexpr ((n.op->takes_conditions >> Operand) & 1u) return condition_of<Nest, n.operands[Operand]>(v, shared);
    else return value_of<Nest, n.operands[Operand]>(v, shared);
  }

  /// A product that only one node uses goes into its sum: a*b + c with one rounding.
  template <int Nest, int Id>
  static constexpr bool fuses = node_place<Nest>(Id) >= 0 && is<multiply_>(Graph.nodes[Id]) && Plan.uses[Id] == 1;

  /// Computes the nodes of a nest in their order.
  template <int Nest, int First = 0, int Count = -1, class Lines>
  DDX_INLINE static void compute_all(line<Nest, Lines>& v, line<Nest, Lines> const& shared) {
    constexpr int count = Count < 0 ? Plan.nests[Nest].node_count : Count;
    if constexpr (count > fold_limit) {
      compute_all<Nest, First, count / 2>(v, shared);
      compute_all<Nest, First + count / 2, count - count / 2>(v, shared);
    } else {
      [&]<int... Is>(std::integer_sequence<int, Is...>)
          DDX_INLINE_LAMBDA { (compute<Nest, First + Is>(v, shared), ...); }(std::make_integer_sequence<int, count>{});
    }
  }

  template <int Nest, int Index, class Lines>
  DDX_INLINE static void compute(line<Nest, Lines>& v, line<Nest, Lines> const& shared) {
    constexpr int id = node_at<Nest, Index>;
    constexpr node n = Graph.nodes[id];
    constexpr int a = n.operands[0], b = n.operands[1];
    if constexpr (id == Plan.nests[Nest].scan) {
      return;  // where it is stored
    } else if constexpr (n.op->condition) {
      v.conditions[Index] = apply<Nest, id>(v, shared, std::make_integer_sequence<int, n.op->arity>{});
    } else if constexpr (detail::unrolled_exponent(Graph.view(), id) > 0) {
      v.nodes[Index] = detail::power_of(value_of<Nest, a>(v, shared), detail::unrolled_exponent(Graph.view(), id));
    } else if constexpr (is<add_>(n) && fuses<Nest, b>) {
      v.nodes[Index] =
          simd::fma(operand_of<Nest, b, 0>(v, shared), operand_of<Nest, b, 1>(v, shared), value_of<Nest, a>(v, shared));
    } else if constexpr (is<add_>(n) && fuses<Nest, a>) {
      v.nodes[Index] =
          simd::fma(operand_of<Nest, a, 0>(v, shared), operand_of<Nest, a, 1>(v, shared), value_of<Nest, b>(v, shared));
    } else if constexpr (is<subtract_>(n) && fuses<Nest, b>) {
      v.nodes[Index] = simd::fma(-operand_of<Nest, b, 0>(v, shared), operand_of<Nest, b, 1>(v, shared),
                                 value_of<Nest, a>(v, shared));
    } else if constexpr (is<subtract_>(n) && fuses<Nest, a>) {
      v.nodes[Index] = simd::fma(operand_of<Nest, a, 0>(v, shared), operand_of<Nest, a, 1>(v, shared),
                                 -value_of<Nest, b>(v, shared));
    } else {
      v.nodes[Index] = static_cast<typename Lines::number>(
          apply<Nest, id>(v, shared, std::make_integer_sequence<int, n.op->arity>{}));
    }
  }

  template <int Nest, int Id, class Lines, int... Is>
  DDX_INLINE static auto apply(line<Nest, Lines> const& v, line<Nest, Lines> const& shared,
                               std::integer_sequence<int, Is...>) {
    return simd::value_of<record_at<Graph.nodes[Id].op>>(operand_of<Nest, Id, Is>(v, shared)...);
  }

  // ---- roots

  template <int Nest, int Root, class Lines>
  DDX_INLINE static auto combined(line<Nest, Lines> const& v, line<Nest, Lines> const& shared,
                                  typename Lines::number sum) {
    constexpr nest_root root = Plan.roots[Root];
    return combined<Nest, root.combine, root.value>(v, shared, sum);
  }

  template <int Nest, reducer Combine, int Id, class Lines>
  DDX_INLINE static auto combined(line<Nest, Lines> const& v, line<Nest, Lines> const& shared,
                                  typename Lines::number sum) {
    if constexpr (Combine == reducer::sum && fuses<Nest, Id>)
      return simd::fma(operand_of<Nest, Id, 0>(v, shared), operand_of<Nest, Id, 1>(v, shared), sum);
    else return simd::combining<Combine>::apply(sum, value_of<Nest, Id>(v, shared));
  }

  template <bool Partial, int Nest, int Root>
  static constexpr access access_of() {
    constexpr nest_root root = Plan.roots[Root];
    if (order_of_root(root).innermost() != Plan.nests[Nest].vector_axis) return access::strided;
    return Partial && !is_padded(root) ? access::first : access::whole;
  }

  template <access Access, class Element>
  DDX_INLINE static void store(Element* at, std::ptrdiff_t stride, std::ptrdiff_t count, pack value) {
    if constexpr (Access == access::whole) simd::store(at, value);
    else if constexpr (Access == access::first) simd::store_first(at, count, value);
    else simd::scatter(at, stride, count, value);
  }

  template <access Access>
  DDX_INLINE static pack reload(Number const* at, std::ptrdiff_t stride, std::ptrdiff_t count) {
    if constexpr (Access == access::whole) return simd::load<Number>(at);
    else if constexpr (Access == access::first) return simd::load_first<Number>(at, count);
    else return simd::gather<Number>(at, stride, count);
  }

  /// Whether a root is a reduction over the lines, which are rows: in memory, in two chains for the lines of a step.
  template <int Nest, int Index, class Lines>
  static constexpr bool is_over_lines =
      Lines::rows && Plan.nests[Nest].row_axis >= 0 &&
      Plan.roots[Plan.nests[Nest].first_root + Index].axis == Plan.nests[Nest].row_axis;

  template <int Nest, int Rows, int Index, bool Partial, class Lines, class Cursor>
  DDX_INLINE static void begin_chains([[maybe_unused]] line<Nest, Lines> (&v)[Rows], [[maybe_unused]] Cursor const& c,
                                      [[maybe_unused]] std::ptrdiff_t lane, [[maybe_unused]] std::ptrdiff_t count) {
    if constexpr (is_over_lines<Nest, Index, Lines>) {
      constexpr int r = Plan.nests[Nest].first_root + Index;
      constexpr access how = access_of<Partial, Nest, r>();
      v[0].sums[Index] = reload<how>(c.at + lane * (how != access::strided ? 1 : c.lane), c.lane, count);
      if constexpr (Rows > 1) v[1].sums[Index] = pack(simd::combining<Plan.roots[r].combine>::template neutral<Number>);
    }
  }

  template <int Nest, int Rows, int Used, int Index, bool Partial, class Lines, class Cursor>
  DDX_INLINE static void end_chains([[maybe_unused]] line<Nest, Lines> (&v)[Rows], [[maybe_unused]] Cursor const& c,
                                    [[maybe_unused]] std::ptrdiff_t lane, [[maybe_unused]] std::ptrdiff_t count) {
    if constexpr (is_over_lines<Nest, Index, Lines>) {
      constexpr int r = Plan.nests[Nest].first_root + Index;
      constexpr access how = access_of<Partial, Nest, r>();
      pack sum = v[0].sums[Index];
      if constexpr (Used > 1) sum = simd::combining<Plan.roots[r].combine>::apply(sum, v[1].sums[Index]);
      store<how>(c.at + lane * (how != access::strided ? 1 : c.lane), c.lane, count, sum);
    }
  }

  template <int Nest, int Index, bool Partial, class Lines, class Cursor>
  DDX_INLINE static void finish_line(line<Nest, Lines>& v, line<Nest, Lines> const& shared,
                                     [[maybe_unused]] line<Nest, Lines>& chains, [[maybe_unused]] Cursor const& c,
                                     [[maybe_unused]] std::ptrdiff_t row, [[maybe_unused]] std::ptrdiff_t lane,
                                     [[maybe_unused]] std::ptrdiff_t count, [[maybe_unused]] int index) {
    constexpr nest n = Plan.nests[Nest];
    constexpr int r = n.first_root + Index;
    constexpr nest_root root = Plan.roots[r];
    if constexpr (is_over_lines<Nest, Index, Lines>) {
      chains.sums[Index] = combined<Nest, r>(v, shared, chains.sums[Index]);
    } else if constexpr (root.axis >= 0 && root.axis == n.vector_axis) {  // in registers until the end
      pack const next = combined<Nest, r>(v, shared, v.sums[Index]);
      if constexpr (Partial) v.sums[Index] = simd::select(simd::first_lanes<Number>(count), next, v.sums[Index]);
      else v.sums[Index] = next;
    } else {
      constexpr access how = access_of<Partial, Nest, r>();
      auto* const at = c.at + offset<Lines>(c.row, how != access::strided ? 1 : c.lane, row, index, lane);
      if constexpr (root.axis < 0) {  // stored
        store<how>(at, c.lane, count, value_of<Nest, root.value>(v, shared));
      } else {  // reduced over an outer axis, or over rows that come one by one: in memory
        store<how>(at, c.lane, count, combined<Nest, r>(v, shared, reload<how>(at, c.lane, count)));
      }
    }
  }

  template <int Nest, int Rows, int Index, class Lines, class Cursor>
  DDX_INLINE static void end_sum([[maybe_unused]] frame_type& f, [[maybe_unused]] line<Nest, Lines> (&v)[Rows],
                                 [[maybe_unused]] Cursor const& c, [[maybe_unused]] std::ptrdiff_t row) {
    constexpr nest n = Plan.nests[Nest];
    constexpr int r = n.first_root + Index;
    constexpr nest_root root = Plan.roots[r];
    if constexpr (root.axis < 0 || root.axis != n.vector_axis) {
      return;
    } else if constexpr (!Lines::rows) {
      pack total = v[0].sums[Index];
      each<Rows - 1>([&]<int Line>(std::integral_constant<int, Line>) DDX_INLINE_LAMBDA {
        total = simd::combining<root.combine>::apply(total, v[Line + 1].sums[Index]);
      });
      if constexpr (n.row_axis < 0) {
        f.totals[r] = simd::combining<root.combine>::apply(f.totals[r], simd::widened<root.combine>(total));
      } else {
        Number& at = c.at[row * c.row];
        Number const result = simd::across<root.combine>(total);
        at = root.axis == Plan.batch ? simd::combining<root.combine>::apply(at, result) : result;
      }
    } else {
      constexpr int together = Rows < width ? Rows : width;
      each<Rows / together>([&]<int Part>(std::integral_constant<int, Part>) DDX_INLINE_LAMBDA {
        pack sums[together];
        each<together>([&]<int Line>(std::integral_constant<int, Line>)
                           DDX_INLINE_LAMBDA { sums[Line] = v[Part * together + Line].sums[Index]; });
        pack const results = simd::across_each<root.combine, together>(sums);
        std::ptrdiff_t const first = row + Part * together;
        constexpr bool padded =
            root.axis != Plan.batch && root.to == destination::buffer && is_padded(Plan.buffers[root.index]);
        if constexpr (padded)
          // What a vector has beyond these rows must not reach those of another thread.
          if (together == width || !workers<loops>::shares_tiles() || first + width <= extent(f, n, n.row_axis))
            return simd::store(c.at + first, results);  // one store, which the next nest's load can take over at once
        each<together>([&]<int Line>(std::integral_constant<int, Line>) DDX_INLINE_LAMBDA {
          Number& at = c.at[(first + Line) * c.row];
          at = root.axis == Plan.batch ? simd::combining<root.combine>::apply(at, results[Line]) : results[Line];
        });
      });
    }
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop

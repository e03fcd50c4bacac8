// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Places in memory: a frame and a nest enter; where each of its loads and roots begins leaves, and what of a load at an
// offset lies within the axes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>

#include "each.hpp"
#include "frame.hpp"
#include "program.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

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

/// The part of a nest in which a load at an offset lies within the axes: rows and lanes from `begin` to before `end`.
struct bounds {
  std::ptrdiff_t row_begin, row_end, lane_begin, lane_end;

  DDX_INLINE bool has_row(std::ptrdiff_t row) const { return row >= row_begin && row < row_end; }
  DDX_INLINE bool is_empty() const { return lane_begin >= lane_end; }
};

/// A place in memory, of which only what lies within bounds may be read.
template <class Element>
struct bounded_cursor {
  Element* at;
  std::ptrdiff_t row, lane;
  bounds within;
};

/// Where the loads and roots of a nest lie. `Elements` are the element types of the inputs and of the outputs, `Number`
/// is what is computed in.
template <class Program, class Number, class... Elements>
class nest_cursors {
 public:
  static constexpr auto const& Graph = detail::program_graph<Program>;

  static constexpr auto const& Plan = detail::program_plan<Program>;

  static constexpr auto const& Requests = detail::program_requests<Program>;

  using number_type = Number;

  using pack = simd::pack<Number>;

  using mask = simd::mask<Number>;

  static constexpr int width = simd::width<Number>;

  using frame_type =
      frame<Graph.node_count, Graph.input_count, Plan.buffer_count, Graph.output_count, Plan.root_count, Number>;

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

  static constexpr axis_order order_of_root(nest_root const& root) {
    if (root.to == destination::buffer) return Plan.buffers[root.index].order;
    if (root.to == destination::output) return Requests[root.index].order;
    if (root.to == destination::parameter) return order_of_input(root.index);
    return {};
  }

  /// The extent of an axis as a nest sees it: within a pass the batch is the tile.
  static std::ptrdiff_t extent(frame_type const& f, nest const& n, int axis) {
    return axis == Plan.batch && n.time % 2 == 1 ? f.tile_rows : f.extents[axis];
  }

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
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// How arguments lie in memory enters, as far as it decides the plan; the program arranged for it leaves.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "../bind/bind.hpp"
#include "program.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::detail {

/// How an input or an output lies in memory, as a number: g++ 12 does not take packs of objects of a class as template
/// arguments. `packed`, of outputs: in one piece, of the type that is computed in.
constexpr int placement(layout how, bool packed = true) { return 2 * static_cast<int>(how) + (packed ? 0 : 1); }
inline constexpr int usual_placement = placement(layout::row_major);
constexpr layout layout_at(int place) { return static_cast<layout>(place / 2); }
constexpr bool packed_at(int place) { return place % 2 == 0; }

/// A program whose inputs and outputs, in order, lie so.
template <class Program, int... Places>
struct arranged {
  static constexpr int places[sizeof...(Places)]{Places...};
};

template <class Program, int... Places>
struct prepared<arranged<Program, Places...>> {
  static constexpr graph build() {
    constexpr auto const& source = program_graph<Program>;
    graph g = graph::like(source.view());
    for (int i = 0; i < source.node_count; ++i) g.nodes.push_back(source.nodes[i]);
    for (int i = 0; i < source.output_count; ++i) g.outputs.push_back(source.outputs[i]);
    for (int i = 0; i < source.input_count; ++i) {
      input& in = g.inputs[i];
      layout const how = layout_at(arranged<Program, Places...>::places[i]);
      in.adjacent = how != layout::strided;
      in.reversed = how == layout::column_major;
      if (in.reversed)
        for (int k = 0; k < in.rank; ++k) in.axes[k] = source.inputs[i].axes[in.rank - 1 - k];
    }
    return g;
  }
};

template <class Program, int... Places>
constexpr auto arrange_requests() {
  auto requests = program_requests<Program>;
  constexpr int inputs = program_graph<Program>.input_count;
  for (int k = 0; k < program_graph<Program>.output_count; ++k) {
    request& r = requests.all[k];
    int const place = arranged<Program, Places...>::places[inputs + k];
    if (r.parameter >= 0) continue;
    r.packed = packed_at(place);
    r.order.adjacent = layout_at(place) != layout::strided;
    if (layout_at(place) == layout::column_major)
      for (int i = 0; i < r.order.rank / 2; ++i) std::swap(r.order.axes[i], r.order.axes[r.order.rank - 1 - i]);
  }
  return requests;
}

template <class Program, int... Places>
inline constexpr auto program_requests<arranged<Program, Places...>> = arrange_requests<Program, Places...>();

/// The program itself where everything lies as it would by default.
template <class Program, int... Places>
struct arrangement {
  using type = std::conditional_t<((Places == usual_placement) && ...), Program, arranged<Program, Places...>>;
};

/// A view of `order.rank` axes as strides of the axes in that order, outermost in memory first.
template <class View>
constexpr void copy_strides(View const& view, bool reversed, std::ptrdiff_t* to) {
  auto const& strides = strides_of(view);
  for (std::size_t i = 0; i < View::rank; ++i) to[reversed ? View::rank - 1 - i : i] = strides[i];
}

/// Whether the elements along the last axis lie beside each other.
template <class View>
constexpr bool is_adjacent(View const& view) {
  return view.extents.back() <= 1 || strides_of(view).back() == 1;
}

/// Whether the strides of a view decide at the call which loops run. Vectors with strides are read element by element
/// or, where the stride is 1, as vectors, in the same loops.
template <class View>
inline constexpr bool decided_at_call = View::rank > 1 && layout_of<View> == layout::strided;

/// How input `Input` of a call lies in memory; `Adjacent`: what is decided at the call turned out to be row-major.
template <class Call, int Input, bool Adjacent, class Program>
constexpr int place_of_input() {
  constexpr input in = program_graph<Program>.inputs[Input];
  if constexpr (in.is_slot() || in.rank == 0) {
    return usual_placement;
  } else {
    using view = typename Call::template value_type<Input>;
    return placement(Adjacent && decided_at_call<view> ? layout::row_major : layout_of<view>);
  }
}

template <class Number, class View, bool Adjacent>
constexpr int place_of_output() {
  if constexpr (is_view<View>)
    return placement(Adjacent && decided_at_call<View> ? layout::row_major : layout_of<View>,
                     is_packed<View> && std::is_same_v<typename View::element, Number>);
  else return usual_placement;
}

}  // namespace ddx::detail

#pragma GCC diagnostic pop

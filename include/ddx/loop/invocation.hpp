// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A bound call and places for its outputs enter; a frame is bound and given memory, and the loops run on it.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "arrange.hpp"
#include "bound_call.hpp"
#include "call_memory.hpp"
#include "emit.hpp"
#include "program.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::detail {

// What calls the loops is as much one an instruction set as they are: the linker would merge two calls of the same
// program.
inline namespace DDX_ISA {

/// One run of a program, arranged for its arguments: binds a frame, runs the loops. `Outputs` are the views of its
/// outputs.
template <class Program, class Call, class... Outputs>
class invocation {
  static constexpr auto const& graph_ = program_graph<Program>;
  static constexpr auto const& requests_ = program_requests<Program>;
  static constexpr int inputs_ = graph_.input_count;

  template <int Input>
  static constexpr auto element_of_input() {
    if constexpr (graph_.inputs[Input].is_slot()) return std::type_identity<double>{};
    else return std::type_identity<std::remove_const_t<typename Call::template value_type<Input>::element>>{};
  }

 public:
  using number = typename Call::number;

  invocation(Call const& call, std::tuple<Outputs...> const& outputs) : call_(call) {
    for (int i = 0; i < graph_.axis_count; ++i) frame_.extents[i] = call_.extent(i);
    bind(std::make_integer_sequence<int, inputs_>{});
    [&]<int... Ks>(std::integer_sequence<int, Ks...>) {
      (place_output<Ks>(std::get<Ks>(outputs)), ...);
    }(std::make_integer_sequence<int, sizeof...(Outputs)>{});
  }

  template <class Threads>
  void run(Threads threads) {
    memory::cut(frame_);
    memory::place_buffers(frame_, threads);
    run_loops(threads, std::make_integer_sequence<int, inputs_>{});
    write_parameters(std::make_integer_sequence<int, graph_.output_count>{});
  }

  /// The value of an output without axes.
  number output_number(int k) const { return frame_.numbers[graph_.outputs[k]]; }

 private:
  template <class View>
  static constexpr auto element_of_output() {
    if constexpr (is_view<View>) return std::type_identity<typename View::element>{};
    else return std::type_identity<number>{};
  }

  template <int... Is>
  using loops_of = loop::loops<Program, number, typename decltype(element_of_input<Is>())::type...,
                               typename decltype(element_of_output<Outputs>())::type...>;

  template <int... Is>
  static auto loops_type(std::integer_sequence<int, Is...>) -> loops_of<Is...>;
  using loops = decltype(loops_type(std::make_integer_sequence<int, inputs_>{}));
  using frame_type = typename loops::frame_type;

  template <int... Is>
  static auto memory_type(std::integer_sequence<int, Is...>)
      -> call_memory<Program, number, loops, typename decltype(element_of_input<Is>())::type...>;
  using memory = decltype(memory_type(std::make_integer_sequence<int, inputs_>{}));

  template <class Threads, int... Is>
  void run_loops(Threads threads, std::integer_sequence<int, Is...>) {
    loops_of<Is...>::run(frame_, threads);
  }

  template <int... Is>
  void bind(std::integer_sequence<int, Is...>) {
    (bind_input(std::integral_constant<int, Is>{}), ...);
  }

  template <int Item>
  void bind_input(std::integral_constant<int, Item>) {
    constexpr input declared = graph_.inputs[Item];
    if constexpr (declared.is_slot()) {
      set_number<Item>(static_cast<number>(call_.slot(declared.slot)));
    } else if constexpr (declared.rank == 0) {
      set_number<Item>(static_cast<number>(call_.template argument<Item>().get()));
    } else {
      auto const& view = call_.template argument<Item>();
      frame_.inputs[Item] = view.data;
      copy_strides(view, declared.reversed, frame_.input_strides[Item]);
    }
  }

  template <int Which, class View>
  void place_output([[maybe_unused]] View const& view) {
    if constexpr (is_view<View>) {
      frame_.outputs[Which] = view.data;
      if constexpr (is_packed<View>) memory::set_strides(frame_, requests_[Which].order, frame_.output_strides[Which]);
      else copy_strides(view, layout_of<View> == layout::column_major, frame_.output_strides[Which]);
    }
  }

  /// The node of an input, -1 where the graph has none.
  static constexpr int node_of(int input) {
    for (int i = 0; i < graph_.node_count; ++i)
      if (is<input_>(graph_.nodes[i]) && graph_.nodes[i].index == input) return i;
    return -1;
  }

  template <int Item>
  void set_number([[maybe_unused]] number value) {
    constexpr int id = node_of(Item);
    if constexpr (id >= 0) frame_.numbers[id] = value;
  }

  /// Numbers that are trained are written back when everything is computed.
  template <int... Ks>
  void write_parameters(std::integer_sequence<int, Ks...>) {
    (write_parameter(std::integral_constant<int, Ks>{}), ...);
  }
  template <int Which>
  void write_parameter(std::integral_constant<int, Which>) {
    if constexpr (requests_[Which].parameter >= 0 && requests_[Which].order.rank == 0) {
      auto const& bound = call_.template argument<requests_[Which].parameter>();
      *bound.number = static_cast<std::remove_reference_t<decltype(*bound.number)>>(output_number(Which));
    }
  }

  Call const& call_;
  frame_type frame_;
};

}  // namespace DDX_ISA
}  // namespace ddx::detail

#pragma GCC diagnostic pop

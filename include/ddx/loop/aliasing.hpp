// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A bound call and the places of its outputs enter; a sentence leaves where what is written may be read as something
// else.
#pragma once

#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "../bind/overlap.hpp"
#include "../simd/instruction_set.hpp"
#include "bound_call.hpp"
#include "program.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::detail {

/// The place of an output that is a number or a parameter.
struct number_place {};

template <int Count>
constexpr auto no_places() {
  return []<int... Is>(std::integer_sequence<int, Is...>) {
    return std::tuple{((void)Is, number_place{})...};
  }(std::make_integer_sequence<int, Count>{});
}

// What calls the loops is as much one an instruction set as they are: the linker would merge two calls of the same
// program.
inline namespace DDX_ISA {

/// Whether output `k` may be written over input `i` element by element: every element is read before its place is
/// written, once.
template <class Program>
constexpr bool in_place(int k, int i) {
  constexpr auto const& g = program_graph<Program>;
  constexpr auto const& plan = program_plan<Program>;
  for (int n = 0; n < g.node_count; ++n)
    if (role const kind = g.nodes[n].op->kind; kind == role::reduction || kind == role::shift || kind == role::scan)
      return false;
  axis_set const axes = axis_order::of(g.inputs[i]).set();
  int nests = 0;  // those without axes compute numbers, from numbers
  for (int n = 0; n < plan.nest_count; ++n) {
    if (plan.nests[n].axes == 0) continue;
    if (plan.nests[n].axes != axes) return false;
    ++nests;
  }
  return nests == 1 && program_requests<Program>[k].order.set() == axes;
}

template <class Program, class Call, class... Outputs>
class aliasing {
  static constexpr auto const& graph_ = program_graph<Program>;
  static constexpr auto const& requests_ = program_requests<Program>;

 public:
  /// Errors: `output 1 and the input X share memory; give one of them memory of its own`, the like for parameters and
  /// for two outputs, and `output 1 has indices that mean the same element; what is written needs an element for each`.
  static void check(Call const& call, std::tuple<Outputs...> const& outputs) {
    [&]<int... Ks>(std::integer_sequence<int, Ks...>) {
      (check_written(call, outputs, std::integral_constant<int, Ks>{}), ...);
    }(std::make_integer_sequence<int, graph_.output_count>{});
  }

 private:
  template <int Which>
  static void check_written(Call const& call, std::tuple<Outputs...> const& outputs,
                            std::integral_constant<int, Which>) {
    if constexpr (has_place<Which>()) {
      auto const& view = written<Which>(call, outputs);
      if constexpr (!is_packed<std::remove_cvref_t<decltype(view)>>)
        if (meets_itself(footprint_of(view))) throw_repeated_elements(name<Which>());
      [&]<int... Is>(std::integer_sequence<int, Is...>) {
        (check_read<Which, Is>(call, view), ...);
      }(std::make_integer_sequence<int, graph_.input_count>{});
      [&]<int... Ks>(std::integer_sequence<int, Ks...>) {
        (check_both<Which, Ks>(call, outputs, view), ...);
      }(std::make_integer_sequence<int, Which>{});
    }
  }

  /// Whether an output is written to memory of the caller that the call knows.
  template <int Which>
  static constexpr bool has_place() {
    return requests_[Which].parameter >= 0 ||
           !std::is_same_v<std::tuple_element_t<Which, std::tuple<Outputs...>>, number_place>;
  }

  template <int Which>
  static auto written(Call const& call, std::tuple<Outputs...> const& outputs) {
    if constexpr (constexpr int parameter = requests_[Which].parameter; parameter < 0) {
      return std::get<Which>(outputs);
    } else if constexpr (requests_[Which].order.rank > 0) {
      return call.template argument<parameter>();
    } else {
      auto* const number = call.template argument<parameter>().number;
      return array_view<std::remove_pointer_t<decltype(number)>, 1>{number, {1}};
    }
  }

  template <int Which, int Input, class View>
  static void check_read(Call const& call, View const& view) {
    constexpr input in = graph_.inputs[Input];
    // Numbers are read before anything is written, and written when everything is read.
    if constexpr (in.rank > 0 && requests_[Which].order.rank > 0 && !is_trained(Input)) {
      auto const& other = call.template argument<Input>();
      if constexpr (in_place<Program>(Which, Input) &&
                    std::is_same_v<typename View::element,
                                   std::remove_const_t<typename std::remove_cvref_t<decltype(other)>::element>> &&
                    View::rank == in.rank)
        if (view.data == other.data && strides_of(view) == strides_of(other)) return;
      if (share_memory(footprint_of(view), footprint_of(other)))
        throw_aliasing(name<Which>(), "the input " + std::string(in.name));
    }
  }

  template <int Which, int Other, class View>
  static void check_both(Call const& call, std::tuple<Outputs...> const& outputs, View const& view) {
    if constexpr (has_place<Other>())
      if (share_memory(footprint_of(view), footprint_of(written<Other>(call, outputs))))
        throw_aliasing(name<Other>(), name<Which>());
  }

  static constexpr bool is_trained(int input) {
    for (int k = 0; k < graph_.output_count; ++k)
      if (requests_[k].parameter == input) return true;
    return false;
  }

  template <int Which>
  static std::string name() {
    if constexpr (constexpr int parameter = requests_[Which].parameter; parameter >= 0)
      return "the parameter " + std::string(graph_.inputs[parameter].name);
    else return "output " + std::to_string(Which + 1);
  }
};

}  // namespace DDX_ISA
}  // namespace ddx::detail

#pragma GCC diagnostic pop

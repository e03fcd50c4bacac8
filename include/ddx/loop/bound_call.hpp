// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The bindings of a call enter; what each input of a program is bound to leaves, and the extents that they agree on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "../bind/bind.hpp"
#include "../simd/instruction_set.hpp"
#include "arrange.hpp"
#include "indices.hpp"
#include "program.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::detail {

/// The type that a call computes in: the widest floating type among the elements of arrays, else among the numbers,
/// else double.
template <class... Values>
struct computing {
  template <bool Arrays, class Wanted>
  static constexpr bool any =
      ((std::is_same_v<std::remove_const_t<typename Values::element>, Wanted> && (Values::rank > 0) == Arrays) || ...);

  using type = std::conditional_t<
      any<true, double>, double,
      std::conditional_t<any<true, float>, float,
                         std::conditional_t<any<false, float> && !any<false, double>, float, double>>>;
};

template <class... Bindings>
using number_of = typename computing<typename binding_parts<Bindings>::value...>::type;

[[noreturn]] inline void throw_extent_error(std::string_view axis, std::string_view first, std::ptrdiff_t one,
                                            std::string_view second, std::ptrdiff_t other) {
  throw error("axis " + std::string(axis) + ": " + std::string(first) + " has " + std::to_string(one) + ", " +
              std::string(second) + " has " + std::to_string(other));
}

// What calls the loops is as much one an instruction set as they are: the linker would merge two calls of the same
// program.
inline namespace DDX_ISA {

/// The bindings of a call and the extents that they agree on.
template <class Program, class... Bindings>
class bound_call {
  static constexpr auto const& graph_ = program_graph<Program>;
  static constexpr auto const& requests_ = program_requests<Program>;

 public:
  static constexpr int inputs = graph_.input_count;
  using number = number_of<Bindings...>;

  /// `slots` are the values of the program's slots. Errors: `axis d: X has 4, w has 2`; `take: label[2] is 5, axis k
  /// has 3`.
  bound_call(double const* slots, Bindings const&... bindings) : arguments_(bindings...), slots_(slots) {
    for (int i = 0; i < graph_.axis_count; ++i) extents_[i] = -1;
    [&]<int... Is>(std::integer_sequence<int, Is...>) {
      (bind(std::integral_constant<int, Is>{}), ...);
      (check_index<Is>(), ...);
    }(std::make_integer_sequence<int, inputs>{});
  }

  std::ptrdiff_t extent(int axis) const { return extents_[axis]; }
  double slot(int i) const { return slots_[i]; }

  /// What input `Item` is bound to.
  template <int Item>
  auto const& argument() const {
    return arguments_.template get<frozen<prepared<Program>>, Item>();
  }
  template <int Item>
  using value_type = std::remove_cvref_t<
      decltype(std::declval<call_arguments<Bindings...> const&>().template get<frozen<prepared<Program>>, Item>())>;

  std::ptrdiff_t output_size(int k) const {
    std::ptrdiff_t size = 1;
    for (int i = 0; i < requests_[k].order.rank; ++i) size *= extents_[requests_[k].order.axes[i]];
    return size;
  }

 private:
  template <int Item>
  void bind(std::integral_constant<int, Item>) {
    constexpr input declared = graph_.inputs[Item];
    if constexpr (declared.rank > 0)
      for (int i = 0; i < declared.rank; ++i)
        set_extent(declared.axes[i], argument<Item>().extents[static_cast<std::size_t>(i)], Item);
  }

  void set_extent(int axis, std::ptrdiff_t extent, int input) {
    std::ptrdiff_t& known = extents_[axis];
    if (known < 0) known = extent;
    else if (known != extent)
      throw_extent_error(graph_.axes[axis], first_with(axis), known, graph_.inputs[input].name, extent);
  }

  template <int Item>
  void check_index() const {
    if constexpr (requests_.indexed[Item] != 0) {
      constexpr input declared = graph_.inputs[Item];
      auto const& bound = argument<Item>();
      using element = std::remove_const_t<typename value_type<Item>::element>;
      std::ptrdiff_t extents[max_rank]{}, strides[max_rank]{};
      element value{};
      element const* data = &value;
      if constexpr (declared.rank == 0) {
        value = bound.get();
      } else {
        data = bound.data;
        for (int i = 0; i < declared.rank; ++i) extents[i] = bound.extents[static_cast<std::size_t>(i)];
        copy_strides(bound, false, strides);
      }
      for (int axis = 0; axis < graph_.axis_count; ++axis) {
        if (!(requests_.indexed[Item] >> axis & 1u)) continue;
        check_countable<number>(extents_[axis], graph_.axes[axis]);
        check_places<element>({data, extents, strides, declared.rank}, extents_[axis], declared.name,
                              graph_.axes[axis]);
      }
    }
  }

  static std::string_view first_with(int axis) {
    for (int i = 0; i < inputs; ++i)
      for (int k = 0; k < graph_.inputs[i].rank; ++k)
        if (graph_.inputs[i].axes[k] == axis) return graph_.inputs[i].name;
    return {};
  }

  call_arguments<Bindings...> arguments_;
  double const* slots_;
  std::ptrdiff_t extents_[graph_.axis_count + 1];
};

}  // namespace DDX_ISA
}  // namespace ddx::detail

#pragma GCC diagnostic pop

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// One call of a program: a bound call and places for the outputs enter; the program is arranged for how they lie in
// memory, and run.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

#include "aliasing.hpp"
#include "arrange.hpp"
#include "bound_call.hpp"
#include "invocation.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::detail {

// What calls the loops is as much one an instruction set as they are: the linker would merge two calls of the same
// program.
inline namespace DDX_ISA {

/// Runs a program arranged for how its arguments lie in memory.
template <class Program, bool Adjacent, class Call, class Finish, class Threads, class... Outputs>
DDX_INLINE void run_here(Call const& call, std::tuple<Outputs...> const& outputs, Finish const& finish,
                         Threads threads) {
  [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
    using program = typename arrangement<Program, place_of_input<Call, Is, Adjacent, Program>()...,
                                         place_of_output<typename Call::number, Outputs, Adjacent>()...>::type;
    aliasing<program, Call, Outputs...>::check(call, outputs);
    invocation<program, Call, Outputs...> run(call, outputs);
    run.run(threads);
    finish(run);
  }(std::make_integer_sequence<int, Call::inputs>{});
}

/// The same; only what consists of loops that may be short is inlined.
template <class Program, bool Adjacent, class Call, class Finish, class Threads, class... Outputs>
void run_apart(Call const& call, std::tuple<Outputs...> const& outputs, Finish const& finish, Threads threads) {
  run_here<Program, Adjacent>(call, outputs, finish, threads);
}
template <class Program, bool Adjacent, class Call, class Finish, class Threads, class... Outputs>
DDX_INLINE void run_arranged(Call const& call, std::tuple<Outputs...> const& outputs, Finish const& finish,
                             Threads threads) {
  if constexpr (program_plan<Program>.only_loops()) run_here<Program, Adjacent>(call, outputs, finish, threads);
  else run_apart<Program, Adjacent>(call, outputs, finish, threads);
}

/// Runs a program on a call's arguments and hands the invocation to `finish`. Views whose strides the program learns
/// only now select between two instantiations: rows of adjacent elements, or elements apart.
template <class Program, class Call, class Finish, class Threads, class... Outputs>
DDX_INLINE void run_call(Call const& call, std::tuple<Outputs...> const& outputs, Finish const& finish,
                         Threads threads) {
  constexpr bool any = []<int... Is>(std::integer_sequence<int, Is...>) {
    return ((place_of_input<Call, Is, true, Program>() != place_of_input<Call, Is, false, Program>()) || ...) ||
           ((place_of_output<typename Call::number, Outputs, true>() !=
             place_of_output<typename Call::number, Outputs, false>()) ||
            ...);
  }(std::make_integer_sequence<int, Call::inputs>{});
  if constexpr (any) {
    bool adjacent = true;
    auto const look = [&]<class View>(View const& view) {
      if constexpr (is_view<View>)
        if constexpr (decided_at_call<View>) adjacent = adjacent && is_adjacent(view);
    };
    auto const look_at = [&]<int Item>(std::integral_constant<int, Item>) {
      if constexpr (program_graph<Program>.inputs[Item].rank > 0) look(call.template argument<Item>());
    };
    [&]<int... Is>(std::integer_sequence<int, Is...>) {
      (look_at(std::integral_constant<int, Is>{}), ...);
    }(std::make_integer_sequence<int, Call::inputs>{});
    std::apply([&](auto const&... views) { (look(views), ...); }, outputs);
    if (!adjacent) return run_arranged<Program, false>(call, outputs, finish, threads);
  }
  run_arranged<Program, true>(call, outputs, finish, threads);
}

}  // namespace DDX_ISA
}  // namespace ddx::detail

#pragma GCC diagnostic pop

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Functions: a generic lambda enters, is traced once inside the compiler, and leaves as a function that can be called,
// differentiated and printed.
#pragma once

#include <type_traits>
#include <utility>

#include "derivatives.hpp"
#include "print.hpp"

namespace ddx {

namespace detail {

template <class Lambda, class>
inline constexpr bool takes = false;
template <class Lambda, std::size_t... Is>
inline constexpr bool takes<Lambda, std::index_sequence<Is...>> =
    requires(Lambda f) { f((static_cast<void>(Is), traced())...); };

/// The function object of a lambda whose arguments are `Arguments`.
template <class Lambda, class Arguments>
constexpr auto make_function() {
  constexpr bool empty = std::is_empty_v<Lambda> && std::is_default_constructible_v<Lambda>;
  static_assert(
      empty, "ddx::fn(f): f must not capture, since it is traced inside the compiler; pass what it needs as arguments");
  static_assert(Arguments::distinct(), "ddx::fn: two arguments have the same name; give each a name of its own");
  if constexpr (empty) {
    using places = std::make_index_sequence<Arguments::count>;
    constexpr bool matches = takes<Lambda, places>;
    static_assert(matches,
                  "ddx::fn(f): f must take one argument for each name, and as auto: fn<\"x\", \"y\">([](auto x, auto "
                  "y) { ... })");
    if constexpr (matches) {
      using source = written<Lambda, Arguments>;
      static_assert(source::returns_values,
                    "ddx::fn(f): f must return a value or a std::array of values, not nothing, a pair or a tuple");
      if constexpr (source::returns_values) {
        constexpr auto found = source::check(places{});
        static_assert(!found.misplaced, "ddx: x[i + 1]: x lacks the axis of the index; check the spelling of the axis");
        static_assert(check_neighbour<found.distant>::passed);
        check_order<found.chained>();
        return function<source, source::single ? result_shape::scalar : result_shape::vector>{};
      }
    }
  }
}

}  // namespace detail

/// The generic lambda `f` of scalars called `Names` as a function: fn<"x", "y">([](auto x, auto y) { return x * y; }).
/// It returns a value or a std::array of values, and must not capture.
/// Cost at compile time, g++ 12 and clang 19: 800 operators take 3 s, with their gradient 5 s and 6 s. clang stops at a
/// million steps an evaluation, which about 1,100 operators, or 900 with their gradient, use up:
/// -fconstexpr-steps=10000000 goes on.
template <text... Names, class Lambda>
  requires(sizeof...(Names) > 0)
constexpr auto fn(Lambda) {
  return detail::make_function<Lambda, detail::argument_list<var<Names>...>>();
}

/// Declared variables and arrays as the arguments of a function.
template <Symbol... Arguments>
constexpr detail::argument_list<Arguments...> args(Arguments const&...) {
  return {};
}

/// The generic lambda `f` of declared variables and arrays as a function: fn(args(X, w), [](auto rows, auto weights) { … }). It
/// is what `compile` and `stepper` take where a formula would be long.
template <Symbol... Arguments, class Lambda>
constexpr auto fn(detail::argument_list<Arguments...>, Lambda) {
  return detail::make_function<Lambda, detail::argument_list<Arguments...>>();
}

}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A function enters, calls of it with 0, 1, … as constants leave.
#pragma once

#include <type_traits>
#include <utility>

#include "../graph/inline.hpp"

namespace ddx::loop::inline DDX_ISA {

/// How many terms a fold has: clang limits them.
inline constexpr int fold_limit = 128;

/// Calls a function with 0, 1, … as constants; by halves, since clang limits how many terms a fold has.
template <int Count, int First = 0, class Function>
DDX_INLINE void each(Function const& function) {
  if constexpr (Count > fold_limit) {
    each<Count / 2, First>(function);
    each<Count - Count / 2, First + Count / 2>(function);
  } else {
    [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
      (function(std::integral_constant<int, First + Is>{}), ...);
    }(std::make_integer_sequence<int, Count>{});
  }
}

}  // namespace ddx::loop::inline DDX_ISA

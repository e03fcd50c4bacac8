// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A tool for derivatives enters as `value_and_gradient(f, x, g)`; contenders in the races about the functions that it
// can compute leave.
#pragma once

#include <string>
#include <type_traits>

#include "contenders.hpp"

namespace bench {

template <class Function>
inline constexpr bool needs_erf =
    std::is_same_v<Function, black_scholes> || std::is_same_v<Function, black_scholes_batch>;

/// Tools without erf cannot price options.
template <bool have_erf, class Compute>
void enter_functions(race& r, std::string const& name, Compute compute, std::string const& note = "") {
  with_function(r, [&]<class Function>(Function const& f) {
    if constexpr (have_erf || !needs_erf<Function>)
      r.contenders.push_back(evaluating(
          name, f.at, f.at.size(), [&f, compute](double const* x, double* g) mutable { return compute(f, x, g); },
          note));
    else r.absent.push_back({name, "it has no erf"});
  });
}

}  // namespace bench

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A way to a value and a gradient enters; a contender that keeps point and results in memory leaves.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "../core/race.hpp"
#include "functions.hpp"

namespace bench {

struct evaluation {
  numbers at, results;  // results: the value, then the derivatives
};

/// `f(x, g)` returns the value at x and writes the derivatives to g. Both are memory that the compiler knows nothing
/// of.
template <class Function>
contender evaluating(std::string name, numbers at, std::size_t derivatives, Function f, std::string note = "") {
  auto const state = std::make_shared<evaluation>(evaluation{std::move(at), numbers(derivatives + 1)});
  benchmark::DoNotOptimize(state->at.data());
  benchmark::DoNotOptimize(state->results.data());
  return {std::move(name), nullptr,
          repeated([state, x = state->at.data(), g = state->results.data(), f = std::move(f)]() mutable {
            g[0] = f(static_cast<double const*>(x), g + 1);
          }),
          [state] { return state->results; }, std::move(note)};
}

}  // namespace bench

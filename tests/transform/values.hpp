// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Helpers for tests of passes: expressions of x, y and z enter, graphs leave; two graphs enter, their values are compared.
#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/print/print.hpp>
#include <random>
#include <string>
#include <vector>

#include "../graph/building.hpp"
#include "../graph/interpret.hpp"
#include "../graph/random_graph.hpp"

namespace passes {

using expression = ddx::traced (*)(ddx::traced x, ddx::traced y, ddx::traced z);

/// A graph of x, y and z, which are its inputs 0, 1 and 2, with an output for each expression.
inline ddx::graph graph_of(std::initializer_list<expression> expressions) {
  ddx::graph g;
  auto const x = building::scalar(g, "x"), y = building::scalar(g, "y"), z = building::scalar(g, "z");
  for (expression e : expressions) g.outputs.push_back(building::id(g, e(x, y, z)));
  return g;
}

inline ddx::graph graph_of(expression e) { return graph_of({e}); }

/// The outputs have the same values, and are finite at the same points.
inline void check_same_values(ddx::graph const& a, ddx::graph const& b, double low = -2.5, double high = 2.5) {
  std::mt19937 random(51);
  for (int point = 0; point < 12; ++point) {
    std::vector<double> at;
    for (int i = 0; i < 3; ++i)
      at.push_back(point == 0 && low <= 0 ? 0 : std::uniform_real_distribution(low, high)(random));
    auto const left = oracle::outputs(a.view(), at), right = oracle::outputs(b.view(), at);
    REQUIRE(left.size() == right.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
      CAPTURE(at[0], at[1], at[2], i);
      if (std::isfinite(left[i])) CHECK(right[i] == Approx(left[i]).epsilon(1e-9).margin(1e-9));
      else CHECK_FALSE(std::isfinite(right[i]));
    }
  }
}

/// The expression that a macro's argument writes.
#define DDX_EXPRESSION(...)                                        \
  [](ddx::traced x, ddx::traced y, ddx::traced z) -> ddx::traced { \
    (void)x, (void)y, (void)z;                                     \
    return __VA_ARGS__;                                            \
  }

}  // namespace passes

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Thousands of random graphs enter; that their printed text, read with the usual precedences, has their value is checked.
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/print/print.hpp>
#include <string>

#include "../graph/building.hpp"
#include "../graph/random_graph.hpp"
#include "parse.hpp"

namespace {

TEST_CASE("the reader of texts knows the usual precedences") {
  auto const value = [](char const* text) { return oracle::text_value(text, {{"x", 3.0}, {"y", 5.0}}).run(); };
  CHECK(value("x - y - 1") == -3);
  CHECK(value("x - (y - 1)") == -1);
  CHECK(value("-x^2") == -9);
  CHECK(value("(-x)^2") == 9);
  CHECK(value("2^x^2") == 512);
  CHECK(value("x/y/2") == 0.3);
  CHECK(value("x/(y/2)") == 1.2);
  CHECK(value("-x*y + 1") == -14);
  CHECK(value("max(x, y) + 1e-3") == 5.001);
  CHECK(value("where(x < y and not(x > 2), 1, 2)") == 2);
  CHECK(value("where(x < y or x > 2 and y < 0, 1, 2)") == 1);
  CHECK_THROWS(value("x y"));
  CHECK_THROWS(value("x*-y"));
  CHECK_THROWS(value("x - -y"));
}

TEST_CASE("the text of a random graph has the value of the graph") {
  std::mt19937 random(41);
  int compared = 0, infinite = 0;
  for (int trial = 0; trial < 6000; ++trial) {
    auto const chosen = trial % 2 ? random_graph::kinds::all : random_graph::kinds::rational;
    ddx::graph const g = random_graph::make(random, 5 + static_cast<int>(random() % 15), chosen);
    std::string const text = ddx::print(g.view());
    ddx::graph const canonical = ddx::simplify(g.view(), ddx::sharing::expand);
    for (int point = 0; point < 3; ++point) {
      std::vector<double> at;
      for (int i = 0; i < random_graph::inputs; ++i) at.push_back(std::uniform_real_distribution(-3.0, 3.0)(random));
      double const value = oracle::text_value(text, {{"x", at[0]}, {"y", at[1]}, {"z", at[2]}}).run();
      // The text is that of the canonical form: the same operations in the same order, up to the grouping of products.
      auto const expected = random_graph::estimated(canonical.view(), at, random);
      if (!expected) continue;
      INFO(text << " at " << at[0] << ", " << at[1] << ", " << at[2]);
      if (std::isfinite(expected->value)) {
        ++compared;
        REQUIRE(std::abs(value - expected->value) <= expected->error);
      } else {
        ++infinite;
        REQUIRE_FALSE(std::isfinite(value));
      }
    }
  }
  CHECK(compared > 5000);
  CHECK(infinite > 200);
}

TEST_CASE("the text of a random graph's derivative has the value of the derivative") {
  std::mt19937 random(42);
  int compared = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    ddx::graph g = random_graph::make(random, 5 + static_cast<int>(random() % 8), random_graph::kinds::all);
    g.outputs[0] = building::derivative(g, g.outputs[0], 0);
    std::string const text = ddx::print(g.view());
    std::vector<double> at;
    for (int i = 0; i < random_graph::inputs; ++i) at.push_back(std::uniform_real_distribution(-2.0, 2.0)(random));
    auto const expected = random_graph::estimated(g.view(), at, random);
    if (!expected || !std::isfinite(expected->value)) continue;
    ++compared;
    INFO(text << " at " << at[0] << ", " << at[1] << ", " << at[2]);
    REQUIRE(std::abs(oracle::text_value(text, {{"x", at[0]}, {"y", at[1]}, {"z", at[2]}}).run() - expected->value) <=
            expected->error);
  }
  CHECK(compared > 800);
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Sums enter; that their common factors are taken out as expected, with the same values and no more operations, is checked.
#include <ddx/transform/expand.hpp>
#include <ddx/transform/factor_out.hpp>

#include "values.hpp"

namespace {

void check(char const* text, passes::expression e) {
  ddx::graph const g = passes::graph_of(e), factored = ddx::factor_out(g.view());
  CHECK(ddx::print(factored.view()) == text);
  passes::check_same_values(g, factored);
  CHECK(building::operations(factored.view()) <= building::operations(g.view()));
}

TEST_CASE("common factors of sums are taken out") {
  check("x*(y + z)", DDX_EXPRESSION(x * y + x * z));
  check("x*(y - z)", DDX_EXPRESSION(x * y - x * z));
  check("y^2*(x + y)", DDX_EXPRESSION(x * y * y + y * y * y));
  check("x*(y + 1)", DDX_EXPRESSION(x * y + x));
  check("2*(x - y)", DDX_EXPRESSION(2 * x - 2 * y));
  check("2*x*(y + z)", DDX_EXPRESSION(2 * x * y + 2 * x * z));
  check("x*(2*y + 3*z)", DDX_EXPRESSION(2 * x * y + 3 * x * z));
  check("exp(x)*(sin(x) + cos(x))", DDX_EXPRESSION(exp(x) * sin(x) + cos(x) * exp(x)));
  check("x*(y + z) + 1", DDX_EXPRESSION(x * y + x * z + 1));
  check("x*(y + z) + 3*y", DDX_EXPRESSION(x * y + 3 * y + x * z));
  check("1 + x + x^2", DDX_EXPRESSION(1 + x + x * x));
  check("sin(x*(y + z))", DDX_EXPRESSION(sin(x * y + x * z)));
  check("(y + z)/x + 1", DDX_EXPRESSION(y / x + z / x + 1));
  check("(x + y)*(z + sin(z))", DDX_EXPRESSION((x + y) * z + (x + y) * sin(z)));
}

TEST_CASE("what was taken out expands to what it was") {
  std::mt19937 random(53);
  for (int trial = 0; trial < 500; ++trial) {
    ddx::graph g = passes::graph_of({});
    ddx::traced const inputs[]{{g, 0}, {g, 1}, {g, 2}, ddx::traced(2)};
    ddx::traced sum = inputs[random() % 3];
    for (int i = 0; i < 6; ++i) sum = sum + inputs[random() % 4] * inputs[random() % 3] * inputs[random() % 3];
    g.outputs.push_back(building::id(g, sum));
    ddx::graph const factored = ddx::factor_out(g.view());
    passes::check_same_values(g, factored);
    ddx::graph const back = ddx::expand(factored.view());
    passes::check_same_values(g, back);
    CHECK(building::operations(factored.view()) <= building::operations(g.view()));
  }
}

TEST_CASE("factors are taken out of random graphs without changing their values") {
  std::mt19937 random(54);
  int compared = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    ddx::graph const g = random_graph::make(random, 6 + static_cast<int>(random() % 14),
                                            trial % 2 ? random_graph::kinds::all : random_graph::kinds::rational);
    ddx::graph const factored = ddx::factor_out(g.view());
    for (int point = 0; point < 3; ++point) {
      std::vector<double> at;
      for (int i = 0; i < random_graph::inputs; ++i) at.push_back(std::uniform_real_distribution(-2.0, 2.0)(random));
      auto const expected = random_graph::estimated(g.view(), at, random);
      auto const got = random_graph::estimated(factored.view(), at, random);
      if (!expected || !got) continue;
      REQUIRE(std::isfinite(got->value) == std::isfinite(expected->value));
      if (!std::isfinite(expected->value)) continue;
      ++compared;
      REQUIRE(std::abs(got->value - expected->value) <= expected->error + got->error);
    }
  }
  CHECK(compared > 2000);
}

}  // namespace

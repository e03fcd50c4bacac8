// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Expressions enter; that products of sums are written out and collected as expected, with the same values, is checked.
#include <ddx/transform/collect.hpp>
#include <ddx/transform/expand.hpp>

#include "values.hpp"

namespace {

using passes::expression;

void check(char const* text, expression e) {
  ddx::graph const g = passes::graph_of(e), expanded = ddx::expand(g.view());
  CHECK(ddx::print(expanded.view()) == text);
  passes::check_same_values(g, expanded);
}

TEST_CASE("products of sums and whole powers are written out, like terms meet with exact coefficients") {
  check("x^2 - y^2", DDX_EXPRESSION((x + y) * (x - y)));
  check("x^2 + 2*x*y + y^2", DDX_EXPRESSION(pow(x + y, 2)));
  check("x^3 + 3*x^2 + 3*x + 1", DDX_EXPRESSION(pow(x + 1, 3)));
  check("x^3 - 3*x^2*y + 3*x*y^2 - y^3", DDX_EXPRESSION(pow(x - y, 3)));
  check("x*y + x*z", DDX_EXPRESSION(x * (y + z)));
  check("x - y - z", DDX_EXPRESSION(x - (y + z)));
  check("x^2/9 + 2*x/3 + 1", DDX_EXPRESSION(pow(x / 3 + 1, 2)));
  check("5*x/6", DDX_EXPRESSION(x / 2 + x / 3));
  check("0", DDX_EXPRESSION(x * y - y * x));
  check("2*x", DDX_EXPRESSION((x + 1) * (x + 1) - x * x - 1));
  check("4*x*y", DDX_EXPRESSION(pow(x + y, 2) - pow(x - y, 2)));
  check("x^100", DDX_EXPRESSION(pow(pow(x, 10), 10)));
}

TEST_CASE("what is no polynomial is a factor whose operands are written out") {
  check("x*sin(x^2 + x) + sin(x^2 + x)", DDX_EXPRESSION(sin(x * (x + 1)) * (x + 1)));
  check("x^2 + 2*x*tan(x) + tan(x)^2", DDX_EXPRESSION(pow(x + tan(x), 2)));
  check("x*exp(y) + exp(y)^2", DDX_EXPRESSION(exp(y) * (x + exp(y))));
  check("y*x^0.5 + x^0.5", DDX_EXPRESSION(pow(x, 0.5) * (y + 1)));
  check("where(x > 0, x*y + x, z)", DDX_EXPRESSION(where(x > 0, x * (y + 1), z)));
}

TEST_CASE("quotients are divided term by term and never cancelled") {
  check("(x^2 + x)/x", DDX_EXPRESSION(x * (x + 1) / x));
  check("x/y + z", DDX_EXPRESSION((x / y + z)));
  check("x/(x*(y + 1))", DDX_EXPRESSION(x / (x * (y + 1))));
  check("(x + y)/(y*(x + 1)^2)", DDX_EXPRESSION((x + y) / (pow(x + 1, 2) * y)));
  check("0/x", DDX_EXPRESSION(0 / x));
  check("0*x", DDX_EXPRESSION(0 * x));
  check("1/x^2 + 2/x + 1", DDX_EXPRESSION(pow(1 / x + 1, 2)));
}

TEST_CASE("terms that cancel stay where they are not defined everywhere") {
  check("0*log(x)", DDX_EXPRESSION((log(x) + 1) * 2 - 2 * log(x) - 2));
  check("x + 0/y", DDX_EXPRESSION(x + 1 / y - 1 / y));
  check("0", DDX_EXPRESSION((exp(x) + 1) * 2 - 2 * exp(x) - 2));
}

TEST_CASE("constants that are not exact stay apart") {
  check("0.1*3*x + 0.1*3*y", DDX_EXPRESSION(3 * (0.1 * (x + y))));
  check("0.5*x + 0.25", DDX_EXPRESSION(0.5 * (x + 0.5)));
}

TEST_CASE("several outputs share what they have in common") {
  ddx::graph const g = passes::graph_of({DDX_EXPRESSION((x + y) * z), DDX_EXPRESSION(z * x), DDX_EXPRESSION(7)});
  ddx::graph const expanded = ddx::expand(g.view());
  CHECK(ddx::print(expanded.view(), 0) == "x*z + y*z");
  CHECK(ddx::print(expanded.view(), 1) == "x*z");
  CHECK(ddx::print(expanded.view(), 2) == "7");
  CHECK(building::operations(expanded.view()) == 3);
}

TEST_CASE("a polynomial above the bound is refused with its size, and one below is not") {
  ddx::graph g = passes::graph_of(DDX_EXPRESSION(pow(1 + x + y + z, 60)));
  CHECK_THROWS_WITH(ddx::expand(g.view()), Catch::StartsWith("ddx::expand: the product of a sum of ") &&
                                               Catch::EndsWith(" is too large to be written out, the bound is 10000 "
                                                               "terms"));
  g = passes::graph_of(DDX_EXPRESSION(pow(1 + x + y, 30)));
  CHECK(building::operations(ddx::expand(g.view()).view()) > 1000);
  g = passes::graph_of(DDX_EXPRESSION(pow(pow(1 + x, 1000000), 1000000)));
  CHECK_THROWS_WITH(ddx::expand(g.view()), Catch::Contains("the bound is 10000 terms"));
}

TEST_CASE("a sum of ten thousand terms expands") {
  ddx::graph g;
  ddx::traced sum = 0;
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back("x" + std::to_string(i));
  for (int i = 0; i < 10000; ++i)
    sum = sum + building::scalar(g, names[static_cast<std::size_t>(i % 100)]) * (i / 100 + 1);
  g.outputs.push_back(building::id(g, sum));
  CHECK(building::operations(ddx::expand(g.view()).view()) == 199);
}

TEST_CASE("expanded random graphs have the same values") {
  std::mt19937 random(52);
  int compared = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    ddx::graph const g = random_graph::make(random, 6 + static_cast<int>(random() % 8),
                                            trial % 2 ? random_graph::kinds::all : random_graph::kinds::rational);
    ddx::graph expanded;
    try {
      expanded = ddx::expand(g.view());
    } catch (ddx::error const&) { continue; }
    for (int point = 0; point < 3; ++point) {
      std::vector<double> at;
      for (int i = 0; i < random_graph::inputs; ++i) at.push_back(std::uniform_real_distribution(-2.0, 2.0)(random));
      auto const expected = random_graph::estimated(g.view(), at, random);
      auto const got = random_graph::estimated(expanded.view(), at, random);
      if (!expected || !got) continue;
      INFO(random_graph::describe(g.view(), g.outputs[0])
           << " became " << random_graph::describe(expanded.view(), expanded.outputs[0]));
      REQUIRE(std::isfinite(got->value) == std::isfinite(expected->value));
      if (!std::isfinite(expected->value)) continue;
      ++compared;
      REQUIRE(std::abs(got->value - expected->value) <= expected->error + got->error);
    }
  }
  CHECK(compared > 2000);
}

TEST_CASE("expanding runs inside the compiler") {
  constexpr int nodes = [] {
    ddx::graph g;
    g.inputs.push_back({.name = "x"});
    ddx::traced const x(g, ddx::detail::input_node(g, 0));
    g.outputs.push_back((pow(x + 1, 3) - x * (x * x + 3 * x + 3)).node_in(g));
    return ddx::expand(g.view()).nodes.size();
  }();
  static_assert(nodes == 1);
}

void check_collected(char const* text, expression e) {
  ddx::graph const g = passes::graph_of(e), collected = ddx::collect(g.view(), 0);
  CHECK(ddx::print(collected.view()) == text);
  passes::check_same_values(g, collected);
}

TEST_CASE("a polynomial in one variable is collected by powers, the highest first") {
  check_collected("2*x^2 + x*(y + 1)", DDX_EXPRESSION(y * x + x + 2 * x * x));
  check_collected("x^2 + x*(y + z) + y*z", DDX_EXPRESSION(x * x + x * y + x * z + y * z));
  check_collected("x^3 + 3*x^2*y + 3*x*y^2 + y^3", DDX_EXPRESSION(pow(x + y, 3)));
  check_collected("y + z", DDX_EXPRESSION(y + z));
  check_collected("0", DDX_EXPRESSION(x - x));
  check_collected("x*sin(x) + y*sin(x)", DDX_EXPRESSION((x + y) * sin(x)));
  check_collected("x^2*(exp(y) + 1) + y", DDX_EXPRESSION(x * x * exp(y) + y + x * x));
}

}  // namespace

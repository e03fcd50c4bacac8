// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Graphs enter; that one takes the place of an input of another, by names, is checked.
#include <ddx/transform/substitute.hpp>

#include "values.hpp"

namespace {

TEST_CASE("an expression takes the place of a variable wherever it occurs") {
  ddx::graph const g = passes::graph_of({DDX_EXPRESSION(x * x + y), DDX_EXPRESSION(sin(x)), DDX_EXPRESSION(z)});
  ddx::graph const by = passes::graph_of({DDX_EXPRESSION(y), DDX_EXPRESSION(y + 1)});
  ddx::graph const got = ddx::substitute(g.view(), 0, by.view(), 1);
  CHECK(ddx::print(got.view(), 0) == "(y + 1)^2 + y");
  CHECK(ddx::print(got.view(), 1) == "sin(y + 1)");
  CHECK(ddx::print(got.view(), 2) == "z");
}

TEST_CASE("the replacement may contain the variable that it replaces") {
  ddx::graph const g = passes::graph_of(DDX_EXPRESSION(x * x));
  ddx::graph const by = passes::graph_of(DDX_EXPRESSION(x + z));
  CHECK(ddx::print(ddx::substitute(g.view(), 0, by.view()).view()) == "(x + z)^2");
}

TEST_CASE("a replaced variable is gone, new ones are added") {
  ddx::graph g;
  g.outputs.push_back(building::id(g, exp(building::scalar(g, "a"))));
  ddx::graph by;
  by.outputs.push_back(building::id(by, building::scalar(by, "b") * 2));
  ddx::graph const got = ddx::substitute(g.view(), 0, by.view());
  REQUIRE(got.inputs.size() == 1);
  CHECK(got.inputs[0].name == "b");
  CHECK(ddx::print(got.view()) == "exp(2*b)");
}

TEST_CASE("axes go by name, and what depends on an array has its axes") {
  using algebra = ddx::algebra<ddx::traced>;
  ddx::graph g;
  auto const v = building::array(g, "v", {"n"});
  auto const x = building::scalar(g, "x");
  g.outputs.push_back(building::id(g, algebra::reduce<ddx::sum_, "n">(v * x)));
  g.outputs.push_back(building::id(g, v * x));
  ddx::graph by;
  by.outputs.push_back(
      building::id(by, building::array(by, "w", {"d", "n"}) * ddx::traced(by, ddx::detail::extent_node(by, 0))));
  ddx::graph const got = ddx::substitute(g.view(), 1, by.view());
  CHECK(ddx::print(got.view(), 0) == "sum[n](v*w*size[d])");
  CHECK(got.nodes[got.outputs[0]].axes == 0b10);  // d, the second axis after n
  CHECK(got.nodes[got.outputs[1]].axes == 0b11);
}

TEST_CASE("substituting runs inside the compiler") {
  constexpr bool same = [] {
    ddx::graph g;
    g.inputs.push_back({.name = "x"});
    ddx::traced const x(g, ddx::detail::input_node(g, 0));
    g.outputs.push_back((x * x).node_in(g));
    ddx::graph const square = ddx::substitute(g.view(), 0, g.view());
    return square.nodes.size() == 3;
  }();
  static_assert(same);
}

}  // namespace

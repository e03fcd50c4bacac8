// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Graphs under construction enter; that equal operations become one node, in the compiler and at run time alike, is checked.
#include <catch2/catch.hpp>
#include <ddx/graph/frozen.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "building.hpp"
#include "interpret.hpp"

namespace {

using building::scalar;

struct cube {
  static constexpr ddx::graph build() {
    ddx::graph g;
    g.inputs.push_back({.name = "x"});
    ddx::traced const x(g, ddx::detail::input_node(g, 0));
    ddx::traced const squared =
        x * x;  // a statement each: the order in which operands are traced is the compiler's choice
    ddx::traced const cubed = squared * x;
    g.outputs.push_back((cubed + 3 * squared).node_in(g));
    return g;
  }
};

TEST_CASE("the same operation on the same operands is one node") {
  ddx::graph g;
  auto const x = scalar(g, "x"), y = scalar(g, "y");
  int const product = (x * y).node_in(g);
  int const count = g.nodes.size();
  CHECK((x * y).node_in(g) == product);
  CHECK((y * x).node_in(g) != product);
  CHECK((x + y).node_in(g) != product);
  CHECK(g.nodes.size() == count + 2);
}

TEST_CASE("constants are told apart by their bits: 0 and -0 differ, a NaN equals itself") {
  ddx::graph g;
  auto const constant = [&](double number) { return ddx::detail::constant_node(g, {number, 1}); };
  CHECK(constant(0.0) != constant(-0.0));
  CHECK(constant(std::nan("")) == constant(std::nan("")));
  CHECK(constant(1) != ddx::detail::constant_node(g, {1, 3}));
}

TEST_CASE("consing finds every node of a graph that outgrew its table many times") {
  ddx::graph g;
  std::vector<int> ids;
  for (int i = 0; i < 5000; ++i) ids.push_back(ddx::detail::constant_node(g, {i * 0.5, 1}));
  CHECK(g.nodes.size() == 5000);
  for (int i = 0; i < 5000; ++i)
    REQUIRE(ddx::detail::constant_node(g, {i * 0.5, 1}) == ids[static_cast<std::size_t>(i)]);
}

TEST_CASE("operands stand before the nodes that use them") {
  ddx::graph const g = cube::build();
  for (int i = 0; i < g.nodes.size(); ++i)
    for (int k = 0; k < g.nodes[i].op->arity; ++k) CHECK(g.nodes[i].operands[k] < i);
}

TEST_CASE("a graph built by the compiler is the graph built at run time") {
  static constexpr auto const& frozen = ddx::frozen<cube>;
  ddx::graph const built = cube::build();
  REQUIRE(frozen.node_count == built.nodes.size());
  for (int i = 0; i < built.nodes.size(); ++i) CHECK(frozen.nodes[i] == built.nodes[i]);
  CHECK(frozen.outputs[0] == built.outputs[0]);
  CHECK(oracle::outputs(frozen.view(), {2.0})[0] == 20.0);
}

TEST_CASE("axes of an elementwise node are the union of its operands' axes, a reduction takes its own away") {
  ddx::graph g;
  auto const X = building::array(g, "X", {"n", "d"}), w = building::array(g, "w", {"d"}), b = scalar(g, "b");
  auto const axes = [&](ddx::traced const& t) { return g.nodes[t.node_in(g)].axes; };
  CHECK(axes(X) == 0b11);
  CHECK(axes(w) == 0b10);
  CHECK(axes(b) == 0);
  CHECK(axes(w + b) == 0b10);
  CHECK(axes(X * w) == 0b11);
  CHECK(axes(ddx::algebra<ddx::traced>::reduce<ddx::sum_, "d">(X * w)) == 0b01);
}

TEST_CASE("a truth value becomes a number where a number is wanted, and a number a truth value") {
  ddx::graph g;
  auto const x = scalar(g, "x");
  CHECK(oracle::value(g, ((x > 1) + 2).node_in(g), {3.0}) == 3.0);
  CHECK(oracle::value(g, ((x > 1) + 2).node_in(g), {0.0}) == 2.0);
  CHECK(oracle::value(g, where(x, 5, 7).node_in(g), {-0.5}) == 5.0);
  CHECK(oracle::value(g, where(x, 5, 7).node_in(g), {0.0}) == 7.0);
  CHECK(oracle::value(g, where(x > 0 && x < 2, 5, 7).node_in(g), {1.0}) == 5.0);
  CHECK(oracle::value(g, where(x < 0 || !(x < 2), 5, 7).node_in(g), {1.0}) == 7.0);
}

TEST_CASE("a traced value takes compound assignments, and numbers fold among themselves") {
  ddx::graph g;
  ddx::traced t = 2;
  t *= 3;
  t += 1;
  CHECK(t.owner() == nullptr);
  CHECK(t.number() == 7.0);
  auto const x = scalar(g, "x");
  t -= x;
  t /= 2;
  CHECK(oracle::value(g, t.node_in(g), {1.0}) == 3.0);
}

TEST_CASE("a graph has at most 32 axes and says so") {
  ddx::graph g;
  static std::vector<std::string> names;
  for (int i = 0; i < 33; ++i) names.push_back("axis" + std::to_string(i));
  for (int i = 0; i < 32; ++i) CHECK(g.axis(names[static_cast<std::size_t>(i)]) == i);
  CHECK(g.axis("axis7") == 7);
  CHECK_THROWS_WITH(g.axis(names[32]), "ddx::graph: a graph has at most 32 axes");
}

}  // namespace

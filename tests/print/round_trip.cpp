// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Thousands of random graphs and their derivatives enter; that their printed text is read back as the same graph is checked.
#include <catch2/catch.hpp>
#include <ddx/symbolic/symbolic.hpp>
#include <limits>
#include <string>

#include "../graph/building.hpp"
#include "../graph/random_graph.hpp"

namespace {

/// Whether the text of a graph leads back to its canonical form, of which it is the text.
void check(ddx::graph const& g, std::span<ddx::declaration const> declared = {}) {
  std::string const text = ddx::print(g.view());
  INFO(text);
  ddx::symbolic const read = ddx::parse(text, declared);
  INFO(ddx::to_string(read));
  REQUIRE(ddx::same(read, ddx::symbolic::from(ddx::simplify(g.view(), ddx::sharing::expand).view())));
}

TEST_CASE("the text of a random graph is read back as the graph") {
  std::mt19937 random(91);
  for (int trial = 0; trial < 6000; ++trial)
    check(random_graph::make(random, 4 + static_cast<int>(random() % 16),
                             trial % 3 ? random_graph::kinds::all : random_graph::kinds::rational));
}

TEST_CASE("the text of a random graph's derivative is read back as the derivative") {
  std::mt19937 random(92);
  for (int trial = 0; trial < 2000; ++trial) {
    ddx::graph g = random_graph::make(random, 5 + static_cast<int>(random() % 8), random_graph::kinds::all);
    g.outputs[0] = building::derivative(g, g.outputs[0], 0);
    check(g);
  }
}

TEST_CASE("every record on variables, on constants and inside of every operator is read back") {
  for (ddx::primitive const* op : ddx::all_primitives) {
    if (op->kind != ddx::role::elementwise) continue;
    for (int constants = 0; constants < 1 << op->arity; ++constants)
      for (int around = 0; around < 8; ++around) {
        ddx::graph g;
        ddx::traced const names[]{building::scalar(g, "x"), building::scalar(g, "y"), building::scalar(g, "z")};
        int operands[ddx::max_arity]{};
        for (int k = 0; k < op->arity; ++k)
          operands[k] = constants >> k & 1 ? ddx::detail::constant_node(g, {k - 1.5, 1}) : building::id(g, names[k]);
        ddx::traced const f(g, op->arity > 0 ? ddx::detail::apply_node(g, *op, operands) : g.intern({.op = op}));
        ddx::traced const x = names[0];
        ddx::traced const whole[]{f, -f, x - f, 2 * f, x / f, pow(f, 2), pow(2, f), where(f < x, f, x)};
        g.outputs.push_back(building::id(g, whole[around]));
        check(g);
      }
  }
}

TEST_CASE("numbers of every size are read back") {
  std::mt19937_64 random(93);
  double const inf = std::numeric_limits<double>::infinity();
  for (int trial = 0; trial < 3000; ++trial) {
    double number = std::bit_cast<double>(random());
    if (trial == 0) number = inf;
    if (trial == 1) number = -inf;
    if (trial == 2) number = std::numeric_limits<double>::quiet_NaN();
    if (trial == 3) number = 5e-324;
    if (trial == 4) number = std::numeric_limits<double>::max();
    if (trial > 4 && number - number != 0) continue;
    ddx::graph g;
    ddx::traced const x = building::scalar(g, "x");
    ddx::traced const c(g, ddx::detail::constant_node(g, {number, 1}));
    g.outputs.push_back(building::id(g, trial % 3 == 0 ? c * x : trial % 3 == 1 ? x - c : pow(c, x)));
    check(g);
  }
}

TEST_CASE("fractions are read back exactly") {
  for (double above : {1.0, -2.0, 7.0})
    for (double below : {3.0, 7e15})
      for (int around = 0; around < 5; ++around) {
        ddx::graph g;
        ddx::traced const x = building::scalar(g, "x");
        ddx::traced const c(g, ddx::detail::constant_node(g, ddx::exact::reduce({above, below})));
        ddx::traced const whole[]{c * x, x + c, pow(x, c), pow(c, x), sin(c) / x};
        g.outputs.push_back(building::id(g, whole[around]));
        check(g);
      }
}

TEST_CASE("reductions and extents are read back") {
  ddx::declaration const declared[]{{"X", 2, {"n", "d"}}, {"w", 1, {"d"}}, {"i", 1, {"n"}}};
  for (int around = 0; around < 7; ++around) {
    ddx::graph g;
    ddx::traced const big = building::array(g, "X", {"n", "d"}), w = building::array(g, "w", {"d"}),
                      b = building::scalar(g, "b"), i = building::array(g, "i", {"n"});
    auto const reduce = [&](ddx::primitive const& op, ddx::traced const& t, int axis) {
      return ddx::traced(g, ddx::algebra<ddx::traced>::reduce_node(g, op, building::id(g, t), axis));
    };
    int const n = g.axis("n"), d = g.axis("d");
    ddx::traced const linear = reduce(ddx::info<ddx::sum_>, big * w, d);
    ddx::traced const whole[]{
        linear + b,
        reduce(ddx::info<ddx::mean_>, pow(linear - b, 2), n),
        reduce(ddx::info<ddx::max_over_>, linear * b, n) * linear,
        ddx::traced(g, ddx::detail::extent_node(g, n)) * linear,
        2 * reduce(ddx::info<ddx::sum_>, sigmoid(-w), d) * reduce(ddx::info<ddx::sum_>, linear, n),
        ddx::take<"d">(big * w, i) - 2 * b,
        reduce(ddx::info<ddx::sum_>, where(ddx::traced(g, ddx::detail::position_node(g, d)) == i, w, 0), d)};
    g.outputs.push_back(building::id(g, whole[around]));
    check(g, declared);
  }
}

}  // namespace

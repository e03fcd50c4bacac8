// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Graphs enter; cost and structure of their derivatives, and that no NaN leaks from a branch not taken, are checked.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "../graph/building.hpp"
#include "../graph/interpret.hpp"

namespace {

using building::id;
using building::operations;
using building::scalar;

std::vector<std::string> numbered(char const* stem, int count) {
  std::vector<std::string> result;
  for (int i = 0; i < count; ++i) result.push_back(stem + std::to_string(i));
  return result;
}

TEST_CASE("value and gradient of Speelpenning's product of 100 factors cost less than 5 times the value") {
  static auto const names = numbered("x", 100);
  ddx::graph g;
  ddx::sequence<int> inputs;
  ddx::traced product = scalar(g, names[0]);
  inputs.push_back(id(g, product));
  for (std::size_t i = 1; i < names.size(); ++i) {
    auto const x = scalar(g, names[i]);
    inputs.push_back(id(g, x));
    product = product * x;
  }
  g.outputs.push_back(id(g, product));
  int const value = operations(g.view());
  CHECK(value == 99);
  for (int partial : ddx::differentiator(g).gradient(id(g, product), inputs)) g.outputs.push_back(partial);
  CHECK(operations(g.view()) < 5 * value);
  ddx::graph const simple = ddx::simplify(g.view(), ddx::sharing::keep);
  CHECK(operations(simple.view()) < 5 * value);

  std::vector<double> at;
  double expected = 1;
  for (int i = 0; i < 100; ++i) {
    at.push_back(1 + 0.01 * (i % 7 - 3));
    expected *= at.back();
  }
  auto const results = oracle::outputs(simple.view(), at);
  CHECK(results[0] == Approx(expected));
  for (std::size_t i = 0; i < 100; ++i) CHECK(results[i + 1] == Approx(expected / at[i]));
}

TEST_CASE("the gradient of a long chain of functions costs a small multiple of the value") {
  ddx::graph g;
  auto const x = scalar(g, "x");
  ddx::traced t = x;
  for (int i = 0; i < 50; ++i) t = sin(t) * exp(-t * t) + t / 3;
  g.outputs.push_back(id(g, t));
  int const value = operations(g.view());
  g.outputs.push_back(building::derivative(g, id(g, t), id(g, x)));
  CHECK(operations(ddx::simplify(g.view(), ddx::sharing::keep).view()) < 5 * value);
}

TEST_CASE("a subexpression used twice contributes twice, a constant not at all") {
  ddx::graph g;
  auto const x = scalar(g, "x"), y = scalar(g, "y");
  auto const u = sin(3 * x);
  int const f = id(g, u * u + u * y + 7);
  CHECK(oracle::value(g, building::derivative(g, f, id(g, x)), {0.4, 2}) ==
        Approx(3 * std::cos(1.2) * (2 * std::sin(1.2) + 2)));
  int const none = building::derivative(g, id(g, ddx::traced(5)), id(g, x));
  CHECK(g.nodes[none].constant.is(0));
}

TEST_CASE("the derivative by an inner node is the derivative by what it stands for") {
  ddx::graph g;
  auto const x = scalar(g, "x");
  auto const u = x * x;
  CHECK(oracle::value(g, building::derivative(g, id(g, u * u * u), id(g, u)), {2.0}) == 48.0);
  CHECK(g.nodes[building::derivative(g, id(g, x), id(g, x))].constant.is(1));
}

TEST_CASE("several inputs, some of which the output lacks, get their derivatives in order") {
  ddx::graph g;
  auto const x = scalar(g, "x"), y = scalar(g, "y"), z = scalar(g, "z");
  auto const gradient = ddx::differentiator(g).gradient(id(g, x * z), building::ids(g, {z, y, x}));
  CHECK(oracle::value(g, gradient[0], {2, 3, 5}) == 2);
  CHECK(oracle::value(g, gradient[1], {2, 3, 5}) == 0);
  CHECK(oracle::value(g, gradient[2], {2, 3, 5}) == 5);
}

/// A function of x that is finite at `at`, although a branch not taken is not; with its first and second derivative there.
struct guarded {
  char const* text;
  ddx::traced (*function)(ddx::traced);
  double at, value, first, second;
};

TEST_CASE("the branch not taken leaks no NaN into the first and second derivative, whatever it is") {
  guarded const cases[]{
      {"sqrt", [](ddx::traced x) { return where(x > 0, sqrt(x), 0); }, 0, 0, 0, 0},
      {"sqrt below", [](ddx::traced x) { return where(x > 0, sqrt(x), x); }, -1, -1, 1, 0},
      {"log", [](ddx::traced x) { return where(x > 0, log(x), x); }, 0, 0, 1, 0},
      {"log below", [](ddx::traced x) { return where(x > 0, log(x), 2 * x); }, -1, -2, 2, 0},
      {"1/x", [](ddx::traced x) { return where(x == 0, 1, 1 / x); }, 0, 1, 0, 0},
      {"sinc", [](ddx::traced x) { return where(x == 0, 1, sin(x) / x); }, 0, 1, 0, 0},
      {"pow", [](ddx::traced x) { return where(x > 0, pow(x, 0.5), 0); }, -1, 0, 0, 0},
      {"pow of x", [](ddx::traced x) { return where(x > 0, pow(x, x), x); }, -0.5, -0.5, 1, 0},
      {"composed", [](ddx::traced x) { return exp(where(x > 0, sqrt(x), 0)) * 3; }, 0, 3, 0, 0},
      {"inner where", [](ddx::traced x) { return sqrt(where(x > 0, x, 1)) * where(x > 0, 1, 2); }, 0, 2, 0, 0},
      {"nested", [](ddx::traced x) { return where(x > 1, log(x - 1), where(x > 0, sqrt(x), 5 * x)); }, -1, -5, 5, 0},
      {"nested, middle", [](ddx::traced x) { return where(x > 1, log(x - 1), where(x < 0, sqrt(-x), x * x)); }, 0.5,
       0.25, 1, 2},
      {"shared by two wheres",
       [](ddx::traced x) {
         auto const root = sqrt(x);
         return where(x > 0, root, 0) + where(x > 0, 3 * root, x);
       },
       -1, -1, 1, 0},
      {"shared by wheres of different conditions",
       [](ddx::traced x) {
         auto const root = sqrt(x);
         return where(x > 0, root, 0) + where(x > 1, root * root, 0);
       },
       -1, 0, 0, 0},
      {"shared, product of two wheres",
       [](ddx::traced x) {
         auto const inverse = 1 / x;
         return where(x == 0, 2, inverse) * where(x == 0, x, inverse);
       },
       0, 0, 2, 0},
      {"shared below a chain",
       [](ddx::traced x) {
         auto const l = log(x);
         return where(x > 0, sin(l) + l * l, x) + where(x > 0, l / 2, 0) + where(x <= 0, x * x, l);
       },
       -2, 2, -3, 2},
      {"three uses",
       [](ddx::traced x) {
         auto const l = log(x);
         return where(x > 0, l, 0) + where(x > 1, l, 0) + where(x > 2, l, x);
       },
       0, 0, 1, 0},
      {"else branch",
       [](ddx::traced x) {
         auto const l = log(x);
         return where(x <= 0, 0, l) + where(x <= 0, x, l);
       },
       0, 0, 1, 0},
      {"negated condition", [](ddx::traced x) { return where(!(x > 0), x, log(x)); }, 0, 0, 1, 0},
      {"conjunction", [](ddx::traced x) { return where(x > 0 && x < 1, sqrt(x) + sqrt(1 - x), x); }, 1, 1, 1, 0},
      {"abs of where", [](ddx::traced x) { return abs(where(x == 0, -3, 1 / x)); }, 0, 3, 0, 0},
      {"square outside", [](ddx::traced x) { return pow(where(x > 0, log(x), x), 2); }, -3, 9, -6, 2},
      {"where inside both operands",
       [](ddx::traced x) { return hypot(where(x > 0, sqrt(x), 3), where(x > 0, log(x), 4)); }, 0, 5, 0, 0},
  };
  for (guarded const& c : cases) {
    ddx::graph g;
    auto const x = scalar(g, "x");
    int const f = id(g, c.function(x)), first = building::derivative(g, f, id(g, x)),
              second = building::derivative(g, first, id(g, x));
    // Forward accumulation as well, and forward over reverse.
    ddx::sequence<int> inputs = building::ids(g, {x}), tangents = building::ids(g, {ddx::traced(1)}), both;
    both.push_back(f);
    both.push_back(first);
    auto const forward = ddx::differentiator(g).tangent(both, inputs, tangents);
    for (int output : {f, first, second, forward[0], forward[1]}) g.outputs.push_back(output);
    ddx::graph const kept = ddx::simplify(g.view(), ddx::sharing::keep),
                     expanded = ddx::simplify(g.view(), ddx::sharing::expand);
    char const* names[]{"raw", "kept", "expanded"};
    ddx::graph const* graphs[]{&g, &kept, &expanded};
    for (int i = 0; i < 3; ++i) {
      INFO(c.text << ", " << names[i]);
      auto const results = oracle::outputs(graphs[i]->view(), {c.at});
      CHECK(results[0] == Approx(c.value).margin(1e-15));
      CHECK(results[1] == Approx(c.first).margin(1e-15));
      CHECK(results[2] == Approx(c.second).margin(1e-15));
      CHECK(results[3] == Approx(c.first).margin(1e-15));
      CHECK(results[4] == Approx(c.second).margin(1e-15));
    }
  }
}

TEST_CASE("derivatives by arrays have the axes of the arrays, summed over those of the consumer") {
  ddx::graph g;
  auto const X = building::array(g, "X", {"n", "d"}), w = building::array(g, "w", {"d"}), b = scalar(g, "b");
  using algebra = ddx::algebra<ddx::traced>;
  auto const row = algebra::reduce<ddx::sum_, "d">(X * w) + b;
  int const loss = id(g, algebra::reduce<ddx::mean_, "n">(row * row));
  auto const gradient = ddx::differentiator(g).gradient(loss, building::ids(g, {X, w, b}));
  CHECK(g.nodes[gradient[0]].axes == 0b11);
  CHECK(g.nodes[gradient[1]].axes == 0b10);
  CHECK(g.nodes[gradient[2]].axes == 0);
}

TEST_CASE("a scalar summed over an axis that it lacks counts once an element") {
  ddx::graph g;
  auto const x = building::array(g, "x", {"n"}), b = scalar(g, "b");
  using algebra = ddx::algebra<ddx::traced>;
  int const f = id(g, algebra::reduce<ddx::sum_, "n">(x + b * b));
  g.outputs.push_back(building::derivative(g, f, id(g, b)));
  auto const simple = ddx::simplify(g.view(), ddx::sharing::keep);
  for (ddx::graph const* h : {static_cast<ddx::graph const*>(&g), &simple}) {
    auto const all = oracle::all_values(h->view(), {oracle::values{1, 2, 3}, oracle::values{5, 5, 5}}, {3});
    CHECK(all[static_cast<std::size_t>(h->outputs[0])][0] == 30);
  }
}

}  // namespace

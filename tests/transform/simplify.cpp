// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Expressions enter; that every named rewrite gives the expected text and the same numbers, and that nothing unsound is
// rewritten, is checked.
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/print/print.hpp>
#include <random>
#include <string>

#include "../graph/building.hpp"
#include "../graph/interpret.hpp"

namespace {

using building::scalar;

/// An expression of x, y and z with the text that it must simplify to.
struct rewrite {
  char const* text;
  ddx::traced (*expression)(ddx::traced x, ddx::traced y, ddx::traced z);
};

void check(rewrite const& r) {
  ddx::graph g;
  auto const x = scalar(g, "x"), y = scalar(g, "y"), z = scalar(g, "z");
  g.outputs.push_back(building::id(g, r.expression(x, y, z)));
  CHECK(ddx::print(g.view()) == r.text);
  std::mt19937 random(31);
  for (auto mode : {ddx::sharing::keep, ddx::sharing::expand}) {
    ddx::graph const simple = ddx::simplify(g.view(), mode);
    INFO(r.text);
    for (int point = 0; point < 10; ++point) {
      std::vector<double> at;
      for (int i = 0; i < 3; ++i) at.push_back(std::uniform_real_distribution(0.2, 3.0)(random));
      double const expected = oracle::outputs(g.view(), at)[0], got = oracle::outputs(simple.view(), at)[0];
      if (std::isfinite(expected)) CHECK(got == Approx(expected).epsilon(1e-12).margin(1e-12));
      else CHECK_FALSE(std::isfinite(got));
    }
  }
}

#define DDX_REWRITE(text, ...)                                                    \
  rewrite {                                                                       \
    text,                                                                         \
        []([[maybe_unused]] ddx::traced x, [[maybe_unused]] ddx::traced y,        \
           [[maybe_unused]] ddx::traced z) -> ddx::traced { return __VA_ARGS__; } \
  }

/// The same with all variables real and every subexpression defined.
std::string assuming_reals(rewrite const& r) {
  ddx::graph g;
  auto const x = scalar(g, "x"), y = scalar(g, "y"), z = scalar(g, "z");
  g.outputs.push_back(building::id(g, r.expression(x, y, z)));
  return ddx::print(ddx::simplify(g.view(), ddx::sharing::expand, ddx::level::assume_real).view());
}

/// A constant of the graph: two numbers would fold in C++ before the graph sees them.
ddx::traced constant(ddx::traced const& near, double number) {
  return {*near.owner(), ddx::detail::constant_node(*near.owner(), {number, 1})};
}

TEST_CASE("constants fold where the result is exact and finite, and only there") {
  for (rewrite const& r : {
           DDX_REWRITE("5", constant(x, 2) + 3),
           DDX_REWRITE("-1", constant(x, 2) - 3),
           DDX_REWRITE("6", constant(x, 2) * 3),
           DDX_REWRITE("1/3", constant(x, 1) / 3),
           DDX_REWRITE("2", constant(x, 6) / 3),
           DDX_REWRITE("2/3", constant(x, 6) / 9),
           DDX_REWRITE("4", 1 / constant(x, 0.25)),
           DDX_REWRITE("1/0.1", 1 / constant(x, 0.1)),
           DDX_REWRITE("0.75", constant(x, 0.5) * 1.5),
           DDX_REWRITE("0.1*3", constant(x, 0.1) * 3),
           DDX_REWRITE("0.1 + 0.2", constant(x, 0.1) + 0.2),
           DDX_REWRITE("1e+200*1e+200", constant(x, 1e200) * 1e200),
           DDX_REWRITE("1e+308 + 1e+308 + 1", constant(x, 1e308) + 1e308 + 1),
           DDX_REWRITE("5/6", constant(x, 1) / 2 + constant(x, 1) / 3),
           DDX_REWRITE("8", pow(constant(x, 2), 3)),
           DDX_REWRITE("1/8", pow(constant(x, 2), -3)),
           DDX_REWRITE("0.1^2", pow(constant(x, 0.1), 2)),
           DDX_REWRITE("2^0.5", pow(constant(x, 2), 0.5)),
           DDX_REWRITE("1/0", constant(x, 1) / 0),
           DDX_REWRITE("sin(1)", sin(constant(x, 1))),
           DDX_REWRITE("7", where(constant(x, 1) < 2, 7, x)),
           DDX_REWRITE("x", where(constant(x, 1) >= 2, 7, x)),
       })
    check(r);
}

TEST_CASE("like terms merge where their signs agree, in the order of first writing") {
  for (rewrite const& r : {
           DDX_REWRITE("x + y", x + y),
           DDX_REWRITE("y + x", y + x),
           DDX_REWRITE("2*x", x + x),
           DDX_REWRITE("5*x + y", 2 * x + y + 3 * x),
           DDX_REWRITE("5*x*y", 2 * x * y + 3 * y * x),
           DDX_REWRITE("-5*x", -2 * x - 3 * x),
           DDX_REWRITE("3*x - x", 3 * x - x),
           DDX_REWRITE("x - x", x - x),
           DDX_REWRITE("x + 1", x + 3 - 2),
           DDX_REWRITE("x", x + 3 - 3),
           DDX_REWRITE("x", x + 0),
           DDX_REWRITE("x", 0 + x),
           DDX_REWRITE("x", x - 0),
           DDX_REWRITE("-x", 0 - x),
           DDX_REWRITE("x + y + z", x + (y + z)),
           DDX_REWRITE("x - (y + z)", x - (y + z)),
           DDX_REWRITE("x - (y - z)", x - (y - z)),
           DDX_REWRITE("x + y - z", x + (y - z)),
           DDX_REWRITE("x - y", x + -y),
           DDX_REWRITE("x + y", x - -y),
           DDX_REWRITE("-x - y", -x - y),
           DDX_REWRITE("0.1*x + 0.2*x", 0.1 * x + 0.2 * x),
           DDX_REWRITE("2*sin(x)", sin(x) + sin(x)),
           DDX_REWRITE("(x + y)/z", x / z + y / z),
           DDX_REWRITE("(x - 1)/z", x / z - 1 / z),
       })
    check(r);
}

TEST_CASE("like factors merge into whole positive powers: coefficient, variables, the rest") {
  for (rewrite const& r : {
           DDX_REWRITE("x*y", y * x),
           DDX_REWRITE("x^2", x * x),
           DDX_REWRITE("x^3", x * x * x),
           DDX_REWRITE("x^5", pow(x, 2) * pow(x, 3)),
           DDX_REWRITE("6*x*y", 2 * x * 3 * y),
           DDX_REWRITE("x*sin(y)", sin(y) * x),
           DDX_REWRITE("-x*y", -x * y),
           DDX_REWRITE("x*y", -x * -y),
           DDX_REWRITE("x*y/z", x / z * y),
           DDX_REWRITE("x/(y*z)", x / y / z),
           DDX_REWRITE("x/(y/z)", x / (y / z)),
           DDX_REWRITE("x/y", x * (1 / y)),
           DDX_REWRITE("x", x * 1),
           DDX_REWRITE("x", 1 * x),
           DDX_REWRITE("x", x / 1),
           DDX_REWRITE("x/3", x / 3),
           DDX_REWRITE("2*x", x / 0.5),
           DDX_REWRITE("2*x/3", 2 * x / 3),
           DDX_REWRITE("x^2*y^2", pow(x * y, 1) * x * y),
           DDX_REWRITE("(x^0.5)^2", pow(x, 0.5) * pow(x, 0.5)),
           DDX_REWRITE("(x + 1)^2", (x + 1) * (x + 1)),
           DDX_REWRITE("-x/y", x / -y),
           DDX_REWRITE("x*(y + z)", (y + z) * x),
       })
    check(r);
}

TEST_CASE("what would change the points at which a value is defined stays") {
  for (rewrite const& r : {
           DDX_REWRITE("0*x", 0 * x),
           DDX_REWRITE("0*x", x * 0),
           DDX_REWRITE("0*log(x)", 0 * log(x)),
           DDX_REWRITE("0/x", 0 / x),
           DDX_REWRITE("x - x", x - x),
           DDX_REWRITE("log(x) - log(x)", log(x) - log(x)),
           DDX_REWRITE("x/x", x / x),
           DDX_REWRITE("x^2/x", x * x / x),
           DDX_REWRITE("sqrt(x)^2", sqrt(x) * sqrt(x)),
           DDX_REWRITE("exp(log(x))", exp(log(x))),
           DDX_REWRITE("1/(1/x)", 1 / (1 / x)),
           DDX_REWRITE("(x^2)^0.5", pow(pow(x, 2), 0.5)),
           DDX_REWRITE("(x^0.5)^2", pow(pow(x, 0.5), 2)),
       })
    check(r);
}

TEST_CASE("quotients of powers lose common factors where both sides are undefined at 0") {
  check(DDX_REWRITE("1/x", x / (x * x)));
  check(DDX_REWRITE("1/x^2", pow(x, 2) / pow(x, 4)));
  check(DDX_REWRITE("x^2/x^2", pow(x, 2) / pow(x, 2)));
  check(DDX_REWRITE("x^4/x^2", pow(x, 4) / pow(x, 2)));
}

TEST_CASE("powers: x^0 = 1, x^1 = x, powers of powers, negative exponents, even powers of negatives") {
  for (rewrite const& r : {
           DDX_REWRITE("1", pow(x, 0)),
           DDX_REWRITE("x", pow(x, 1)),
           DDX_REWRITE("x^6", pow(pow(x, 2), 3)),
           DDX_REWRITE("1/x^2", pow(x, -2)),
           DDX_REWRITE("1/x", pow(x, -1)),
           DDX_REWRITE("x^2", pow(-x, 2)),
           DDX_REWRITE("-x^3", pow(-x, 3)),
           DDX_REWRITE("9*x^2", pow(3 * x, 2)),
           DDX_REWRITE("x^2/9", pow(x / 3, 2)),
           DDX_REWRITE("x^2", square(x)),
           DDX_REWRITE("x^4", square(square(x))),
           DDX_REWRITE("x^0.5", pow(x, 0.5)),
           DDX_REWRITE("x^y", pow(x, y)),
           DDX_REWRITE("(x^y)^z", pow(pow(x, y), z)),
       })
    check(r);
}

TEST_CASE("conditions: constants decide, equal branches merge, negations turn branches around") {
  for (rewrite const& r : {
           DDX_REWRITE("x", where(y > 0, x, x)),
           DDX_REWRITE("where(y > 0, z, x)", where(!(y > 0), x, z)),
           DDX_REWRITE("where(y > 0, x, z)", where(!!(y > 0), x, z)),
           DDX_REWRITE("where(y > 0, x, z)", where(y > 0 && constant(x, 1) < 2, x, z)),
           DDX_REWRITE("z", where(y > 0 && constant(x, 1) > 2, x, z)),
           DDX_REWRITE("x", where(y > 0 || constant(x, 1) < 2, x, z)),
           DDX_REWRITE("where(y > 0, x, z)", where(y > 0 && y > 0, x, z)),
           DDX_REWRITE("z", where(y == x && y > x, x, z)),
           DDX_REWRITE("where(y < x, x, z)", where(y <= x && y < x, x, z)),
           DDX_REWRITE("where(y <= x, x, z)", where(y <= x || y == x, x, z)),
           DDX_REWRITE("where(y == x, x, z)", where(y <= x && y >= x, x, z)),
           DDX_REWRITE("where(y < x or y >= x, x, z)", where(y < x || y >= x, x, z)),
           DDX_REWRITE("where(y < x and y > z, x, z)", where(y < x && y > z, x, z)),
           DDX_REWRITE("where(y > 0, x, z)", where(y > 0, where(y > 0, x, y), z)),
           DDX_REWRITE("where(y > 0, x, z)", where(y > 0, x, where(y > 0, y, z))),
       })
    check(r);
}

std::string reduced(ddx::traced (*expression)(ddx::graph& g)) {
  ddx::graph g;
  g.outputs.push_back(building::id(g, expression(g)));
  return ddx::print(g.view());
}

TEST_CASE("sums over an axis: a factor of its size where the axis is missing, a mean where the size is divided out") {
  using algebra = ddx::algebra<ddx::traced>;
  CHECK(reduced([](ddx::graph& g) {
          building::array(g, "v", {"n"});
          return algebra::reduce<ddx::sum_, "n">(scalar(g, "x"));
        }) == "x*size[n]");
  CHECK(reduced([](ddx::graph& g) {
          building::array(g, "v", {"n"});
          return algebra::reduce<ddx::mean_, "n">(scalar(g, "x"));
        }) == "x");
  CHECK(reduced([](ddx::graph& g) {
          auto const v = building::array(g, "v", {"n"});
          ddx::traced const size(g, ddx::detail::extent_node(g, 0));
          return algebra::reduce<ddx::sum_, "n">(v * v / size);
        }) == "mean[n](v^2)");
  CHECK(reduced([](ddx::graph& g) {
          auto const v = building::array(g, "v", {"n"});
          ddx::traced const size(g, ddx::detail::extent_node(g, 0));
          return algebra::reduce<ddx::sum_, "n">(v) * (size / size);
        }) == "sum[n](v)");
}

TEST_CASE("a sum of a thousand terms and a product of a thousand factors simplify") {
  ddx::graph g;
  auto const x = scalar(g, "x"), y = scalar(g, "y");
  ddx::traced sum = 0, product = 1;
  for (int i = 0; i < 1000; ++i) {
    sum = sum + (i % 2 ? x : y * 2);
    product = product * (i % 2 ? x : y);
  }
  g.outputs.push_back(building::id(g, sum));
  g.outputs.push_back(building::id(g, product));
  CHECK(ddx::print(g.view(), 0) == "1000*y + 500*x");
  CHECK(ddx::print(g.view(), 1) == "x^500*y^500");
}

TEST_CASE("assuming reals, terms and factors cancel") {
  for (rewrite const& r : {
           DDX_REWRITE("0", 0 * x),
           DDX_REWRITE("0", 0 / x),
           DDX_REWRITE("0", x - x),
           DDX_REWRITE("y", x + y - x),
           DDX_REWRITE("2*x", 3 * x - x),
           DDX_REWRITE("-x", x - 2 * x),
           DDX_REWRITE("0", 0 * log(x) / y),
           DDX_REWRITE("1", x / x),
           DDX_REWRITE("x^2", x * x * x / x),
           DDX_REWRITE("1", (x + y) / (x + y)),
           DDX_REWRITE("y/z", x * y / (x * z)),
           DDX_REWRITE("x*z/y", x / (y / z)),
           DDX_REWRITE("y", x / (x / y)),
           DDX_REWRITE("x", sqrt(x) * sqrt(x)),
           DDX_REWRITE("x", exp(log(x))),
           DDX_REWRITE("x^2.5", x * pow(x, 0.5) * x),
           DDX_REWRITE("log(x*y)", log(x) + log(y)),
           DDX_REWRITE("1", pow(sin(log(x)), 2) + pow(cos(log(x)), 2)),
           DDX_REWRITE("x/3", x / 3),
           DDX_REWRITE("1/x", 1 / x),
       })
    CHECK(assuming_reals(r) == r.text);
}

TEST_CASE("what has axes keeps them, whatever cancels") {
  using algebra = ddx::algebra<ddx::traced>;
  ddx::graph g;
  auto const v = building::array(g, "v", {"n"});
  for (ddx::traced const& e : {v - v, 0 * v, v / v, pow(sin(v), 2) + pow(cos(v), 2)})
    g.outputs.push_back(building::id(g, e));
  g.outputs.push_back(building::id(g, algebra::reduce<ddx::sum_, "n">(v - v)));
  for (auto assumed : {ddx::level::sound, ddx::level::assume_real}) {
    ddx::graph const simple = ddx::simplify(g.view(), ddx::sharing::keep, assumed);
    for (int i = 0; i < g.outputs.size(); ++i)
      CHECK(simple.nodes[simple.outputs[i]].axes == g.nodes[g.outputs[i]].axes);
  }
}

TEST_CASE("identities are applied where they save operations, counting what else needs their parts") {
  for (rewrite const& r : {
           DDX_REWRITE("abs(x)", sqrt(x * x)),
           DDX_REWRITE("y", y * pow(sin(x), 2) + y * pow(cos(x), 2)),
           DDX_REWRITE("3", 3 * pow(cos(x * y), 2) + 3 * pow(sin(x * y), 2)),
           DDX_REWRITE("x + 2 + z", x + 2 * pow(sin(y), 2) + z + 2 * pow(cos(y), 2)),
           DDX_REWRITE("2*sin(x)^2 + 3*cos(x)^2", 2 * pow(sin(x), 2) + 3 * pow(cos(x), 2)),
           DDX_REWRITE("sin(x)^2 + cos(y)^2", pow(sin(x), 2) + pow(cos(y), 2)),
           DDX_REWRITE("sin(log(x))^2 + cos(log(x))^2", pow(sin(log(x)), 2) + pow(cos(log(x)), 2)),
           DDX_REWRITE("x^2*exp(x) + exp(x)", x * x * exp(x) + exp(x)),
           DDX_REWRITE("sigmoid(x)*(1 - sigmoid(x))", sigmoid(x) * (1 - sigmoid(x))),
           DDX_REWRITE("sigmoid(-x)", 1 - sigmoid(x)),
           DDX_REWRITE("softplus(x)", log(1 + exp(x))),
           DDX_REWRITE("sigmoid(x)", 1 / (1 + exp(-x))),
           DDX_REWRITE("y*sigmoid(x)", y / (1 + exp(-x))),
           DDX_REWRITE("tan(x)^2", pow(sin(x), 2) / pow(cos(x), 2)),
           DDX_REWRITE("x - sin(y)", x + sin(-y)),
           DDX_REWRITE("exp(y)", exp(log(exp(y)))),
           DDX_REWRITE("1 + x^2", exp(log(pow(x, 2) + 1))),
           DDX_REWRITE("-1", cos(ddx::pi(x))),
           DDX_REWRITE("2", sqrt(constant(x, 4))),
           DDX_REWRITE("0.5", sqrt(constant(x, 0.25))),
           DDX_REWRITE("2/3", sqrt(constant(x, 4) / 9)),
           DDX_REWRITE("sqrt(2)", sqrt(constant(x, 2))),
       })
    check(r);
}

TEST_CASE("quotients by powers of a sum fold where one has a term of the sum above and the sum once more below") {
  for (rewrite const& r : {
           DDX_REWRITE("y/sqrt(x^2 + y)^3", 1 / sqrt(x * x + y) - x * x / pow(sqrt(x * x + y), 3)),
           DDX_REWRITE("-y/sqrt(x^2 + y)^3", x * x / pow(sqrt(x * x + y), 3) - 1 / sqrt(x * x + y)),
           DDX_REWRITE("z*(y + 3)/(x + y + 3)^2", z / (x + y + 3) - x * z / pow(x + y + 3, 2)),
           DDX_REWRITE("y/(x + y)", 1 - x / (x + y)),
           DDX_REWRITE("2*y^2/(3 + y^2)", 2 - 6 / (3 + y * y)),
           DDX_REWRITE("z + 3*x*y/sqrt(3*x^2 + y)^3",
                       z + 3 * x / sqrt(3 * x * x + y) - 9 * pow(x, 3) / pow(sqrt(3 * x * x + y), 3)),
           DDX_REWRITE("1/(y^2*sqrt(1 + (x/y)^2)^3)",
                       1 / (y * y * sqrt(1 + pow(x / y, 2))) - x * x / (pow(y, 4) * pow(sqrt(1 + pow(x / y, 2)), 3))),
           DDX_REWRITE("1/(x + y) + x/(x + y)^2", 1 / (x + y) + x / pow(x + y, 2)),
           DDX_REWRITE("1/(x + y) - 2*x/(x + y)^2", 1 / (x + y) - 2 * x / pow(x + y, 2)),
           DDX_REWRITE("1/(x + y) - z/(x + y)^2", 1 / (x + y) - z / pow(x + y, 2)),
       })
    check(r);
}

TEST_CASE("the second derivative of a root of a sum keeps its digits where one term is far the largest") {
  ddx::graph g;
  auto const x = scalar(g, "x"), y = scalar(g, "y");
  g.outputs.push_back(building::id(g, sqrt(x * x + y)));
  for (int order = 0; order < 2; ++order) g.outputs[0] = building::derivative(g, g.outputs[0], 0);
  for (auto mode : {ddx::sharing::keep, ddx::sharing::expand})
    for (double at : {1.0, 1e4, 1e9, 1e60}) {
      double const root = std::hypot(at, std::sqrt(0.7));
      CHECK(oracle::outputs(ddx::simplify(g.view(), mode).view(), {at, 0.7})[0] ==
            Approx(0.7 / root / root / root).epsilon(1e-14));
    }
}

TEST_CASE("simplification runs inside the compiler at either level") {
  constexpr auto nodes_of = [](ddx::level assumed) {
    ddx::graph g;
    g.inputs.push_back({.name = "x"});
    ddx::traced const x(g, ddx::detail::input_node(g, 0));
    g.outputs.push_back((pow(sin(x), 2) + pow(cos(x), 2) + log(x) - log(x)).node_in(g));
    return ddx::simplify(g.view(), ddx::sharing::keep, assumed).nodes.size();
  };
  static_assert(nodes_of(ddx::level::assume_real) == 1);
  static_assert(nodes_of(ddx::level::sound) == 5);
}

TEST_CASE("a thousand logarithms merge in one go") {
  ddx::graph g;
  ddx::traced sum = 0;
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back("x" + std::to_string(i));
  for (std::string const& name : names) sum = sum + log(scalar(g, name));
  g.outputs.push_back(building::id(g, sum));
  ddx::graph const simple = ddx::simplify(g.view(), ddx::sharing::keep, ddx::level::assume_real);
  CHECK(building::operations(simple.view()) == 1000);
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Expressions enter; higher derivatives and Taylor polynomials are checked against texts, slopes and values.
#include <array>
#include <ddx/symbolic/symbolic.hpp>
#include <ddx/transform/derivative.hpp>
#include <ddx/transform/series.hpp>

#include "values.hpp"

namespace {

using passes::expression;

std::string derived(expression e, int order) {
  return ddx::print(ddx::derivative(passes::graph_of(e).view(), 0, order).view());
}

TEST_CASE("higher derivatives are as short as they can be written") {
  CHECK(derived(DDX_EXPRESSION(sin(x)), 1) == "cos(x)");
  CHECK(derived(DDX_EXPRESSION(sin(x)), 4) == "sin(x)");
  CHECK(derived(DDX_EXPRESSION(sin(x) * exp(x)), 2) == "2*exp(x)*cos(x)");
  CHECK(derived(DDX_EXPRESSION(sin(x) * exp(x)), 20) == "-1024*exp(x)*sin(x)");
  CHECK(derived(DDX_EXPRESSION(pow(x, 5)), 5) == "120");
  CHECK(derived(DDX_EXPRESSION(pow(x, 5)), 6) == "0");
  CHECK(derived(DDX_EXPRESSION(pow(x, 3) + x), 1) == "3*x^2 + 1");
  CHECK(derived(DDX_EXPRESSION(1 / x), 3) == "-6/x^4");
  CHECK(derived(DDX_EXPRESSION(log(x)), 4) == "-6/x^4");
  CHECK(derived(DDX_EXPRESSION(x * y), 0) == "x*y");
}

TEST_CASE("the 20th derivative stays as small as it is") {
  for (expression e : std::initializer_list<expression>{
           DDX_EXPRESSION(sin(x) * exp(x)), DDX_EXPRESSION(pow(x, 5) * exp(x)), DDX_EXPRESSION(exp(-x * x)),
           DDX_EXPRESSION(cos(x * y) * exp(2 * x)), DDX_EXPRESSION(1 / (1 + x * x)), DDX_EXPRESSION(sqrt(x)),
           DDX_EXPRESSION(tanh(x))}) {
    ddx::graph const d = ddx::derivative(passes::graph_of(e).view(), 0, 20);
    INFO(ddx::print(d.view()));
    CHECK(building::operations(d.view()) < 120);
  }
}

TEST_CASE("the derivative of order n is the slope of that of order n - 1") {
  for (expression e : std::initializer_list<expression>{
           DDX_EXPRESSION(sin(x * y) * exp(x)), DDX_EXPRESSION(tan(x / 2)), DDX_EXPRESSION(atan(x)),
           DDX_EXPRESSION(sqrt(3 + x) / (2 + x)), DDX_EXPRESSION(pow(2 + x, y)),
           DDX_EXPRESSION(erf(x) * sigmoid(z * x)), DDX_EXPRESSION(where(x > 0, x * x * x, sin(x)))}) {
    ddx::graph const g = passes::graph_of({e, DDX_EXPRESSION(x * x * z)});
    for (int order = 1; order < 6; ++order) {
      ddx::graph const before = ddx::derivative(g.view(), 0, order - 1), after = ddx::derivative(g.view(), 0, order);
      for (double at : {0.3, -0.7}) {
        double const step = 1e-4;
        auto const right = oracle::outputs(before.view(), {at + step, 0.6, 1.2}),
                   left = oracle::outputs(before.view(), {at - step, 0.6, 1.2}),
                   here = oracle::outputs(after.view(), {at, 0.6, 1.2});
        for (std::size_t i = 0; i < 2; ++i) {
          INFO("order " << order << " output " << i << " at " << at);
          CHECK(here[i] == Approx((right[i] - left[i]) / (2 * step)).epsilon(1e-5).margin(1e-5));
        }
      }
    }
  }
}

TEST_CASE("orders that make no sense are refused") {
  ddx::graph const g = passes::graph_of(DDX_EXPRESSION(x));
  CHECK_THROWS_WITH(ddx::derivative(g.view(), 0, -1), "ddx::derivative: the order must be from 0 to 1000, not -1");
  CHECK_THROWS_WITH(ddx::series(g.view(), 0, 0, 1001), "ddx::series: the order must be from 0 to 1000, not 1001");
}

std::string taylor(expression e, double at, int order) {
  return ddx::print(ddx::series(passes::graph_of(e).view(), 0, at, order).view());
}

TEST_CASE("Taylor polynomials have exact coefficients, the lowest power first") {
  CHECK(taylor(DDX_EXPRESSION(exp(x)), 0, 3) == "1 + x + x^2/2 + x^3/6");
  CHECK(taylor(DDX_EXPRESSION(sin(x)), 0, 6) == "x - x^3/6 + x^5/120");
  CHECK(taylor(DDX_EXPRESSION(cos(x)), 0, 4) == "1 - x^2/2 + x^4/24");
  CHECK(taylor(DDX_EXPRESSION(1 / (1 - x)), 0, 4) == "1 + x + x^2 + x^3 + x^4");
  CHECK(taylor(DDX_EXPRESSION(log(1 + x)), 0, 4) == "x - x^2/2 + x^3/3 - x^4/4");
  CHECK(taylor(DDX_EXPRESSION(sqrt(1 + x)), 0, 3) == "1 + x/2 - x^2/8 + x^3/16");
  CHECK(taylor(DDX_EXPRESSION(tanh(x)), 0, 5) == "x - x^3/3 + 2*x^5/15");
  CHECK(taylor(DDX_EXPRESSION(tan(x)), 0, 5) == "x + x^3/3 + 2*x^5/15");
  CHECK(taylor(DDX_EXPRESSION(atan(x)), 0, 5) == "x - x^3/3 + x^5/5");
  CHECK(taylor(DDX_EXPRESSION(log(x)), 1, 2) == "x - 1 - (x - 1)^2/2");
  CHECK(taylor(DDX_EXPRESSION(exp(x)), 1, 1) == "exp(1) + (x - 1)*exp(1)");
  CHECK(taylor(DDX_EXPRESSION(exp(x * y)), 0, 2) == "1 + x*y + x^2*y^2/2");
  CHECK(taylor(DDX_EXPRESSION(pow(x, 3)), 0, 2) == "0");
  CHECK(taylor(DDX_EXPRESSION(pow(x + y, 2)), 0, 5) == "y^2 + 2*x*y + x^2");
  CHECK(taylor(DDX_EXPRESSION(sigmoid(x)), 0, 3) == "1/2 + x/4 - x^3/48");
}

TEST_CASE("a Taylor polynomial of high order has the value of the function near the point") {
  for (expression e : std::initializer_list<expression>{
           DDX_EXPRESSION(sin(x * y) * exp(x)), DDX_EXPRESSION(log(2 + x) / (3 - x)), DDX_EXPRESSION(erf(x) + z),
           DDX_EXPRESSION(sqrt(4 + x * x)), DDX_EXPRESSION(pow(2 + x, y))})
    for (double at : {0.0, 0.5, 1.0}) {
      ddx::graph const g = passes::graph_of(e), polynomial = ddx::series(g.view(), 0, at, 12);
      for (double offset : {0.0, 0.1, -0.15}) {
        double const want = oracle::outputs(g.view(), {at + offset, 0.7, 1.1})[0],
                     got = oracle::outputs(polynomial.view(), {at + offset, 0.7, 1.1})[0];
        INFO(ddx::print(polynomial.view()));
        CHECK(got == Approx(want).epsilon(1e-10));
      }
    }
}

TEST_CASE("several outputs have their polynomials in one graph") {
  ddx::graph const g = passes::graph_of({DDX_EXPRESSION(exp(x)), DDX_EXPRESSION(y), DDX_EXPRESSION(x * x)});
  ddx::graph const s = ddx::series(g.view(), 0, 0, 2);
  CHECK(ddx::print(s.view(), 0) == "1 + x + x^2/2");
  CHECK(ddx::print(s.view(), 1) == "y");
  CHECK(ddx::print(s.view(), 2) == "x^2");
}

TEST_CASE("a quotient of zeros is no value") {
  CHECK_THROWS_WITH(taylor(DDX_EXPRESSION(sin(x) / x), 0, 2), Catch::Contains("order 0 is not finite at x = 0"));
}

TEST_CASE("a point where a derivative is not finite is named") {
  CHECK_THROWS_WITH(taylor(DDX_EXPRESSION(1 / x), 0, 2),
                    Catch::StartsWith("ddx::series: the derivative of order 0 is not finite at x = 0"));
  CHECK_THROWS_WITH(taylor(DDX_EXPRESSION(sqrt(x)), 0, 2),
                    Catch::StartsWith("ddx::series: the derivative of order 1 is not finite at x = 0"));
  CHECK_THROWS_WITH(taylor(DDX_EXPRESSION(log(x)), 0, 2), Catch::Contains("order 0 is not finite"));
}

TEST_CASE("a point where a part of the formula has a kink or a jump is refused, and the points beside it are not") {
  std::pair<expression, double> const refused[]{{DDX_EXPRESSION(abs(x)), 0},
                                                {DDX_EXPRESSION(x * abs(x - 1)), 1},
                                                {DDX_EXPRESSION(sign(x)), 0},
                                                {DDX_EXPRESSION(relu(2 * x)), 0},
                                                {DDX_EXPRESSION(max(x, -x)), 0},
                                                {DDX_EXPRESSION(min(x + y, y)), 0},
                                                {DDX_EXPRESSION(abs(x * y)), 0},
                                                {DDX_EXPRESSION(floor(x)), 2},
                                                {DDX_EXPRESSION(ceil(x)), -1},
                                                {DDX_EXPRESSION(round(x)), 1.5},
                                                {DDX_EXPRESSION(trunc(x)), 1},
                                                {DDX_EXPRESSION(fmod(x, 2)), 4},
                                                {DDX_EXPRESSION(clamp(x, 1, 2)), 2},
                                                {DDX_EXPRESSION(heaviside(x)), 0},
                                                {DDX_EXPRESSION(hypot(x, 2 * x)), 0},
                                                {DDX_EXPRESSION(atan2(x, -2)), 0},
                                                {DDX_EXPRESSION(acot(x)), 0},
                                                {DDX_EXPRESSION(where(x > 1, x, 1)), 1},
                                                {DDX_EXPRESSION(where(x == 0, 1, sin(x) / x)), 0},
                                                {DDX_EXPRESSION(abs(sin(x) - x)), 0}};
  for (auto const& [f, at] : refused) {
    CHECK_THROWS_WITH(taylor(f, at, 2), Catch::Contains("has a kink or a jump"));
    CHECK_NOTHROW(taylor(f, at + 0.25, 2));
    CHECK_NOTHROW(taylor(f, at, 0));
  }
  CHECK_THROWS_WITH(taylor(DDX_EXPRESSION(abs(x)), 0, 1),
                    Catch::StartsWith("ddx::series: there is no Taylor polynomial at x = 0") &&
                        Catch::EndsWith(", where 'abs' has a kink or a jump"));
  CHECK(taylor(DDX_EXPRESSION(pow(abs(x), 2)), 0, 3) == "x^2");
  CHECK(taylor(DDX_EXPRESSION(x * abs(y)), 0, 2) == "x*abs(y)");
  CHECK(taylor(DDX_EXPRESSION(where(x < 1, x, abs(x))), 0, 2) == "x");
  CHECK_NOTHROW(taylor(DDX_EXPRESSION(fmod(x, 2)), 0, 2));
  CHECK(ddx::to_string(ddx::series(ddx::parse("abs(cos(x))"), "x", ddx::parse("pi/3"), 0)) == "1/2");
  CHECK_THROWS_WITH(ddx::series(ddx::parse("abs(x - 1e-9)"), "x", ddx::parse("1e-9"), 2),
                    Catch::Contains("at x = 1e-09,"));
  CHECK_THROWS_WITH(ddx::series(ddx::parse("abs(sin(x))"), "x", ddx::parse("pi"), 2), Catch::Contains("has a kink"));
}

TEST_CASE("a value that is not finite is seen in every function, and a large one is none") {
  for (expression e : std::initializer_list<expression>{
           DDX_EXPRESSION(pow(x, 0.5)), DDX_EXPRESSION(pow(x, 1.5)), DDX_EXPRESSION(gamma(x)),
           DDX_EXPRESSION(atanh(1 - x)), DDX_EXPRESSION(y + digamma(x)), DDX_EXPRESSION(log(x * y)),
           DDX_EXPRESSION(cbrt(x)), DDX_EXPRESSION(acos(1 + x)), DDX_EXPRESSION(sqrt(x - 1)),
           DDX_EXPRESSION(atan2(x, 0 * x)), DDX_EXPRESSION(y / sin(x))})
    CHECK_THROWS_WITH(taylor(e, 0, 2), Catch::Contains("is not finite at x = 0") || Catch::Contains("has a kink"));
  CHECK(taylor(DDX_EXPRESSION(exp(1000 * x)), 1, 0) == "exp(1000)");
  CHECK(taylor(DDX_EXPRESSION(where(y > 0, x, x / y)), 0, 1) == "x*where(y > 0, 1, 1/y)");
}

TEST_CASE("derivatives and series run inside the compiler") {
  constexpr auto nodes = [] {
    ddx::graph g;
    g.inputs.push_back({.name = "x"});
    ddx::traced const x(g, ddx::detail::input_node(g, 0));
    g.outputs.push_back(pow(x, 3).node_in(g));
    return std::array{ddx::derivative(g.view(), 0, 3).nodes.size(), ddx::series(g.view(), 0, 0, 2).nodes.size()};
  }();
  static_assert(nodes[0] == 1 && nodes[1] == 1);
}

}  // namespace

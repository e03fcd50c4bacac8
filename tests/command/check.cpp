// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas and right or wrong derivatives enter; what the comparison with differences says of them leaves.
#include "command/check.hpp"

#include <catch2/catch.hpp>

using namespace ddx::command;
using ddx::parse;

TEST_CASE("right derivatives pass, with factors inside and out") {
  for (auto const* text : {"x", "3*sin(2*x)", "x^3*exp(-x/2)", "log(x)", "acosh(x)", "asin(x)", "sqrt(1 - x^2)",
                           "abs(x)", "where(x > 1, x^2, 2*x)", "floor(x)", "1/x", "x^0.5", "tan(x)"}) {
    CAPTURE(text);
    auto const f = parse(text);
    auto const seen = check_derivative(f, diff(f, "x"), "x", {});
    CHECK(seen.points == 100);
    CHECK(seen.wrong == 0);
    CHECK(seen.good());
  }
}

TEST_CASE("wrong derivatives are found, with the first point at which they are") {
  auto const f = parse("sin(2*x)*y");
  for (auto const* wrong : {"cos(2*x)*y", "2*cos(2*x)", "2*cos(2*x)*y + 1e-5", "nan", "inf", "sin(2*x)*y"}) {
    CAPTURE(wrong);
    auto const seen = check_derivative(f, parse(wrong), "x", {});
    CHECK(!seen.good());
    CHECK(seen.wrong > 90);
    REQUIRE(seen.where.size() == 2);
    double const value = eval(parse(wrong), {{"x", seen.where[0].second}, {"y", seen.where[1].second}});
    CHECK((value == seen.derivative || value != value));
  }
}

TEST_CASE("a derivative that is wrong on one side only is found") {
  auto const f = parse("abs(x)^3");
  auto const seen = check_derivative(f, parse("3*x^2"), "x", {});
  CHECK(seen.wrong > 0);
  CHECK(seen.wrong < seen.points);
}

TEST_CASE("a formula that is defined nowhere is not right") {
  auto const f = parse("log(-1 - x^2)");
  auto const seen = check_derivative(f, diff(f, "x"), "x", {});
  CHECK(seen.points == 0);
  CHECK(!seen.good());
}

TEST_CASE("points are those of the seed and the range") {
  auto const f = parse("x^2");
  auto first_point = [&](check_options const& options) {
    return check_derivative(f, parse("0"), "x", options).where.at(0).second;
  };
  CHECK(first_point({.seed = 1}) == first_point({.seed = 1}));
  CHECK(first_point({.seed = 1}) != first_point({.seed = 2}));
  double const within = first_point({.within = range{100, 101}});
  CHECK(within >= 100);
  CHECK(within <= 101);
  CHECK(check_derivative(f, diff(f, "x"), "x", {.points = 7}).points == 7);
}

TEST_CASE("a variable that the formula lacks has the derivative 0") {
  CHECK(check_derivative(parse("y^2"), parse("0"), "x", {}).good());
  CHECK(!check_derivative(parse("y^2"), parse("1"), "x", {}).good());
}

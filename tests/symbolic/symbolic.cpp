// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas known only at run time enter; derivatives, values and texts of theirs are checked.
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/symbolic/symbolic.hpp>
#include <string>
#include <vector>

namespace {

using ddx::parse;
using ddx::symbolic;
using ddx::to_string;
using names = std::vector<std::string>;

TEST_CASE("derivatives compose") {
  symbolic const f = parse("x^2*y + sin(x*y)");
  CHECK(to_string(ddx::diff(f, "x")) == "2*x*y + y*cos(x*y)");
  CHECK(ddx::same(expand(ddx::diff(f, names{"x", "y"})), expand(ddx::diff(f, names{"y", "x"}))));
  CHECK(to_string(ddx::diff(parse("x^5"), "x", 5)) == "120");
  CHECK(to_string(ddx::diff(f, "z")) == "0");
  CHECK(to_string(ddx::diff(f, names{})) == to_string(f));
  auto const gradient = ddx::grad(f, names{"y", "z", "x"});
  CHECK(to_string(gradient[0]) == "x^2 + x*cos(x*y)");
  CHECK(to_string(gradient[1]) == "0");
  CHECK(ddx::same(gradient[2], ddx::diff(f, "x")));
  auto const second = ddx::hessian(f, names{"x", "y"});
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t k = 0; k < 2; ++k)
      CHECK(ddx::same(expand(second[i][k]), expand(ddx::diff(f, names{i ? "y" : "x", k ? "y" : "x"}))));
  symbolic const both[]{f, parse("x - y")};
  CHECK(to_string(ddx::jacobian(both, names{"x", "y"})[1][1]) == "-1");
}

TEST_CASE("values come from bound names") {
  symbolic const f = parse("x^2*y + exp(x)");
  CHECK(ddx::eval(f, {{"x", 1.0}, {"y", 2.0}}) == Approx(2 + std::exp(1.0)));
  CHECK(ddx::eval(f, {{"y", 2.0}, {"x", 1.0}, {"z", 7.0}}) == Approx(2 + std::exp(1.0)));
  CHECK_THROWS_WITH(ddx::eval(f, {{"x", 1.0}}), "ddx::eval: variable 'y' has no value");
  CHECK_THROWS_WITH(ddx::eval(f, {{"x", 1.0}, {"x", 1.0}}), "ddx::eval: 'x' is given twice");
  CHECK_THROWS_WITH(ddx::eval(parse("sum[k](v[k])"), {}),
                    "ddx::eval: 'v' is an array; only formulas of variables are evaluated");
  CHECK_THROWS_WITH(ddx::eval(parse("size[k]"), {}),
                    "ddx::eval: the formula has axes; only formulas of variables are evaluated");
  CHECK_THROWS_WITH(ddx::diff(parse("v[k]"), "v"),
                    "ddx::diff: the formula must be a scalar, this one still has axes; reduce it first");
}

TEST_CASE("formulas are built with user algebra from parts of different origin") {
  symbolic const x = symbolic::variable("x"), y = symbolic::variable("y");
  symbolic f = x * y;
  f += parse("x^2") / 3;
  f = where(x > 0, f, -f) - 1;
  CHECK(to_string(f) == "where(x > 0, x*y + x^2/3, -(x*y + x^2/3)) - 1");
  CHECK(f.variables() == names{"x", "y"});
  CHECK(ddx::same(ddx::diff(sin(x) * y, "x"), y * cos(x)));
  CHECK(to_string(f, ddx::format::unicode).find("x²") != std::string::npos);
  CHECK(fmt::format("{:l}", x * x) == "x^{2}");
  CHECK_THROWS_WITH(
      symbolic::variable("2x"),
      "ddx::symbolic::variable: '2x' is no name; a name has letters, digits and _ and begins with no digit");
}

TEST_CASE("a formula of the program has the passes of formulas at run time") {
  constexpr ddx::var<"x"> x;
  constexpr ddx::var<"y"> y;
  constexpr ddx::array<"v", "n"> v;
  CHECK(to_string(ddx::expand(pow(x + y, 3))) == "x^3 + 3*x^2*y + 3*x*y^2 + y^3");
  CHECK(to_string(ddx::factor_out(x * y + x * sin(y))) == "x*(y + sin(y))");
  CHECK(to_string(ddx::collect(x * y + x * sin(y) + y, "x")) == "x*(y + sin(y)) + y");
  CHECK(to_string(ddx::series(exp(x) / 3, "x", 0, 3)) == "1/3 + x/3 + x^2/6 + x^3/18");
  CHECK(to_string(ddx::substitute(x * y + 2, "x", sin(y))) == "y*sin(y) + 2");
  CHECK(to_string(ddx::simplify(x / x, ddx::level::assume_real)) == "1");
  CHECK(to_string(symbolic(ddx::diff(x * x * y, x)) * symbolic(x * 2.5)) == "5*x^2*y");
  CHECK(to_string(ddx::expand(ddx::sum<"n">(v * (v + x)))) == "sum[n](v^2 + v*x)");
}

TEST_CASE("a formula outlives the parts and the text it was made of") {
  symbolic f = 0;
  {
    std::string text = "a_rather_long_name_of_a_variable^2";
    symbolic const inner = parse(text);
    text.assign(text.size(), '?');
    f = inner + symbolic::variable(std::string("another_rather_long_name"));
  }
  CHECK(to_string(f) == "a_rather_long_name_of_a_variable^2 + another_rather_long_name");
}

TEST_CASE("shared subexpressions are counted once") {
  symbolic t = symbolic::variable("x");
  for (int i = 0; i < 50; ++i) t = t * sin(t);
  CHECK(t.operations() == 100);
  CHECK(ddx::eval(ddx::diff(t, "x"), {{"x", 0.5}}) ==
        Approx((ddx::eval(t, {{"x", 0.5 + 1e-7}}) - ddx::eval(t, {{"x", 0.5 - 1e-7}})) / 2e-7).margin(1e-12));
}

}  // namespace

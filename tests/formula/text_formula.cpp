// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas written as text enter; that they are the formulas written as C++ is checked, mostly by the compiler.
#include <catch2/catch.hpp>
#include <ddx/evaluate/eval.hpp>
#include <ddx/formula/text_formula.hpp>
#include <ddx/print/print.hpp>

namespace {

using namespace ddx::literals;
using ddx::formula;
using ddx::same;

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;
constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;

static_assert(same("x^2*sin(x)"_f, square(x) * sin(x)));
static_assert(same(diff("x^2*sin(x)"_f, x), 2 * x * sin(x) + square(x) * cos(x)));
static_assert(same(diff("x^2*y"_f, x, y), 2 * x));
static_assert(same("-x^2"_f, -(x* x)));
static_assert(same("2^-x*y"_f, pow(2, -x) * y));
static_assert(same("x^y^2"_f, pow(x, pow(y, 2))));
static_assert(same("x - y - 1"_f, (x - y) - 1));
static_assert(same("x/y/2"_f, (x / y) / 2));
static_assert(same("1/3"_f, "2/6"_f));
static_assert(same("where(0 < x < y and not x == 1, 1e-3, .5)"_f, where(0 < x && x < y && !(x == 1), 0.001, 0.5)));
static_assert(same("pi*x + e"_f, ddx::pi(x) * x + exp(0 * x + 1)) == false);
static_assert(same(formula<"sum[d](X[n, d]*w[d])">, ddx::sum<"d">(X* w)));
static_assert(same(formula<"mean[n](max[d](X[n, d] - X) + size[n])">,
                   formula<"mean[n](max[d](X[n, d] - X)) + size[n]">) == false);
static_assert(ddx::eval<formula<"x^2 + 1/4">>(x = 3.0) == 9.25);
static_assert(ddx::eval("x*y"_f + x, x = 3.0, y = 2.0) == 9);

TEST_CASE("formulas written as text are printed, extended and evaluated like others") {
  CHECK(ddx::to_string(diff("x^2 + sin(x*y)"_f, x)) == "2*x + y*cos(x*y)");
  auto const twice = [](auto f) { return f + f; };
  CHECK(ddx::to_string(twice("sin(x)"_f) * y) == "2*y*sin(x)");
  CHECK(ddx::eval("x^y"_f, x = 2.0, y = 10.0) == 1024);
}

}  // namespace

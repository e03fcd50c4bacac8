// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Constant formulas and functions enter; that the compiler prints them in every form, and as at run time, is checked.
#include <catch2/catch.hpp>
#include <ddx/print/constant.hpp>
#include <limits>
#include <string>

namespace {

using ddx::format, ddx::printed;

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

static_assert(printed<x> == "x");
static_assert(printed<ddx::diff(x* x, x)> == "2*x");
static_assert(printed<ddx::diff(x* x* x, x), format::unicode> == "3x²");
static_assert(printed<ddx::diff(x / 3, x), format::latex> == "\\frac{1}{3}");
static_assert(printed<ddx::diff(x / 3, x), format::cpp> == "1.0/3");
static_assert(printed<pow(x, 3) / sqrt(y), format::cpp> == "std::pow(x, 3)/std::sqrt(y)");
static_assert(printed<0.1 * x - 1e-7 * y + 1e22> == "0.1*x - 1e-07*y + 1e+22");
static_assert(printed<where(x <= y && !(x == 0), 1, -x)> == "where(x <= y and not(x == 0), 1, -x)");
static_assert(printed<x + std::numeric_limits<double>::infinity(), format::unicode> == "x + ∞");
static_assert(
    printed<2 * x, format::dot> ==
    "digraph ddx {\n  ordering=in;\n  n0 [label=\"2\", shape=plaintext];\n  n1 [label=\"x\", shape=box];\n"
    "  n2 [label=\"*\"];\n  n0 -> n2;\n  n1 -> n2;\n  y0 [label=\"output\", shape=plaintext];\n  n2 -> y0;\n}\n");

constexpr auto rosenbrock = ddx::fn<"x", "y">([](auto a, auto b) {
  auto c = 1 - a;
  auto d = b - a * a;
  return c * c + 100 * d * d;
});

static_assert(printed<rosenbrock> == "(1 - x)^2 + 100*(y - x^2)^2");
static_assert(printed<ddx::diff<"x">(rosenbrock)> == "-2*(1 - x) - 400*x*(y - x^2)");
static_assert(printed<ddx::grad(rosenbrock), format::unicode> == "[-2(1 - x) - 400x·(y - x²), 200(y - x²)]");

// Longer than the room that is taken first.
constexpr auto chain = ddx::fn<"x">([](auto a) {
  auto result = a;
  for (int i = 0; i < 100; ++i) result = sin(result + i);
  return result;
});
static_assert(printed<chain>.size() > 700);
static_assert(printed<chain>.substr(0, 12) == "sin(sin(sin(");

constexpr auto f = where(x < y, pow(x / y, 2.5), -x) * exp(ddx::pi(x) * x) + 0.3 / (x - y);

TEST_CASE("the compiler prints what the library prints") {
  CHECK(printed<f> == ddx::to_string(f));
  CHECK(printed<f, format::unicode> == ddx::to_string(f, format::unicode));
  CHECK(printed<f, format::latex> == ddx::to_string(f, format::latex));
  CHECK(printed<f, format::cpp> == ddx::to_string(f, format::cpp));
  CHECK(printed<f, format::dot> == ddx::to_string(f, format::dot));
  CHECK(printed<chain> == ddx::to_string(chain));
  CHECK(printed<ddx::hessian(rosenbrock), format::latex> == ddx::to_string(ddx::hessian(rosenbrock), format::latex));
  CHECK(printed<ddx::value_and_grad(rosenbrock), format::dot> ==
        ddx::to_string(ddx::value_and_grad(rosenbrock), format::dot));
}

}  // namespace

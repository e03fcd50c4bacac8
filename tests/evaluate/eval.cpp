// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas and bindings enter; that their values, types and cost in allocations are right is checked.
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/evaluate/eval.hpp>
#include <ddx/function/fn.hpp>
#include <type_traits>

#include "../count_allocations.hpp"

namespace {

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

TEST_CASE("bindings come in any order and from any kind of number") {
  auto const f = x - 2 * y;
  CHECK(ddx::eval(f, x = 3.0, y = 0.5) == 2.0);
  CHECK(ddx::eval(f, y = 0.5, x = 3.0) == 2.0);
  CHECK(ddx::eval(f, x = 3, y = 1u) == 1.0);
  double variable = 7;
  float const constant = 0.5f;
  CHECK(ddx::eval(f, x = variable, y = constant) == 6.0);
  variable = 8;
  CHECK(ddx::eval(f, x = variable, y = constant) == 7.0);
}

TEST_CASE("the value is float only if every bound number is float") {
  static_assert(std::is_same_v<decltype(ddx::eval(x + y, x = 1.0f, y = 1.0f)), float>);
  static_assert(std::is_same_v<decltype(ddx::eval(x + y, x = 1.0f, y = 1.0)), double>);
  static_assert(std::is_same_v<decltype(ddx::eval(x + y, x = 1.0f, y = 1)), double>);
  static_assert(std::is_same_v<decltype(ddx::eval(x * 0.1, x = 1.0f)), float>);
  static_assert(std::is_same_v<decltype(ddx::eval<x * 0.1>(x = 1.0f)), float>);
  float variable = 1;
  static_assert(std::is_same_v<decltype(ddx::eval(x, x = variable)), float>);
  CHECK(ddx::eval(x * 0.1, x = variable) == 0.1f);
  CHECK(ddx::eval(x / 3, x = 1.0f) == 1.0f / 3);
}

TEST_CASE("a formula of numbers alone takes no bindings") {
  CHECK(ddx::eval(ddx::diff(3 * x, x), x = 1.0) == 3);
  CHECK(ddx::eval<ddx::diff(3 * x, x)>(x = 1.0) == 3);
}

TEST_CASE("a truth value evaluates to 0 or 1") {
  CHECK(ddx::eval(x < y, x = 1.0, y = 2.0) == 1);
  CHECK(ddx::eval(x >= y, x = 1.0, y = 2.0) == 0);
  CHECK(ddx::eval((x < y || x == 5) && !(y < 0), x = 1.0, y = 2.0) == 1);
  CHECK(ddx::eval((x < y) + 1, x = 1.0, y = 2.0) == 2);
}

TEST_CASE("powers agree with std::pow to the last bits, whether unrolled or not") {
  for (double base : {0.3, -1.7, 2.5, -0.0, 0.0}) {
    CHECK(ddx::eval<pow(x, 2)>(x = base) == base * base);
    CHECK(ddx::eval<pow(x, 7)>(x = base) == Approx(std::pow(base, 7)).epsilon(1e-15).margin(0));
    CHECK(ddx::eval<pow(x, 16)>(x = base) == Approx(std::pow(base, 16)).epsilon(2e-15).margin(0));
    CHECK(ddx::eval<pow(x, 17)>(x = base) == Approx(std::pow(base, 17)).epsilon(1e-15).margin(0));
    CHECK(ddx::eval(pow(x, 3), x = base) == Approx(std::pow(base, 3)).epsilon(1e-15).margin(0));
    if (base != 0) {
      CHECK(ddx::eval<pow(x, -3)>(x = base) == Approx(std::pow(base, -3)).epsilon(1e-15));
      CHECK(ddx::eval(pow(x, -3), x = base) == Approx(std::pow(base, -3)).epsilon(1e-15));
    } else {
      CHECK(std::isinf(ddx::eval(pow(x, -3), x = base)));
    }
  }
}

TEST_CASE("where evaluates to the branch that its condition chooses, also if the other one is not finite") {
  auto const f = where(x > 0, log(x), x);
  CHECK(ddx::eval(f, x = -2.0) == -2);
  CHECK(ddx::eval(ddx::diff(f, x), x = -2.0) == 1);
  CHECK(ddx::eval(ddx::diff(f, x), x = 0.0) == 1);
  CHECK(ddx::eval(ddx::diff(f, x), x = 2.0) == 0.5);
  CHECK(ddx::eval(ddx::diff(where(x > 0, sqrt(x), 0), x), x = 0.0) == 0);
}

TEST_CASE("neither eval nor a call of a function allocates") {
  constexpr auto f = pow(x, 3) * exp(-x * y) + sigmoid(x / y) - 0.25 * hypot(x, y);
  constexpr auto g = ddx::fn<"x", "y">([](auto a, auto b) { return sin(a * b) + pow(a, 3); });
  double sum = 0;
  int const before = allocations();
  sum += ddx::eval(f, x = 0.5, y = 2.0) + ddx::eval<f>(x = 0.5, y = 2.0);
  sum += ddx::eval(ddx::diff(f, x, y), x = 0.5, y = 2.0) + ddx::eval<ddx::diff(f, x)>(x = 0.5, y = 2.0);
  sum += ddx::grad(g)(0.5, 2.0)[0] + ddx::hessian(g)(0.5, 2.0)[1][0] + ddx::hvp(g, std::array{1.0, 2.0})(0.5, 2.0)[1];
  int const after = allocations();
  CHECK(after == before);
  CHECK(std::isfinite(sum));
}

}  // namespace

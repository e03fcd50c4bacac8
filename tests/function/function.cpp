// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Generic lambdas enter; that the functions made of them and their derivatives are right in value, shape and text is checked.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/function/fn.hpp>
#include <type_traits>

namespace {

constexpr auto rosenbrock = ddx::fn<"x", "y">([](auto x, auto y) {
  auto a = 1 - x;
  auto b = y - x * x;
  return a * a + 100 * b * b;
});

constexpr auto spiral = ddx::fn<"r", "t", "s">(
    [](auto r, auto t, auto s) { return std::array{r * cos(t), r * sin(t) + s, exp(r * s) / t, r - s}; });

// Everything works inside of the compiler where the functions involved allow it.
static_assert(rosenbrock(1.0, 1.0) == 0.0);
static_assert(rosenbrock(2, 3) == 101.0);
static_assert(ddx::grad(rosenbrock)(1.5, 2.0) == std::array{151.0, -50.0});
static_assert(ddx::hessian(rosenbrock)(1.5, 2.0) == std::array{std::array{1902.0, -600.0}, std::array{-600.0, 200.0}});
static_assert(ddx::hvp(rosenbrock, std::array{1, 2})(1.5, 2.0) == std::array{702.0, -200.0});
static_assert(ddx::jvp(rosenbrock, std::array{1.0f, 0.0f})(1.5, 2.0) == 151.0);
static_assert(ddx::vjp(rosenbrock, std::array{2.0})(1.5, 2.0) == std::array{302.0, -100.0});
static_assert(ddx::diff<"x">(rosenbrock)(1.5, 2.0) == 151.0);
static_assert(ddx::diff<"x", "y">(rosenbrock)(1.5, 2.0) == -600.0);
static_assert(ddx::value_and_grad(rosenbrock)(1.5, 2.0) == std::pair{6.5, std::array{151.0, -50.0}});
static_assert(ddx::jacobian(ddx::grad(rosenbrock))(1.5, 2.0) == ddx::hessian(rosenbrock)(1.5, 2.0));

// The result is float only if all arguments are.
static_assert(std::is_same_v<decltype(rosenbrock(1.0f, 2.0f)), float>);
static_assert(std::is_same_v<decltype(rosenbrock(1.0f, 2.0)), double>);
static_assert(std::is_same_v<decltype(rosenbrock(1, 2)), double>);
static_assert(std::is_same_v<decltype(ddx::grad(rosenbrock)(1.0f, 2.0f)), std::array<float, 2>>);

TEST_CASE("several values are an array in the order in which they were returned") {
  auto const values = spiral(2.0, 0.5, 0.25);
  CHECK(values[0] == Approx(2 * std::cos(0.5)));
  CHECK(values[1] == Approx(2 * std::sin(0.5) + 0.25));
  CHECK(values[2] == Approx(std::exp(0.5) / 0.5));
  CHECK(values[3] == 1.75);
}

TEST_CASE("the Jacobian has a row for each value and a column for each argument") {
  auto const j = ddx::jacobian(spiral)(2.0, 0.5, 0.25);
  static_assert(std::is_same_v<decltype(j), std::array<std::array<double, 3>, 4> const>);
  CHECK(j[0][0] == Approx(std::cos(0.5)));
  CHECK(j[0][1] == Approx(-2 * std::sin(0.5)));
  CHECK(j[0][2] == 0);
  CHECK(j[1][2] == 1);
  CHECK(j[2][0] == Approx(0.25 * std::exp(0.5) / 0.5));
  CHECK(j[2][1] == Approx(-std::exp(0.5) / 0.25));
  CHECK(j[3] == std::array{1.0, 0.0, -1.0});
}

TEST_CASE("jvp is the Jacobian times a vector, vjp a vector times the Jacobian") {
  auto const j = ddx::jacobian(spiral)(2.0, 0.5, 0.25);
  std::array const v{0.3, -1.5, 2.0};
  std::array const u{1.0, -2.0, 0.5, 3.0};
  auto const forward = ddx::jvp(spiral, v)(2.0, 0.5, 0.25);
  static_assert(forward.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(forward[i] == Approx(j[i][0] * v[0] + j[i][1] * v[1] + j[i][2] * v[2]));
  auto const reverse = ddx::vjp(spiral, u)(2.0, 0.5, 0.25);
  static_assert(reverse.size() == 3);
  for (std::size_t k = 0; k < 3; ++k)
    CHECK(reverse[k] == Approx(u[0] * j[0][k] + u[1] * j[1][k] + u[2] * j[2][k] + u[3] * j[3][k]));
}

TEST_CASE("the Hessian is symmetric, the Jacobian of the gradient, and hvp multiplies by it") {
  constexpr auto f =
      ddx::fn<"x", "y", "z">([](auto x, auto y, auto z) { return sin(x * y) * exp(z) + x / z + log(y) * pow(x, y); });
  auto const h = ddx::hessian(f)(0.7, 1.3, 0.4);
  auto const j = ddx::jacobian(ddx::grad(f))(0.7, 1.3, 0.4);
  std::array const v{0.3, -1.5, 2.0};
  auto const product = ddx::hvp(f, v)(0.7, 1.3, 0.4);
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      CHECK(h[row][column] == h[column][row]);
      CHECK(h[row][column] == Approx(j[row][column]));
    }
    CHECK(product[row] == Approx(h[row][0] * v[0] + h[row][1] * v[1] + h[row][2] * v[2]));
  }
  CHECK(ddx::diff<"x", "z">(f)(0.7, 1.3, 0.4) == Approx(h[0][2]));
  CHECK(ddx::diff<"y">(ddx::diff<"y">(f))(0.7, 1.3, 0.4) == Approx(h[1][1]));
}

TEST_CASE("derived functions derive again: third derivatives, gradients of derivatives") {
  constexpr auto f = ddx::fn<"x">([](auto x) { return pow(x, 5); });
  CHECK(ddx::diff<"x", "x", "x">(f)(2.0) == 240);
  CHECK(ddx::diff<"x">(ddx::diff<"x">(ddx::diff<"x">(f)))(2.0) == 240);
  CHECK(ddx::grad(ddx::diff<"x">(f))(2.0)[0] == 160);
  CHECK(ddx::hessian(ddx::diff<"x">(f))(2.0)[0][0] == 240);
}

TEST_CASE("loops, helpers and compound assignments in a lambda are traced as they run") {
  constexpr auto horner = ddx::fn<"x">([](auto x) {
    auto sum = x * 0;
    for (int i = 5; i >= 1; --i) sum = sum * x + i;
    sum += x;
    sum *= 2;
    sum -= 1;
    sum /= 4;
    return sum;
  });
  double const x = 1.5, polynomial = 1 + 2 * x + 3 * x * x + 4 * x * x * x + 5 * x * x * x * x;
  CHECK(horner(x) == Approx((2 * (polynomial + x) - 1) / 4));
  CHECK(ddx::diff<"x">(horner)(x) == Approx((2 * (2 + 6 * x + 12 * x * x + 20 * x * x * x + 1)) / 4));
}

TEST_CASE("conditions choose by where") {
  constexpr auto huber = ddx::fn<"x">([](auto x) { return where(abs(x) < 1, x * x / 2, abs(x) - 0.5); });
  static_assert(ddx::grad(ddx::fn<"x">([](auto x) { return where(x > 0, x * x, -x); }))(-3.0)[0] == -1.0);
  CHECK(huber(0.5) == 0.125);
  CHECK(huber(-3.0) == 2.5);
  CHECK(ddx::diff<"x">(huber)(-3.0) == -1);
  CHECK(ddx::diff<"x">(huber)(0.5) == 0.5);
}

TEST_CASE("a lambda may return a constant, an argument or the same value twice") {
  CHECK(ddx::fn<"x">([](auto) { return 4; })(1.0) == 4);
  CHECK(ddx::fn<"x">([](auto x) { return x; })(1.5) == 1.5);
  CHECK(ddx::grad(ddx::fn<"x", "y">([](auto, auto y) { return y; }))(1.0, 2.0) == std::array{0.0, 1.0});
  CHECK(ddx::fn<"x">([](auto x) { return std::array{x * x, x * x}; })(3.0) == std::array{9.0, 9.0});
  CHECK(ddx::grad(ddx::fn<"x">([](auto) { return 4.0; }))(1.0) == std::array{0.0});
}

TEST_CASE("a function prints its values, and its derivatives theirs") {
  CHECK(fmt::format("{}", rosenbrock) == "(1 - x)^2 + 100*(y - x^2)^2");
  CHECK(fmt::format("{}", ddx::diff<"x">(rosenbrock)) == "-2*(1 - x) - 400*x*(y - x^2)");
  CHECK(fmt::format("{}", ddx::grad(rosenbrock)) == "[-2*(1 - x) - 400*x*(y - x^2), 200*(y - x^2)]");
  CHECK(fmt::format("{}", spiral) == "[r*cos(t), r*sin(t) + s, exp(r*s)/t, r - s]");
  CHECK(fmt::format("{:u}", rosenbrock) == "(1 - x)² + 100(y - x²)²");
  CHECK(fmt::format("{:c}", ddx::fn<"x">([](auto x) { return x * x; })) == "std::pow(x, 2)");
}

TEST_CASE("a function of declared scalars is called by their order") {
  constexpr ddx::var<"a"> a;
  constexpr ddx::var<"b"> b;
  constexpr auto f = ddx::fn(ddx::args(a, b), [](auto p, auto q) { return p * q + p; });
  CHECK(f(2.0, 3.0) == 8);
  CHECK(fmt::format("{}", f) == "a*b + a");
  CHECK(ddx::grad(f)(2.0, 3.0) == std::array{4.0, 2.0});
}

}  // namespace

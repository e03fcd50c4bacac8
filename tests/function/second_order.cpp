// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Functions enter; that value, gradient and Hessian together are what they are one by one, and cost less, is checked.
#include <catch2/catch.hpp>
#include <ddx/evaluate/eval.hpp>
#include <ddx/function/second_order.hpp>

namespace {

constexpr auto valley =
    ddx::fn<"x", "y">([](auto x, auto y) { return 100 * pow(y - x * x, 2) + exp(-x * y) * pow(1 - x, 2); });

static_assert(ddx::value_grad_and_hessian(ddx::fn<"x", "y">([](auto x, auto y) { return x * x * y; }))(3.0, 2.0)
                  .hessian[0][1] == 6);

TEST_CASE("value, gradient and Hessian together are those one by one") {
  auto const [value, gradient, hessian] = ddx::value_grad_and_hessian(valley)(0.3, -1.2);
  auto const slopes = ddx::grad(valley)(0.3, -1.2);
  auto const curvature = ddx::hessian(valley)(0.3, -1.2);
  CHECK(value == Approx(valley(0.3, -1.2)));
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(gradient[i] == Approx(slopes[i]));
    for (std::size_t k = 0; k < 2; ++k) CHECK(hessian[i][k] == Approx(curvature[i][k]));
  }
}

TEST_CASE("second derivatives of quotients stay in the range of float") {
  constexpr auto inverse = ddx::fn<"x", "y">([](auto x, auto y) { return 1 / (x * x + y * y); });
  auto const curvature = ddx::hessian(inverse)(1e5f, 1e5f);
  CHECK(curvature[0][0] == Approx(5e-21f));
  CHECK(curvature[0][1] == Approx(1e-20f));
  constexpr ddx::var<"x"> x;
  CHECK(ddx::eval(ddx::diff(1 / x, x, x), x = 1e10f) == Approx(2e-30f));
  CHECK(ddx::eval(ddx::diff(1 / (x * x), x, x), x = 1e5f) == Approx(6e-20f));
}

TEST_CASE("value and gradient together are computed by what does not overflow") {
  constexpr auto by_log = ddx::fn<"x">([](auto x) { return log(1 + exp(x)); });
  constexpr auto by_quotient = ddx::fn<"x">([](auto x) { return 1 / (1 + exp(-x)); });
  using result = std::pair<double, std::array<double, 1>>;
  CHECK(ddx::value_and_grad(by_log)(800.0) == result{800, {1}});
  CHECK(ddx::value_and_grad(by_log)(-800.0) == result{0, {0}});
  CHECK(ddx::value_and_grad(by_quotient)(-800.0) == result{0, {0}});
  CHECK(ddx::value_and_grad(by_quotient)(800.0) == result{1, {0}});
}

TEST_CASE("what value, gradient and Hessian share is computed once") {
  using source = decltype(valley)::source;
  constexpr auto count = [](auto const& g) {
    int exponentials = 0;
    for (int i = 0; i < g.node_count; ++i) exponentials += ddx::is<ddx::exp_>(g.nodes[i]) ? 1 : 0;
    return exponentials;
  };
  STATIC_REQUIRE(count(ddx::frozen<ddx::detail::simplified<ddx::detail::second_order_of<source>>>) == 1);
}

}  // namespace

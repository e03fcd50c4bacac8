// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// One generic function enters, as a formula and as a program on tensors; that both have the same values and gradients is checked.
#include <catch2/catch.hpp>
#include <ddx/function/fn.hpp>
#include <ddx/tape/tensor_math.hpp>

namespace {

template <class Lambda>
void check(Lambda const& f) {
  auto const formula = ddx::fn<"x", "y">(f);
  std::vector<double> const xs{0.3, 1.7, 2.5, -0.8}, ys{1.2, 0.4, 2.5, 3.1};
  auto x = ddx::tensor(xs).requires_grad_(), y = ddx::tensor(ys).requires_grad_();
  auto const z = f(x, y);
  z.sum().backward();
  auto const values = z.to_vector(), dx = x.grad().to_vector(), dy = y.grad().to_vector();
  for (std::size_t i = 0; i < xs.size(); ++i) {
    CHECK(values[i] == Approx(formula(xs[i], ys[i])).epsilon(1e-12));
    auto const expected = ddx::grad(formula)(xs[i], ys[i]);
    CHECK(dx[i] == Approx(expected[0]).epsilon(1e-12));
    CHECK(dy[i] == Approx(expected[1]).epsilon(1e-12));
  }
}

TEST_CASE("a function has the gradients on tensors that it has as a formula") {
  check([](auto x, auto y) { return sin(x * y) + pow(x, 2) / y; });
  check([](auto x, auto y) { return where(x > 0, log(abs(x)) * y, exp(x) - y) * sigmoid(x); });
  check([](auto x, auto y) { return max(x, y) * min(x, y) + softplus(x) * relu(y - 1); });
  check([](auto x, auto y) { return atan2(x, y) + hypot(x, y) * tanh(x - y) + pow(y, x); });
  check([](auto x, auto y) { return erf(x) * lgamma(y) + clamp(x, 0, 1) * y; });
}

}  // namespace

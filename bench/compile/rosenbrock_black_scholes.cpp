// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Two functions as users write them enter; their values and gradients leave: what a first program costs to compile.
#include <ddx/ddx.hpp>

namespace {

constexpr auto rosenbrock = ddx::value_and_grad(ddx::fn<"x", "y">([](auto x, auto y) {
  auto const valley = y - x * x;
  return (1 - x) * (1 - x) + 100 * valley * valley;
}));

/// The price of a European call: spot, strike, rate, volatility, years to expiry.
constexpr auto black_scholes =
    ddx::value_and_grad(ddx::fn<"s", "k", "r", "v", "t">([](auto s, auto k, auto r, auto v, auto t) {
      auto const deviation = v * sqrt(t);
      auto const d1 = (log(s / k) + (r + v * v / 2) * t) / deviation;
      auto const normal = [](auto z) { return (1 + erf(z / 1.4142135623730951)) / 2; };
      return s * normal(d1) - k * exp(-r * t) * normal(d1 - deviation);
    }));

}  // namespace

auto rosenbrock_value_and_gradient(double x, double y) { return rosenbrock(x, y); }

auto black_scholes_value_and_greeks(double s, double k, double r, double v, double t) {
  return black_scholes(s, k, r, v, t);
}

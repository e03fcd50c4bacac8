// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Networks of two layers enter; every step must do what the oracle does of loss, gradients and updates.
#include "step_oracle.hpp"

namespace {

using ddx::mean, ddx::sum;
using oracle::random_elements;
using oracle::step_check;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::array<"W1", "d", "h"> W1;
constexpr ddx::array<"b1", "h"> b1;
constexpr ddx::array<"W2", "h"> W2;
constexpr ddx::var<"b2"> b2;

template <class Data, class Number>
void network_learns(double units) {
  constexpr auto logit = sum<"h">(tanh(sum<"d">(X * W1) + b1) * W2) + b2;
  constexpr auto loss = mean<"n">(softplus(logit) - y * logit);
  for (std::ptrdiff_t n : {1, 9, 33})
    for (std::ptrdiff_t h : {1, 8, 19}) {
      std::ptrdiff_t const d = 17;
      random_elements<Data> x(1, n * d, 0, 1);
      random_elements<Number> first(2, d * h, -0.5, 0.5), bias(3, h, -0.5, 0.5), second(4, h, -0.5, 0.5);
      random_elements<std::uint8_t> labels(5, n, 0, 1);
      Number last = Number(0.125);
      CAPTURE(n, h);
      CHECK(step_check<loss, W1, b1, W2, b2>::within(units, 0.125, 3, X = x.view(n, d), y = labels.view(n),
                                                     W1 = first.view(d, h), b1 = bias.view(h), W2 = second.view(h),
                                                     b2 = last) == "");
    }
}

TEST_CASE("steps of a network of two layers, double") { network_learns<double, double>(64); }
TEST_CASE("steps of a network of two layers, bytes and float") { network_learns<std::uint8_t, float>(64); }

}  // namespace

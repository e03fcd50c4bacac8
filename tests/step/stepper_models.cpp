// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Classifiers and regularised losses enter; every step must do what the oracle does of loss, gradients and updates.
#include "step_oracle.hpp"

namespace {

using ddx::max, ddx::mean, ddx::sum;
using oracle::random_elements;
using oracle::step_check;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"y", "n"> y;

TEST_CASE("steps of a softmax classifier") {
  constexpr ddx::array<"W", "d", "k"> W;
  constexpr ddx::array<"c", "k"> c;
  constexpr ddx::array<"Y", "n", "k"> Y;
  constexpr auto z = sum<"d">(X * W) + c;
  constexpr auto loss = mean<"n">(max<"k">(z) + log(sum<"k">(exp(z - max<"k">(z)))) - sum<"k">(z * Y));
  for (std::ptrdiff_t n : {1, 9, 33}) {
    std::ptrdiff_t const d = 13, k = 10;
    random_elements<float> x(1, n * d), weights(2, d * k, -0.5, 0.5), bias(3, k, -0.5, 0.5);
    random_elements<bool> hot(4, n * k);
    CAPTURE(n);
    CHECK(step_check<loss, W, c>::within(128, 0.125, 3, X = x.view(n, d), Y = hot.view(n, k), W = weights.view(d, k),
                                         c = bias.view(k)) == "");
  }
}

TEST_CASE("steps of a traced loss") {
  constexpr ddx::array<"w", "d"> w;
  constexpr ddx::var<"b"> b;
  constexpr auto loss = ddx::fn(ddx::args(X, w, y, b), [](auto x, auto weights, auto labels, auto bias) {
    auto const p = sigmoid(ddx::sum<"d">(x * weights) + bias);
    return ddx::mean<"n">(where(labels == 1, 1 - p, p));
  });
  std::ptrdiff_t const n = 40, d = 21;
  random_elements<float> x(1, n * d), weights(2, d, -0.5, 0.5);
  random_elements<std::uint8_t> labels(3, n, 0, 1);
  float bias = 0;
  CHECK(step_check<loss, w, b>::within(64, 0.5, 4, X = x.view(n, d), w = weights.view(d), y = labels.view(n),
                                       b = bias) == "");
}

TEST_CASE("steps of a regularised loss read the weights twice") {
  constexpr ddx::array<"w", "d"> w;
  constexpr auto loss = mean<"n">(pow(sum<"d">(X * w) - y, 2)) + 0.125 * sum<"d">(pow(w, 2)) + 0.25 * sum<"d">(abs(w));
  for (std::ptrdiff_t n : {1, 16, 70}) {
    std::ptrdiff_t const d = 21;
    random_elements<double> x(1, n * d), weights(2, d, -0.5, 0.5), labels(3, n);
    CAPTURE(n);
    CHECK(step_check<loss, w>::within(64, 0.03125, 4, X = x.view(n, d), w = weights.view(d), y = labels.view(n)) == "");
  }
}

}  // namespace

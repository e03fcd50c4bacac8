// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Networks of two layers enter; losses and the gradients of all weights must agree with the oracle.
#include "oracle.hpp"

namespace {

using ddx::grad, ddx::max, ddx::mean, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::array<"W1", "d", "h"> W1;
constexpr ddx::array<"b1", "h"> b1;
constexpr ddx::array<"W2", "h"> W2;
constexpr ddx::var<"b2"> b2;

constexpr auto hidden = relu(sum<"d">(X * W1) + b1);
constexpr auto logit = sum<"h">(hidden * W2) + b2;
constexpr auto loss = mean<"n">(softplus(logit) - y * logit);

template <class Data, class Number>
void two_layers(double units) {
  for (std::ptrdiff_t n : {1, 9, 33})
    for (std::ptrdiff_t d : {1, 17})
      for (std::ptrdiff_t h : {1, 8, 19}) {
        random_elements<Data> x(1, n * d, 0, 1);
        random_elements<Number> first(2, d * h, -0.5, 0.5), bias(3, h, -0.5, 0.5), second(4, h, -0.5, 0.5);
        random_elements<std::uint8_t> labels(5, n, 0, 1);
        CAPTURE(n, d, h);
        CHECK(check<loss, grad(loss, W1, b1, W2, b2)>::within(units, X = x.view(n, d), y = labels.view(n),
                                                              W1 = first.view(d, h), b1 = bias.view(h),
                                                              W2 = second.view(h), b2 = Number(0.125)) == "");
      }
}

TEST_CASE("a network of two layers and its gradients, double") { two_layers<double, double>(128); }
TEST_CASE("a network of two layers and its gradients, bytes and float") { two_layers<std::uint8_t, float>(128); }

// What a condition leaves out may be anything: no NaN of it reaches a gradient.
TEST_CASE("samples that a condition leaves out do not touch the gradient of the weights") {
  constexpr ddx::array<"valid", "n"> valid;
  constexpr auto total = sum<"n">(where(valid == 1, sum<"h">(tanh(sum<"d">(X * W1)) * W2), 0));
  std::ptrdiff_t const n = 41, d = 19, h = 37;
  random_elements<float> x(1, n * d), first(2, d * h, -0.5, 0.5), second(3, h, -0.5, 0.5);
  std::vector<std::uint8_t> present(static_cast<std::size_t>(n), 1);
  for (std::ptrdiff_t i : {0, 13, 40}) {
    present[static_cast<std::size_t>(i)] = 0;
    x.data()[i * d + 2] = std::numeric_limits<float>::quiet_NaN();
    x.data()[i * d + 3] = std::numeric_limits<float>::infinity();
  }
  CHECK(check<total, grad(total, W1, W2)>::within(64, X = x.view(n, d), valid = present, W1 = first.view(d, h),
                                                  W2 = second.view(h)) == "");
}

TEST_CASE("a traced network of arrays agrees as well") {
  constexpr auto traced =
      ddx::fn(ddx::args(X, y, W1, b1, W2, b2), [](auto x, auto labels, auto first, auto bias, auto second, auto last) {
        auto const layer = tanh(ddx::sum<"d">(x * first) + bias);
        auto const z = ddx::sum<"h">(layer * second) + last;
        return ddx::mean<"n">(pow(z - labels, 2));
      });
  std::ptrdiff_t const n = 35, d = 6, h = 10;
  random_elements<double> x(1, n * d), first(2, d * h, -0.5, 0.5), bias(3, h, -0.5, 0.5), second(4, h, -0.5, 0.5),
      labels(5, n);
  CHECK(check<traced, grad(traced, W1, b1, W2, b2)>::within(128, X = x.view(n, d), y = labels.view(n),
                                                            W1 = first.view(d, h), b1 = bias.view(h),
                                                            W2 = second.view(h), b2 = 0.125) == "");
}

}  // namespace

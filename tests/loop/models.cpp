// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Losses of models and their gradients enter; kernels must compute what the oracle does of the graphs as differentiated.
#include "oracle.hpp"

namespace {

using ddx::grad, ddx::max, ddx::mean, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::var<"b"> b;

constexpr auto logit = sum<"d">(X * w) + b;
constexpr auto square_loss = mean<"n">(pow(logit - y, 2));
constexpr auto p = sigmoid(logit);
constexpr auto cross_entropy = mean<"n">(softplus(logit) - y * logit);
constexpr auto plain_cross_entropy = -mean<"n">(y * log(p) + (1 - y) * log(1 - p));
constexpr auto mnist_loss = mean<"n">(where(y == 1, 1 - p, p));

template <auto Loss, class Data, class Number>
void linear_model(double units) {
  for (std::ptrdiff_t n : {1, 7, 8, 17, 33, 67})
    for (std::ptrdiff_t d : {1, 7, 16, 33}) {
      random_elements<Data> x(1, n * d, 0, 1);
      random_elements<Number> weights(2, d, -0.5, 0.5);
      random_elements<std::uint8_t> labels(3, n, 0, 1);
      CAPTURE(n, d);
      CHECK(check<Loss, grad(Loss, w, b)>::within(units, X = x.view(n, d), w = weights.view(d), y = labels.view(n),
                                                  b = Number(0.25)) == "");
    }
}

TEST_CASE("linear regression and its gradient, float") { linear_model<square_loss, float, float>(64); }
TEST_CASE("logistic regression and its gradient, float") { linear_model<cross_entropy, float, float>(64); }
TEST_CASE("logistic regression and its gradient, double") { linear_model<cross_entropy, double, double>(64); }
TEST_CASE("logistic regression and its gradient, bytes") { linear_model<cross_entropy, std::uint8_t, float>(64); }
TEST_CASE("binary cross-entropy by logarithms and its gradient, double") {
  linear_model<plain_cross_entropy, double, double>(256);
}
TEST_CASE("where(y == 1, 1 - p, p) and its gradient, float") { linear_model<mnist_loss, float, float>(64); }

TEST_CASE("a gradient can be computed without its loss, in any order of the parameters") {
  std::ptrdiff_t const n = 40, d = 19;
  random_elements<float> x(1, n * d), weights(2, d, -0.5, 0.5), labels(3, n);
  CHECK(check<grad(square_loss, b, w)>::within(64, X = x.view(n, d), w = weights.view(d), y = labels.view(n),
                                               b = 0.5f) == "");
  CHECK(check<diff(square_loss, w), diff(square_loss, b, b), diff(square_loss, b, w), diff(square_loss, y)>::within(
            64, X = x.view(n, d), w = weights.view(d), y = labels.view(n), b = 0.5f) == "");
}

TEST_CASE("the Gaussian log-density and its gradient") {
  constexpr ddx::array<"x", "n"> x;
  constexpr ddx::var<"mu"> mu;
  constexpr ddx::var<"sigma"> sigma;
  constexpr auto density = sum<"n">(-0.5 * pow((x - mu) / sigma, 2) - log(sigma) - 0.5 * log(2 * pi(mu)));
  for (std::ptrdiff_t n : oracle::extents) {
    random_elements<double> data(1, n);
    CAPTURE(n);
    CHECK(check<density, grad(density, mu, sigma), diff(density, sigma, mu)>::within(256, x = data.view(n), mu = 0.25,
                                                                                     sigma = 1.5) == "");
  }
}

TEST_CASE("a gradient by the data has the shape of the data") {
  for (std::ptrdiff_t n : {1, 16, 37}) {
    std::ptrdiff_t const d = 11;
    random_elements<float> x(1, n * d), weights(2, d, -0.5, 0.5), labels(3, n);
    CAPTURE(n);
    CHECK(check<square_loss, grad(square_loss, X, y, w)>::within(64, X = x.view(n, d), w = weights.view(d),
                                                                 y = labels.view(n), b = 0.5f) == "");
  }
}

}  // namespace

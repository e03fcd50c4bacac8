// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Programs that need several passes over the batch enter: softmax over it, normalisation by it; they must agree with the oracle.
#include "oracle.hpp"

namespace {

using ddx::grad, ddx::max, ddx::mean, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::array<"X", "n", "k"> X;
constexpr ddx::array<"Y", "n", "k"> Y;
constexpr ddx::array<"v", "n"> v;
constexpr ddx::array<"u", "n"> u;
constexpr ddx::array<"g", "k"> g;

constexpr auto softmax_k = exp(X - max<"k">(X)) / sum<"k">(exp(X - max<"k">(X)));
constexpr auto log_sum_exp_k = max<"k">(X) + log(sum<"k">(exp(X - max<"k">(X))));
constexpr auto softmax_n = exp(v - max<"n">(v)) / sum<"n">(exp(v - max<"n">(v)));
constexpr auto log_sum_exp_n = max<"n">(v) + log(sum<"n">(exp(v - max<"n">(v))));

TEST_CASE("softmax over an axis within the rows") {
  for (std::ptrdiff_t n : oracle::extents)
    for (std::ptrdiff_t k : {1, 3, 10, 17}) {
      random_elements<float> x(1, n * k);
      CAPTURE(n, k);
      CHECK(check<softmax_k, log_sum_exp_k>::within(32, X = x.view(n, k)) == "");
    }
}

TEST_CASE("softmax over the batch takes several passes") {
  for (std::ptrdiff_t n : {1, 7, 16, 67, 2500}) {
    random_elements<float> x(1, n);
    CAPTURE(n);
    CHECK(check<softmax_n, log_sum_exp_n>::within(64, v = x.view(n)) == "");
  }
}

TEST_CASE("cross-entropy of a softmax and its gradient") {
  constexpr auto loss = mean<"n">(log_sum_exp_k - sum<"k">(X * Y));
  for (std::ptrdiff_t n : {1, 8, 33})
    for (std::ptrdiff_t k : {1, 2, 10, 17}) {
      random_elements<double> x(1, n * k);
      random_elements<bool> hot(2, n * k);
      CAPTURE(n, k);
      CHECK(check<loss, grad(loss, X)>::within(64, X = x.view(n, k), Y = hot.view(n, k)) == "");
    }
}

TEST_CASE("the gradient of log-sum-exp over the batch is the softmax") {
  for (std::ptrdiff_t n : {1, 16, 67}) {
    random_elements<double> x(1, n), y(2, n);
    CAPTURE(n);
    CHECK(check<log_sum_exp_n, grad(log_sum_exp_n, v)>::within(64, v = x.view(n)) == "");
    CHECK(check<sum<"n">(softmax_n * u), grad(sum<"n">(softmax_n * u), v, u)>::within(64, v = x.view(n),
                                                                                      u = y.view(n)) == "");
  }
}

TEST_CASE("normalisation by the mean and the deviation of the batch") {
  constexpr auto centred = X - mean<"n">(X);
  constexpr auto deviation = sqrt(mean<"n">(pow(centred, 2)) + 1e-3);
  for (std::ptrdiff_t n : {1, 2, 16, 33, 100})
    for (std::ptrdiff_t k : {1, 7, 16}) {
      random_elements<double> x(1, n * k), scale(2, k);
      CAPTURE(n, k);
      CHECK(check<centred, centred / deviation * g>::within(256, X = x.view(n, k), g = scale.view(k)) == "");
      constexpr auto loss = sum<"n">(sum<"k">(sin(centred / deviation * g)));
      CHECK(check<loss, grad(loss, X, g)>::within(4096, X = x.view(n, k), g = scale.view(k)) == "");
    }
}

TEST_CASE("normalisation of each row") {
  constexpr auto centred = X - mean<"k">(X);
  constexpr auto loss = sum<"n">(sum<"k">(pow(centred / sqrt(mean<"k">(pow(centred, 2)) + 0.01) - Y, 2)));
  for (std::ptrdiff_t n : {1, 9, 40}) {
    std::ptrdiff_t const k = 13;
    random_elements<double> x(1, n * k), y(2, n * k);
    CAPTURE(n);
    CHECK(check<loss, grad(loss, X, Y)>::within(4096, X = x.view(n, k), Y = y.view(n, k)) == "");
  }
}

TEST_CASE("values of an earlier pass are used on other axes in a later one") {
  for (std::ptrdiff_t n : {1, 16, 40, 100}) {
    std::ptrdiff_t const k = 9;
    random_elements<float> x(1, n * k), a(2, n), c(3, k);
    CAPTURE(n);
    CHECK(check<X*(exp(v) - mean<"n">(exp(v))), sum<"n">(X * (v - max<"n">(v)) * g)>::within(
              64, X = x.view(n, k), v = a.view(n), g = c.view(k)) == "");
    CHECK(check<sum<"k">((X - mean<"n">(X)) * (sin(v) - mean<"n">(v)) * g), where(v > mean<"n">(v), X, -X)>::within(
              64, X = x.view(n, k), v = a.view(n), g = c.view(k)) == "");
  }
}

TEST_CASE("a condition that is stored between nests is a condition again") {
  for (std::ptrdiff_t n : {1, 16, 40}) {
    std::ptrdiff_t const k = 9;
    random_elements<float> x(1, n * k), a(2, n), c(3, k);
    CAPTURE(n);
    CHECK(check<where(v > 0, X, g), where(v > 0 && g < 0, X, 1), sum<"n">(where(v > u, X, 0))>::within(
              64, X = x.view(n, k), v = a.view(n), g = c.view(k), u = a.view(n)) == "");
    CHECK(check<where(sum<"k">(X) > 0, X, g), where(mean<"n">(v) < 0.1, X * v, g)>::within(
              64, X = x.view(n, k), v = a.view(n), g = c.view(k)) == "");
  }
}

}  // namespace

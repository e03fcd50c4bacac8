// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Losses in which the gradient of one parameter needs another enter; all updates must use the old values.
#include "step_oracle.hpp"

namespace {

using ddx::mean, ddx::sum;
using oracle::random_elements;
using oracle::step_check;

constexpr ddx::array<"P", "n"> P;
constexpr ddx::array<"Q", "n"> Q;
constexpr ddx::array<"R", "n", "d"> R;
constexpr ddx::array<"V", "d"> V;
constexpr ddx::array<"W", "d"> W;
constexpr ddx::array<"M", "d", "k"> M;
constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::var<"s"> s;

constexpr std::ptrdiff_t rows[]{1, 7, 16, 33, 100};
constexpr std::ptrdiff_t d = 19;

TEST_CASE("two vectors whose gradients are each other") {
  for (std::ptrdiff_t count : {1, 16, 37}) {
    random_elements<double> a(1, count), c(2, count);
    CAPTURE(count);
    CHECK(step_check<sum<"d">(V * pow(W, 2)), V, W>::within(16, 0.125, 3, V = a.view(count), W = c.view(count)) == "");
    CHECK(step_check<sum<"d">(sin(V * W) * V), W, V>::within(16, 0.125, 3, V = a.view(count), W = c.view(count)) == "");
  }
}

TEST_CASE("two vectors over the batch whose gradients are each other") {
  for (std::ptrdiff_t n : rows) {
    random_elements<double> a(1, n), c(2, n);
    CAPTURE(n);
    CHECK(step_check<sum<"n">(P * pow(Q, 2)), P, Q>::within(16, 0.125, 3, P = a.view(n), Q = c.view(n)) == "");
    CHECK(step_check<mean<"n">(exp(P * Q) + P), Q, P>::within(16, 0.125, 3, P = a.view(n), Q = c.view(n)) == "");
  }
}

TEST_CASE("a vector and a matrix over the batch whose gradients need each other") {
  for (std::ptrdiff_t n : rows) {
    random_elements<double> a(1, n), c(2, n * d), e(3, n * d), g(4, d);
    CAPTURE(n);
    CHECK(step_check<sum<"n">(sum<"d">(pow(P, 2) * pow(R, 2))), P, R>::within(64, 0.0625, 2, P = a.view(n),
                                                                              R = c.view(n, d)) == "");
    CHECK(step_check<sum<"n">(sum<"d">(pow(P, 2) * X * pow(R, 3))), R, P>::within(
              64, 0.0625, 2, P = a.view(n), R = c.view(n, d), X = e.view(n, d)) == "");
    CHECK(step_check<sum<"n">(sum<"d">(sin(P * R) * W)), R, P, W>::within(64, 0.0625, 2, P = a.view(n),
                                                                          R = c.view(n, d), W = g.view(d)) == "");
  }
}

TEST_CASE("a vector and a matrix without the batch whose gradients need each other") {
  std::ptrdiff_t const k = 5;
  random_elements<double> a(1, d), c(2, d * k);
  CHECK(step_check<sum<"d">(sum<"k">(pow(V, 2) * pow(M, 2))), V, M>::within(64, 0.0625, 3, V = a.view(d),
                                                                            M = c.view(d, k)) == "");
  CHECK(step_check<sum<"d">(sum<"k">(V * M)), V, M>::within(64, 0.0625, 3, V = a.view(d), M = c.view(d, k)) == "");
  CHECK(step_check<sum<"k">(pow(sum<"d">(V * M), 2)), M, V>::within(64, 0.0625, 3, V = a.view(d), M = c.view(d, k)) ==
        "");
}

TEST_CASE("a parameter over the batch and one beside it") {
  for (std::ptrdiff_t n : rows) {
    random_elements<double> a(1, n), c(2, n * d), e(3, d), f(4, n);
    double number = 0.5;
    CAPTURE(n);
    CHECK(step_check<mean<"n">(pow(sum<"d">(X * W) + P * s - Q, 2)), W, P, s>::within(
              64, 0.0625, 3, X = c.view(n, d), W = e.view(d), P = a.view(n), Q = f.view(n), s = number) == "");
    CHECK(step_check<mean<"n">(pow(sum<"d">(R * W), 2)), W, R>::within(64, 0.0625, 3, R = c.view(n, d),
                                                                       W = e.view(d)) == "");
  }
}

TEST_CASE("a matrix over the batch is trained alone, in both orders of its axes") {
  constexpr ddx::array<"T", "d", "n"> T;
  for (std::ptrdiff_t n : rows) {
    random_elements<double> c(2, n * d), x(4, n * d);
    CAPTURE(n);
    CHECK(step_check<sum<"n">(pow(sum<"d">(T * X), 2)), T>::within(256, 0.015625, 3, T = c.view(d, n),
                                                                   X = x.view(n, d)) == "");
    CHECK(step_check<sum<"n">(pow(sum<"d">(X * T), 2)), X, T>::within(256, 0.015625, 3, T = c.view(d, n),
                                                                      X = x.view(n, d)) == "");
  }
}

TEST_CASE("a matrix over the batch is updated from any address, rows of whole cache lines or not") {
  for (std::ptrdiff_t n : rows)
    for (std::ptrdiff_t columns : {1, 19, 64, 80})
      for (std::ptrdiff_t offset : {0, 1, 7}) {
        random_elements<double> c(2, n * columns, -2, 2, offset), e(3, columns);
        CAPTURE(n, columns, offset);
        CHECK(step_check<sum<"n">(sum<"d">(pow(R - W, 2))), R, W>::within(64, 0.0625, 3, R = c.view(n, columns),
                                                                          W = e.view(columns)) == "");
      }
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Losses that read a parameter over the batch in several nests or passes enter; all of them must see its old value.
#include "step_oracle.hpp"

namespace {

using ddx::max, ddx::mean, ddx::sum;
using oracle::random_elements;
using oracle::step_check;

constexpr ddx::array<"P", "n"> P;
constexpr ddx::array<"Q", "n"> Q;
constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::var<"s"> s;

constexpr std::ptrdiff_t rows[]{1, 7, 16, 33, 100};
constexpr std::ptrdiff_t d = 19;

TEST_CASE("a parameter over the batch that a later pass reads keeps its old value until then") {
  for (std::ptrdiff_t n : rows) {
    random_elements<double> a(1, n), c(2, n);
    CAPTURE(n);
    CHECK(step_check<sum<"n">(where(P * 3 > mean<"n">(Q), Q, 2 * Q) + pow(P, 2)), P>::within(64, 0.25, 2, P = a.view(n),
                                                                                             Q = c.view(n)) == "");
    CHECK(step_check<sum<"n">(where(exp(P) > mean<"n">(Q), Q, 2 * Q) + pow(P, 2)), P, Q>::within(
              64, 0.25, 2, P = a.view(n), Q = c.view(n)) == "");
    CHECK(step_check<mean<"n">(pow(P - mean<"n">(P), 2)), P>::within(64, 0.25, 2, P = a.view(n)) == "");
    CHECK(step_check<max<"n">(P) + sum<"n">(P * Q), P>::within(64, 0.25, 2, P = a.view(n), Q = c.view(n)) == "");
    CHECK(step_check<max<"n">(P) + log(sum<"n">(exp(P - max<"n">(P)))) - sum<"n">(P * Q), P, Q>::within(
              64, 0.25, 2, P = a.view(n), Q = c.view(n)) == "");
  }
}

TEST_CASE("a parameter over the batch that a later nest of the pass reads keeps its old value until then") {
  for (std::ptrdiff_t n : rows) {
    random_elements<double> a(1, n), c(2, n * d);
    double number = 2;
    CAPTURE(n);
    CHECK(step_check<sum<"n">(where(P * 3 > sum<"d">(X), 1, 2) * s + pow(P, 2)), P, s>::within(
              64, 0.25, 2, P = a.view(n), X = c.view(n, d), s = number) == "");
    CHECK(step_check<sum<"n">(sum<"d">(where(X > P, X, 0)) + pow(P, 2)), P>::within(64, 0.25, 2, P = a.view(n),
                                                                                    X = c.view(n, d)) == "");
    CHECK(step_check<sum<"n">(pow(P, 2) + sin(P * sum<"d">(X))), P>::within(64, 0.25, 2, P = a.view(n),
                                                                            X = c.view(n, d)) == "");
  }
}

}  // namespace

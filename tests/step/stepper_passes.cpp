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

// The gradient of each factor is a contraction that reads the other one, which the same pass updates or the next one reads.
TEST_CASE("both factors of a matrix are trained, one of them over the batch") {
  constexpr ddx::array<"Target", "n", "h"> Target;
  constexpr ddx::array<"F", "n", "f"> F;
  constexpr ddx::array<"G", "f", "h"> G;
  constexpr auto loss = mean<"n">(sum<"h">(pow(sum<"f">(F * G) - Target, 2)));
  for (std::ptrdiff_t n : {1, 13, 60, 300}) {
    std::ptrdiff_t const f = 5, h = 21;
    random_elements<float> target(1, n * h), first(2, n * f, -0.5, 0.5), second(3, f * h, -0.5, 0.5);
    CAPTURE(n);
    CHECK(step_check<loss, F, G>::within(64, 0.125, 3, Target = target.view(n, h), F = first.view(n, f),
                                         G = second.view(f, h)) == "");
  }
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Steps whose parameters are read at offsets enter; all updates must use the old values, with any number of threads.
#include "step_oracle.hpp"

namespace {

using ddx::sum;
using oracle::random_elements;
using oracle::step_check;

constexpr ddx::axis<"n"> n;
constexpr ddx::axis<"d"> d;
constexpr ddx::array<"P", "n"> P;
constexpr ddx::array<"Q", "n"> Q;
constexpr ddx::array<"V", "d"> V;
constexpr ddx::array<"R", "n", "d"> R;
constexpr ddx::array<"X", "n", "d"> X;

constexpr auto chain = sum<"n">(pow(P[n + 1] - P * P, 2) + pow(1 - P, 2)) / 16;
constexpr auto together = sum<"n">(pow(P[n + 1] * Q[n - 1] - P[n - 2], 2)) / 16;
constexpr auto smooth = sum<"n">(sum<"d">(pow(R[n + 1] - R[d - 1] * X + V[d + 1], 2))) / 16;
constexpr auto filtered = sum<"n">(pow(sum<"d">(X * (V[d + 1] - V)) - Q[n + 1], 2)) / 64;

TEST_CASE("parameters over the batch that are read at offsets move by their old values") {
  for (std::ptrdiff_t rows : {1, 2, 7, 16, 33, 5000}) {
    random_elements<double> a(1, rows), b(2, rows);
    CAPTURE(rows);
    CHECK(step_check<chain, P>::within(64, 0.125, 3, P = a.view(rows)) == "");
    CHECK(step_check<together, P, Q>::within(64, 0.0625, 2, P = a.view(rows), Q = b.view(rows)) == "");
  }
}

TEST_CASE("so do matrices and what lies beside them") {
  for (std::ptrdiff_t rows : {1, 9, 40}) {
    random_elements<double> a(1, rows * 19), b(2, rows * 19), c(3, 19), e(4, rows);
    CAPTURE(rows);
    CHECK(step_check<smooth, R, V>::within(256, 0.0625, 2, R = a.view(rows, 19), X = b.view(rows, 19),
                                           V = c.view(19)) == "");
    CHECK(step_check<filtered, V, Q>::within(256, 0.0625, 2, X = b.view(rows, 19), V = c.view(19), Q = e.view(rows)) ==
          "");
  }
}

TEST_CASE("parameters that are scanned move by their old values") {
  constexpr auto walk = sum<"n">(pow(ddx::cumsum<"n">(P) - Q, 2) + ddx::recurrence(n + 1, 0.5, P * Q)) / 256;
  for (std::ptrdiff_t rows : {1, 7, 33}) {
    random_elements<double> a(1, rows), b(2, rows);
    CAPTURE(rows);
    CHECK(step_check<walk, P, Q>::within(256, 0.0625, 2, P = a.view(rows), Q = b.view(rows)) == "");
  }
}

TEST_CASE("steps with momentum keep all of it apart") {
  std::vector<double> p(300), before, velocity(300);
  for (std::size_t i = 0; i < p.size(); ++i) p[i] = static_cast<double>(i * 37 % 11) / 8;
  before = p;
  auto step = ddx::stepper<chain, P>(ddx::momentum{.lr = 0.125, .beta = 0.5});
  for (int k = 0; k < 3; ++k) {
    step(P = p);
    std::vector<double> slope(p.size());
    for (std::size_t i = 0; i + 1 < p.size(); ++i) {
      double const gap = before[i + 1] - before[i] * before[i];
      slope[i] += (-4 * gap * before[i] - 2 * (1 - before[i])) / 16;
      slope[i + 1] += 2 * gap / 16;
    }
    for (std::size_t i = 0; i < p.size(); ++i) {
      velocity[i] = 0.5 * velocity[i] + slope[i];
      before[i] -= 0.125 * velocity[i];
      CHECK(p[i] == Approx(before[i]).epsilon(1e-12));
    }
  }
}

}  // namespace

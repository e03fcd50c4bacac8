// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Programs drawn at random once, and kept, enter; kernels must compute what the oracle does.
#include "random_programs.hpp"

namespace {

using namespace random_programs;

TEST_CASE("random program 31 agrees with its definition") {
  constexpr auto f = sum<"n">(max((X) / (abs(A) + 1), 1.5));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements A_(6, n * d), X_(9, n * k * d);
    CHECK(check<f>::within(units, A = A_.view(n, d), X = X_.view(n, k, d)) == "");
  }
}

TEST_CASE("random program 32 agrees with its definition") {
  constexpr auto loss = sum<"n">(
      mean<"k">(sum<"d">((max((where(v < 0.25, T, A) * T), (where(v >= 0.25, t, T) * M))) / (abs(sum<"d">(w)) + 1))));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), w_(5, d), A_(6, n * d), T_(7, d * n), M_(8, d * k);
    CHECK(check<loss, grad(loss, t, w, T)>::within(units, t = 1.25, v = v_.view(n), w = w_.view(d), A = A_.view(n, d),
                                                   T = T_.view(d, n), M = M_.view(d, k)) == "");
  }
}

TEST_CASE("random program 33 agrees with its definition") {
  constexpr auto loss = mean<"n">(sum<"k">(mean<"d">((mean<"n">(tanh((A))) * X))));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements A_(6, n * d), X_(9, n * k * d);
    CHECK(check<loss, grad(loss, X)>::within(units, A = A_.view(n, d), X = X_.view(n, k, d)) == "");
  }
}

TEST_CASE("random program 34 agrees with its definition") {
  constexpr auto f = sum<"d">(max((w - s), (w + w)));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements w_(5, d);
    CHECK(check<f>::within(units, s = 0.75, w = w_.view(d)) == "");
  }
}

TEST_CASE("random program 35 agrees with its definition") {
  constexpr auto f = sum<"d">((exp((max<"n">(v)) * 0.125) - (where(M >= 0.25, y, A)) / (abs(T) + 1)));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), y_(4, n), A_(6, n * d), T_(7, d * n), M_(8, d * k);
    CHECK(check<f>::within(units, v = v_.view(n), y = y_.view(n), A = A_.view(n, d), T = T_.view(d, n),
                           M = M_.view(d, k)) == "");
  }
}

TEST_CASE("random program 36 agrees with its definition") {
  constexpr auto f = sum<"d">(atan(((y * w))));
  constexpr auto loss = mean<"n">(f);
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements y_(4, n), w_(5, d);
    CHECK(check<loss, grad(loss, y, w), f>::within(units, y = y_.view(n), w = w_.view(d)) == "");
  }
}

TEST_CASE("random program 37 agrees with its definition") {
  constexpr auto f = max<"n">(((A * A) + sin((s))));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements A_(6, n * d);
    CHECK(check<f>::within(units, s = 0.75, A = A_.view(n, d)) == "");
  }
}

TEST_CASE("random program 38 agrees with its definition") {
  constexpr auto loss = sum<"n">(sum<"d">(tanh(((sum<"n">(T) - (v * A))))));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), A_(6, n * d), T_(7, d * n);
    CHECK(check<loss, grad(loss, T)>::within(units, v = v_.view(n), A = A_.view(n, d), T = T_.view(d, n)) == "");
  }
}

TEST_CASE("random program 39 agrees with its definition") {
  constexpr auto loss = mean<"n">(mean<"d">(min(((A * s) + A), sum<"n">(y))));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements y_(4, n), A_(6, n * d);
    CHECK(check<loss, grad(loss, s, A)>::within(units, s = 0.75, y = y_.view(n), A = A_.view(n, d)) == "");
  }
}

TEST_CASE("random program 40 agrees with its definition") {
  constexpr auto f = (min(sum<"d">((w - 2)), 0.5)) / (abs(X) + 1);
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements w_(5, d), X_(9, n * k * d);
    CHECK(check<f>::within(units, w = w_.view(d), X = X_.view(n, k, d)) == "");
  }
}

}  // namespace

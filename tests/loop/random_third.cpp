// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Programs drawn at random once, and kept, enter; kernels must compute what the oracle does.
#include "random_programs.hpp"

namespace {

using namespace random_programs;

TEST_CASE("random program 21 agrees with its definition") {
  constexpr auto f = mean<"n">(((v * T) * (1.5 * w)));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), w_(5, d), T_(7, d * n);
    CHECK(check<f>::within(units, v = v_.view(n), w = w_.view(d), T = T_.view(d, n)) == "");
  }
}

TEST_CASE("random program 22 agrees with its definition") {
  constexpr auto f = (2 + ((y) / (abs(v) + 1) * sum<"d">(w)));
  constexpr auto loss = sum<"n">(f);
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), y_(4, n), w_(5, d);
    CHECK(check<loss, grad(loss, v, y, w), f>::within(units, v = v_.view(n), y = y_.view(n), w = w_.view(d)) == "");
  }
}

TEST_CASE("random program 23 agrees with its definition") {
  constexpr auto f = ((mean<"n">(A) - A) * mean<"d">(T));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements A_(6, n * d), T_(7, d * n);
    CHECK(check<f>::within(units, A = A_.view(n, d), T = T_.view(d, n)) == "");
  }
}

TEST_CASE("random program 24 agrees with its definition") {
  constexpr auto f = (((max(w, w) * mean<"d">(A)) * (v * X))) / (abs(v) + 1);
  constexpr auto loss = mean<"n">(sum<"k">(sum<"d">(f)));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), w_(5, d), A_(6, n * d), X_(9, n * k * d);
    CHECK(check<loss, grad(loss, X), f>::within(units, v = v_.view(n), w = w_.view(d), A = A_.view(n, d),
                                                X = X_.view(n, k, d)) == "");
  }
}

TEST_CASE("random program 25 agrees with its definition") {
  constexpr auto f = (max<"d">((A * w))) / (abs(s) + 1);
  constexpr auto loss = mean<"n">(f);
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements w_(5, d), A_(6, n * d);
    CHECK(check<loss, grad(loss, w, A), f>::within(units, s = 0.75, w = w_.view(d), A = A_.view(n, d)) == "");
  }
}

TEST_CASE("random program 26 agrees with its definition") {
  constexpr auto f = exp((((sum<"n">(y) - y) - w)) * 0.125);
  constexpr auto loss = sum<"n">(sum<"d">(f));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements y_(4, n), w_(5, d);
    CHECK(check<loss, grad(loss, y, w), f>::within(units, y = y_.view(n), w = w_.view(d)) == "");
  }
}

TEST_CASE("random program 27 agrees with its definition") {
  constexpr auto f = where(exp((max<"k">(M)) * 0.125) >= 0.25, y, M);
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements y_(4, n), M_(8, d * k);
    CHECK(check<f>::within(units, y = y_.view(n), M = M_.view(d, k)) == "");
  }
}

TEST_CASE("random program 28 agrees with its definition") {
  constexpr auto f = (sum<"n">((y) / (abs(w) + 1))) / (abs(where(s <= 0.25, sqrt(abs((y)) + 0.5), (v * 0.5))) + 1);
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), y_(4, n), w_(5, d);
    CHECK(check<f>::within(units, s = 0.75, v = v_.view(n), y = y_.view(n), w = w_.view(d)) == "");
  }
}

TEST_CASE("random program 29 agrees with its definition") {
  constexpr auto loss = sigmoid(((sum<"n">(v) + sum<"d">(w))));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), w_(5, d);
    CHECK(check<loss, grad(loss, v)>::within(units, v = v_.view(n), w = w_.view(d)) == "");
  }
}

TEST_CASE("random program 30 agrees with its definition") {
  constexpr auto f = sum<"k">(mean<"d">((atan((w)) + M)));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements w_(5, d), M_(8, d * k);
    CHECK(check<f>::within(units, w = w_.view(d), M = M_.view(d, k)) == "");
  }
}

}  // namespace

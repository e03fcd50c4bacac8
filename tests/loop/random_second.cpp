// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Programs drawn at random once, and kept, enter; kernels must compute what the oracle does.
#include "random_programs.hpp"

namespace {

using namespace random_programs;

TEST_CASE("random program 11 agrees with its definition") {
  constexpr auto f = where(softplus(((X * w))) >= 0.25, (max<"n">((v + 2)) * v), (M * X));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), w_(5, d), M_(8, d * k), X_(9, n * k * d);
    CHECK(check<f>::within(units, v = v_.view(n), w = w_.view(d), M = M_.view(d, k), X = X_.view(n, k, d)) == "");
  }
}

TEST_CASE("random program 12 agrees with its definition") {
  constexpr auto f = where((v - T) < 0.25, relu((mean<"d">(w))), (s + s));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), w_(5, d), T_(7, d * n);
    CHECK(check<f>::within(units, s = 0.75, v = v_.view(n), w = w_.view(d), T = T_.view(d, n)) == "");
  }
}

TEST_CASE("random program 13 agrees with its definition") {
  constexpr auto f =
      (softplus((sin((max<"d">(A)))))) / (abs((where(w < 0.25, mean<"n">(v), max(A, X)) * (max<"d">(w) + w))) + 1);
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), w_(5, d), A_(6, n * d), X_(9, n * k * d);
    CHECK(check<f>::within(units, v = v_.view(n), w = w_.view(d), A = A_.view(n, d), X = X_.view(n, k, d)) == "");
  }
}

TEST_CASE("random program 14 agrees with its definition") {
  constexpr auto loss = mean<"n">(mean<"d">(where(sum<"k">(X) <= 0.25, tanh(((1.5 * v))), softplus((pow((s), 2))))));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), X_(9, n * k * d);
    CHECK(check<loss, grad(loss, v)>::within(units, s = 0.75, v = v_.view(n), X = X_.view(n, k, d)) == "");
  }
}

TEST_CASE("random program 15 agrees with its definition") {
  constexpr auto f = mean<"k">(max(sum<"d">(M), (s + s)));
  constexpr auto loss = f;
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements M_(8, d * k);
    CHECK(check<loss, grad(loss, s), f>::within(units, s = 0.75, M = M_.view(d, k)) == "");
  }
}

TEST_CASE("random program 16 agrees with its definition") {
  constexpr auto f = ((relu(((X) / (abs(t) + 1))) - X) - mean<"d">(sqrt(abs(((2 - w))) + 0.5)));
  constexpr auto loss = sum<"n">(mean<"k">(mean<"d">(f)));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements w_(5, d), X_(9, n * k * d);
    CHECK(check<loss, grad(loss, t, w, X), f>::within(units, t = 1.25, w = w_.view(d), X = X_.view(n, k, d)) == "");
  }
}

TEST_CASE("random program 17 agrees with its definition") {
  constexpr auto f = ((((A + T)) / (abs(sum<"n">(y)) + 1)) / (abs((v * s)) + 1) * max<"d">(sum<"n">(A)));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), y_(4, n), A_(6, n * d), T_(7, d * n);
    CHECK(check<f>::within(units, s = 0.75, v = v_.view(n), y = y_.view(n), A = A_.view(n, d), T = T_.view(d, n)) ==
          "");
  }
}

TEST_CASE("random program 18 agrees with its definition") {
  constexpr auto f = log(abs(((sin((T)) - max<"k">(M)))) + 0.5);
  constexpr auto loss = sum<"n">(mean<"d">(f));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements T_(7, d * n), M_(8, d * k);
    CHECK(check<loss, grad(loss, T, M), f>::within(units, T = T_.view(d, n), M = M_.view(d, k)) == "");
  }
}

TEST_CASE("random program 19 agrees with its definition") {
  constexpr auto loss = mean<"d">((tanh((sum<"n">(T)))) / (abs((w * w)) + 1));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements w_(5, d), T_(7, d * n);
    CHECK(check<loss, grad(loss, w, T)>::within(units, w = w_.view(d), T = T_.view(d, n)) == "");
  }
}

TEST_CASE("random program 20 agrees with its definition") {
  constexpr auto f = cos((((sum<"d">(M) * y) * (pow((y), 2) * (T) / (abs(v) + 1)))));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), y_(4, n), T_(7, d * n), M_(8, d * k);
    CHECK(check<f>::within(units, v = v_.view(n), y = y_.view(n), T = T_.view(d, n), M = M_.view(d, k)) == "");
  }
}

}  // namespace

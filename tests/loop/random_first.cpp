// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Programs drawn at random once, and kept, enter; kernels must compute what the oracle does.
#include "random_programs.hpp"

namespace {

using namespace random_programs;

TEST_CASE("random program 1 agrees with its definition") {
  constexpr auto f = where(exp((s) * 0.125) <= 0.25, ((v * -1) - T), max<"d">((w - s)));
  constexpr auto loss = mean<"n">(sum<"d">(f));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), w_(5, d), T_(7, d * n);
    CHECK(check<loss, grad(loss, v, w), f>::within(units, s = 0.75, v = v_.view(n), w = w_.view(d),
                                                   T = T_.view(d, n)) == "");
  }
}

TEST_CASE("random program 2 agrees with its definition") {
  constexpr auto f = (max<"n">(v) + mean<"n">((s + X)));
  constexpr auto loss = mean<"k">(mean<"d">(f));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), X_(9, n * k * d);
    CHECK(check<loss, grad(loss, v), f>::within(units, s = 0.75, v = v_.view(n), X = X_.view(n, k, d)) == "");
  }
}

TEST_CASE("random program 3 agrees with its definition") {
  constexpr auto loss = mean<"k">(sum<"d">(softplus(((M) / (abs(w) + 1)))));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements w_(5, d), M_(8, d * k);
    CHECK(check<loss, grad(loss, w, M)>::within(units, w = w_.view(d), M = M_.view(d, k)) == "");
  }
}

TEST_CASE("random program 4 agrees with its definition") {
  constexpr auto f = sum<"k">(max<"n">((exp((v) * 0.125) - M)));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), M_(8, d * k);
    CHECK(check<f>::within(units, v = v_.view(n), M = M_.view(d, k)) == "");
  }
}

TEST_CASE("random program 5 agrees with its definition") {
  constexpr auto loss = sum<"d">(mean<"n">(max(w, (where(v < 0.25, v, y) - (y + v)))));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), y_(4, n), w_(5, d);
    CHECK(check<loss, grad(loss, v, w)>::within(units, v = v_.view(n), y = y_.view(n), w = w_.view(d)) == "");
  }
}

TEST_CASE("random program 6 agrees with its definition") {
  constexpr auto loss = sum<"n">(
      sum<"k">(sum<"d">(where(sum<"n">(v) < 0.25, ((2 - A) + M), ((2) / (abs(A) + 1) * where(A <= 0.25, y, M))))));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), y_(4, n), A_(6, n * d), M_(8, d * k);
    CHECK(check<loss, grad(loss, y, A)>::within(units, v = v_.view(n), y = y_.view(n), A = A_.view(n, d),
                                                M = M_.view(d, k)) == "");
  }
}

TEST_CASE("random program 7 agrees with its definition") {
  constexpr auto f =
      where(-(where(v >= 0.25, A, T)) <= 0.25, ((1.5 + w) * w), ((-(T)) / (abs(M) + 1)) / (abs(sum<"n">(v)) + 1));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), w_(5, d), A_(6, n * d), T_(7, d * n), M_(8, d * k);
    CHECK(check<f>::within(units, v = v_.view(n), w = w_.view(d), A = A_.view(n, d), T = T_.view(d, n),
                           M = M_.view(d, k)) == "");
  }
}

TEST_CASE("random program 8 agrees with its definition") {
  constexpr auto f = tanh(((mean<"d">((A) / (abs(v) + 1)) - 1.5)));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements v_(3, n), A_(6, n * d);
    CHECK(check<f>::within(units, v = v_.view(n), A = A_.view(n, d)) == "");
  }
}

TEST_CASE("random program 9 agrees with its definition") {
  constexpr auto f = min((s) / (abs(max(A, t)) + 1), mean<"n">((A * A)));
  constexpr auto loss = sum<"n">(mean<"d">(f));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements A_(6, n * d);
    CHECK(check<loss, grad(loss, s), f>::within(units, s = 0.75, t = 1.25, A = A_.view(n, d)) == "");
  }
}

TEST_CASE("random program 10 agrees with its definition") {
  constexpr auto loss = mean<"n">(sum<"d">((cos(((y + w))) * sum<"d">(min((y - A), (T - T))))));
  for (auto const& [n, k, d] : shapes) {
    CAPTURE(n, k, d);
    elements y_(4, n), w_(5, d), A_(6, n * d), T_(7, d * n);
    CHECK(check<loss, grad(loss, w, A, T)>::within(units, y = y_.view(n), w = w_.view(d), A = A_.view(n, d),
                                                   T = T_.view(d, n)) == "");
  }
}

}  // namespace

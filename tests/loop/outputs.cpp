// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Outputs that are not simply the end of a loop enter: constants, inputs, broadcasts, the same value twice; they must leave in the shape asked.
#include "oracle.hpp"

namespace {

using ddx::grad, ddx::max, ddx::mean, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::array<"A", "n", "d"> A;
constexpr ddx::array<"T", "d", "n"> T;
constexpr ddx::array<"v", "n"> v;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"s"> s;
constexpr ddx::var<"t"> t;

TEST_CASE("the gradient of a sum of weights is as long as the weights") {
  constexpr auto scaled = sum<"d">(w) * exp(s);
  for (std::ptrdiff_t d : oracle::extents) {
    random_elements<float> c(1, d);
    CAPTURE(d);
    CHECK(check<sum<"d">(w), grad(sum<"d">(w), w)>::within(16, w = c.view(d)) == "");
    CHECK(check<grad(scaled, w, s)>::within(64, w = c.view(d), s = 0.5f) == "");
  }
}

TEST_CASE("a gradient with fewer axes than its variable is repeated along them") {
  constexpr auto by_row = sum<"n">(pow(v, 2) * sum<"d">(A));
  constexpr auto by_column = sum<"n">(sum<"d">(A * exp(w)));
  constexpr auto transposed = sum<"n">(pow(v, 2) * sum<"d">(T));
  for (std::ptrdiff_t n : {0, 1, 9, 40})
    for (std::ptrdiff_t d : {0, 1, 7, 33}) {
      random_elements<float> a(1, n * d), b(2, n), c(3, d);
      CAPTURE(n, d);
      CHECK(check<by_row, grad(by_row, A, v)>::within(64, A = a.view(n, d), v = b.view(n)) == "");
      CHECK(check<grad(by_column, A)>::within(64, A = a.view(n, d), w = c.view(d)) == "");
      CHECK(check<grad(by_column, A, w), exp(w)>::within(64, A = a.view(n, d), w = c.view(d)) == "");
      CHECK(check<grad(transposed, T)>::within(64, T = a.view(d, n), v = b.view(n)) == "");
    }
}

TEST_CASE("a gradient that is a condition or a finished sum is repeated as well") {
  constexpr auto above = sum<"n">(sum<"d">(A * (v > mean<"n">(v))));
  constexpr auto total = sum<"n">(sum<"d">(A)) * sum<"n">(v);
  for (std::ptrdiff_t n : {1, 9, 40}) {
    std::ptrdiff_t const d = 5;
    random_elements<double> a(1, n * d), b(2, n);
    CAPTURE(n);
    CHECK(check<grad(above, A)>::within(64, A = a.view(n, d), v = b.view(n)) == "");
    CHECK(check<grad(total, A, v)>::within(64, A = a.view(n, d), v = b.view(n)) == "");
  }
}

TEST_CASE("an output that is an input is copied, in the elements of the result") {
  for (std::ptrdiff_t n : {0, 1, 17}) {
    random_elements<std::uint8_t> a(1, n * 3, 0, 255);
    random_elements<float> b(2, n);
    CAPTURE(n);
    CHECK(check<A, v, s>::within(0, A = a.view(n, 3), v = b.view(n), s = 2.5f) == "");
  }
}

TEST_CASE("an output that is a constant needs no loop") {
  random_elements<float> b(2, 9);
  CHECK(check<diff(sum<"n">(v) + 3 * s, s), diff(2 * s, s)>::within(0, v = b.view(9), s = 1.0f) == "");
}

TEST_CASE("the gradient by a variable that does not matter is zero") {
  constexpr auto f = sum<"n">(sign(v) * 3) + s + 0 * t;
  for (std::ptrdiff_t n : {0, 1, 17}) {
    random_elements<float> b(2, n);
    CHECK(check<f, grad(f, v, s)>::within(0, v = b.view(n), s = 1.0f, t = 2.0f) == "");
  }
}

TEST_CASE("the same value as two outputs is written twice") {
  for (std::ptrdiff_t n : {1, 8, 35}) {
    random_elements<double> a(1, n * 6);
    CAPTURE(n);
    CHECK(check<sum<"d">(A), sum<"d">(A), exp(sum<"d">(A) / 8), sum<"n">(sum<"d">(A)), sum<"n">(sum<"d">(A))>::within(
              64, A = a.view(n, 6)) == "");
    CHECK(check<A + 1, A + 1, sum<"d">(A + 1)>::within(64, A = a.view(n, 6)) == "");
  }
}

TEST_CASE("an output that other outputs use is both handed over and used") {
  for (std::ptrdiff_t n : {1, 8, 35, 100}) {
    std::ptrdiff_t const d = 12;
    random_elements<float> a(1, n * d), c(3, d);
    CAPTURE(n);
    CHECK(check<sum<"d">(A * w), sum<"n">(A * sum<"d">(A * w)), A - mean<"n">(A), mean<"n">(A)>::within(
              128, A = a.view(n, d), w = c.view(d)) == "");
  }
}

TEST_CASE("programs of scalars alone need no arrays") {
  CHECK(check<s * t + sin(s), grad(s * t + sin(s), s, t)>::within(4, s = 0.5, t = 2.0) == "");
  CHECK(check<where(s > t, s, t), pow(s, 3), (s > t)>::within(4, s = 0.5f, t = 2.0f) == "");
}

TEST_CASE("elements that tie for the maximum share its gradient") {
  constexpr auto rows = sum<"n">(v * max<"d">(A));
  std::vector<double> a{1, 3, 3, 2, 2, 2, -1, 0, -1}, b{6, 9, 5};
  std::vector<double> ga(9), gb(3);
  ddx::compile<grad(rows, A, v)>()(ddx::into(ga, gb), A = ddx::view(a, 3, 3), v = b);
  CHECK(ga == std::vector<double>{0, 3, 3, 3, 3, 3, 0, 5, 0});
  CHECK(gb == std::vector<double>{3, 2, 0});
}

// Where an element equals the maximum is found by computing it again: that must give the same bits in every nest and tail.
TEST_CASE("the gradient of a maximum of computed elements finds the largest again") {
  constexpr auto element = A * w + T * s - exp(w * 0.3) * A;
  constexpr auto rows = sum<"n">(max<"d">(element));
  constexpr auto columns = sum<"d">(max<"n">(element));
  constexpr auto all = max<"n">(max<"d">(element));
  for (std::ptrdiff_t n : {1, 2, 9, 16, 33, 100})
    for (std::ptrdiff_t d : {1, 7, 16, 35}) {
      random_elements<float> a(1, n * d), b(2, n * d), c(3, d);
      CAPTURE(n, d);
      CHECK(check<rows, grad(rows, A, T)>::within(256, A = a.view(n, d), T = b.view(d, n), w = c.view(d), s = 0.75f) ==
            "");
      CHECK(check<columns, grad(columns, A, T)>::within(256, A = a.view(n, d), T = b.view(d, n), w = c.view(d),
                                                        s = 0.75f) == "");
      CHECK(check<all, grad(all, A, T)>::within(256, A = a.view(n, d), T = b.view(d, n), w = c.view(d), s = 0.75f) ==
            "");
    }
}

TEST_CASE("a kernel returns numbers and vectors in order") {
  std::vector<float> a{1, 2, 3, 4, 5, 6};
  auto const [total, rows, columns] =
      ddx::compile<sum<"n">(sum<"d">(A)), sum<"d">(A), sum<"n">(A)>()(A = ddx::view(a, 2, 3));
  static_assert(std::is_same_v<decltype(total), float const>);
  CHECK(total == 21);
  CHECK(rows == std::vector<float>{6, 15});
  CHECK(columns == std::vector<float>{5, 7, 9});
  CHECK(ddx::compile<max<"d">(A)>()(A = ddx::view(a, 2, 3)) == std::vector<float>{3, 6});
}

}  // namespace

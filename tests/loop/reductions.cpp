// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Sums, means and maxima over each axis and several of them enter; kernels must compute what the oracle does.
#include "oracle.hpp"

namespace {

using ddx::max, ddx::mean, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::array<"v", "n"> v;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"A", "n", "d"> A;
constexpr ddx::array<"T", "d", "n"> T;
constexpr ddx::var<"s"> s;

TEST_CASE("a vector is reduced to a number") {
  for (std::ptrdiff_t n : oracle::extents) {
    random_elements<float> a(1, n);
    random_elements<double> b(2, n);
    CAPTURE(n);
    CHECK(check<sum<"n">(v), max<"n">(v), sum<"n">(v * v)>::within(64, v = a.view(n)) == "");
    CHECK(check<mean<"n">(v), max<"n">(-v), exp(sum<"n">(v / 8))>::within(64, v = b.view(n)) == "");
  }
}

TEST_CASE("a matrix is reduced over its rows, its columns and both") {
  for (std::ptrdiff_t n : oracle::extents)
    for (std::ptrdiff_t d : oracle::extents) {
      random_elements<float> a(1, n * d);
      CAPTURE(n, d);
      CHECK(check<sum<"d">(A), sum<"n">(A), sum<"n">(sum<"d">(A)), max<"n">(A), max<"d">(A)>::within(
                64, A = a.view(n, d)) == "");
    }
}

TEST_CASE("a matrix declared with the batch second is reduced over both axes") {
  for (std::ptrdiff_t n : oracle::extents)
    for (std::ptrdiff_t d : oracle::few_extents) {
      random_elements<double> t(1, n * d), a(2, n);
      CAPTURE(n, d);
      CHECK(check<sum<"d">(T), mean<"n">(T * v), max<"n">(max<"d">(T))>::within(64, T = t.view(d, n), v = a.view(n)) ==
            "");
    }
}

TEST_CASE("reductions nest, with work between them") {
  for (std::ptrdiff_t n : oracle::few_extents)
    for (std::ptrdiff_t d : oracle::extents) {
      random_elements<float> a(1, n * d), b(2, d);
      CAPTURE(n, d);
      CHECK(check<sum<"n">(exp(sum<"d">(A * w) / 8)), max<"n">(pow(mean<"d">(A), 2))>::within(64, A = a.view(n, d),
                                                                                              w = b.view(d)) == "");
    }
}

TEST_CASE("rows and columns of the same array are reduced and meet again") {
  for (std::ptrdiff_t n : oracle::extents)
    for (std::ptrdiff_t d : oracle::few_extents) {
      random_elements<double> a(1, n * d);
      CAPTURE(n, d);
      CHECK(check<A - sum<"d">(A) * sum<"n">(A)>::within(256, A = a.view(n, d)) == "");
      CHECK(check<sum<"d">(A * sum<"n">(A)), sum<"n">(A * sum<"d">(A))>::within(256, A = a.view(n, d)) == "");
    }
}

TEST_CASE("a sum over an axis that the operand lacks is the extent times the operand") {
  for (std::ptrdiff_t n : oracle::few_extents)
    for (std::ptrdiff_t d : oracle::few_extents) {
      random_elements<float> a(1, n * d), b(2, n), c(3, d);
      CAPTURE(n, d);
      CHECK(check<sum<"d">(v) + sum<"d">(A), sum<"n">(w), sum<"n">(sum<"d">(s))>::within(
                64, A = a.view(n, d), v = b.view(n), w = c.view(d), s = 3.0f) == "");
      if (n == 0)
        continue;  // a mean of nothing is NaN or, where simplification sees that it is one of equal values, that value
      CHECK(check<mean<"n">(w), A + mean<"n">(w)>::within(64, A = a.view(n, d), w = c.view(d)) == "");
    }
}

TEST_CASE("numbers that overflow together do not when they scale what is small") {
  constexpr ddx::var<"m"> m;
  constexpr auto distance = sum<"n">(pow((v - m) / s, 2));
  constexpr auto volume = sum<"n">(pow(s * v, 3));
  std::vector<float> const small{1e-22f, 2e-22f, 3e-22f}, large{1e20f, 2e20f, 3e20f};
  auto const [far, by_v, by_s] = ddx::compile<distance, ddx::grad(distance, v, s)>()(v = small, m = 0.0f, s = 1e-22f);
  CHECK(far == Approx(14));
  CHECK(by_v[2] == Approx(6e22));
  CHECK(by_s == Approx(-2.8e23).epsilon(0.01));  // the squares are subnormal
  auto const [filled, by_large, by_scale] = ddx::compile<volume, ddx::grad(volume, v, s)>()(v = large, s = 1e-20f);
  CHECK(filled == Approx(36));
  CHECK(by_large[0] == Approx(3e-20));
  CHECK(by_scale == Approx(1.08e22));
}

TEST_CASE("positions along axes make a triangle, their number a mean") {
  using ddx::position, ddx::size;
  for (std::ptrdiff_t n : oracle::few_extents) {
    random_elements<double> a(1, n * n);
    double below = 0;
    for (std::ptrdiff_t row = 0; row < n; ++row)
      for (std::ptrdiff_t column = 0; column < row; ++column) below += a.data()[row * n + column];
    CAPTURE(n);
    double found = -1;
    constexpr auto triangle = sum<"n">(sum<"d">(where(position<"d">(A) < position<"n">(A), A, 0)));
    ddx::compile<triangle>()(ddx::into(found), A = a.view(n, n));
    CHECK(found == Approx(below));
    CHECK(check<triangle, sum<"d">(A) / size<"d">(A), position<"n">(A) - A>::within(64, A = a.view(n, n)) == "");
  }
}

TEST_CASE("factors that lack the axis of a sum leave it, whatever the sign and the quotient") {
  for (std::ptrdiff_t n : {1, 16, 33}) {
    std::ptrdiff_t const d = 19;
    random_elements<double> a(1, n * d), b(2, n, 0.5, 2), c(3, d, 0.5, 2);
    CAPTURE(n);
    CHECK(check<sum<"d">(-A * v / 255), sum<"n">(A / w * s), sum<"d">(v / (w * 3)),
                sum<"n">(sum<"d">(-v * w / s))>::within(256, A = a.view(n, d), v = b.view(n), w = c.view(d), s = 0.5) ==
          "");
  }
}

TEST_CASE("sums that combine with maxima over the same data share the pass") {
  for (std::ptrdiff_t n : oracle::extents) {
    random_elements<float> a(1, n * 21), b(2, n);
    CAPTURE(n);
    CHECK(check<max<"n">(v) + sum<"n">(v), max<"d">(A) - sum<"d">(A), max<"n">(A * v),
                sum<"n">(where(v > 0, v, 0))>::within(64, A = a.view(n, 21), v = b.view(n)) == "");
  }
}

}  // namespace

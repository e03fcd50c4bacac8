// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Programs over three and four axes enter: matrix products, attention-like contractions; kernels must agree with the oracle.
#include <ddx/loop/schedule.hpp>

#include "oracle.hpp"

namespace {

using ddx::max, ddx::mean, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::array<"A", "n", "k"> A;
constexpr ddx::array<"B", "k", "d"> B;
constexpr ddx::array<"C", "d", "k"> C;
constexpr ddx::array<"v", "d"> v;
constexpr ddx::array<"u", "n"> u;
constexpr ddx::array<"X", "n", "k", "d"> X;

TEST_CASE("a matrix product is the sum over the inner axis") {
  for (std::ptrdiff_t n : oracle::few_extents)
    for (std::ptrdiff_t k : oracle::few_extents)
      for (std::ptrdiff_t d : oracle::few_extents) {
        random_elements<float> a(1, n * k), b(2, k * d);
        CAPTURE(n, k, d);
        CHECK(check<sum<"k">(A * B)>::within(64, A = a.view(n, k), B = b.view(k, d)) == "");
      }
}

TEST_CASE("a matrix product with the transposed factor is the same sum") {
  for (std::ptrdiff_t n : oracle::few_extents)
    for (std::ptrdiff_t d : oracle::few_extents) {
      std::ptrdiff_t const k = 13;
      random_elements<double> a(1, n * k), c(2, k * d), e(3, d);
      CAPTURE(n, d);
      CHECK(check<sum<"k">(A * C)>::within(64, A = a.view(n, k), C = c.view(d, k)) == "");
      CHECK(check<exp(sum<"k">(A * C) / 16) + v>::within(64, A = a.view(n, k), C = c.view(d, k), v = e.view(d)) == "");
    }
}

TEST_CASE("three axes are reduced one at a time and together") {
  for (std::ptrdiff_t n : {0, 1, 9, 33, 67})
    for (std::ptrdiff_t k : {0, 1, 8, 17})
      for (std::ptrdiff_t d : {0, 1, 7, 16, 33}) {
        random_elements<float> x(1, n * k * d);
        CAPTURE(n, k, d);
        CHECK(check<sum<"n">(X), sum<"k">(X), sum<"d">(X)>::within(64, X = x.view(n, k, d)) == "");
        CHECK(check<max<"k">(sum<"d">(X)), sum<"n">(max<"k">(X)), sum<"n">(sum<"k">(sum<"d">(X)))>::within(
                  128, X = x.view(n, k, d)) == "");
      }
}

TEST_CASE("three axes broadcast vectors and matrices") {
  for (std::ptrdiff_t n : {1, 9, 40})
    for (std::ptrdiff_t k : {1, 5})
      for (std::ptrdiff_t d : {1, 7, 33}) {
        random_elements<double> x(1, n * k * d), a(2, n * k), b(3, k * d), c(4, d), e(5, n);
        CAPTURE(n, k, d);
        CHECK(check<X * A + B - v * u>::within(8, X = x.view(n, k, d), A = a.view(n, k), B = b.view(k, d),
                                               v = c.view(d), u = e.view(n)) == "");
        CHECK(check<sum<"k">(X * A * B), sum<"n">(sum<"k">(X * A)) * v>::within(
                  256, X = x.view(n, k, d), A = a.view(n, k), B = b.view(k, d), v = c.view(d)) == "");
      }
}

// The vector comes first, so the results have the batch as their inner axis; many rows, so that there are several tiles.
TEST_CASE("results whose inner axis is the batch are written in place over several tiles") {
  for (std::ptrdiff_t n : {1, 16, 17, 100}) {
    std::ptrdiff_t const k = 40, d = 35;
    random_elements<float> x(1, n * k * d), c(2, d);
    CAPTURE(n);
    CHECK(check<sum<"k">(v * X)>::within(64, v = c.view(d), X = x.view(n, k, d)) == "");
    CHECK(check<max<"k">(v + X), v * sum<"k">(X)>::within(64, v = c.view(d), X = x.view(n, k, d)) == "");
  }
}

TEST_CASE("four axes are a product of two matrices of matrices") {
  constexpr ddx::array<"P", "n", "i", "k"> P;
  constexpr ddx::array<"Q", "n", "k", "j"> Q;
  for (std::ptrdiff_t n : {1, 3, 20}) {
    random_elements<float> p(1, n * 5 * 7), q(2, n * 7 * 9);
    CAPTURE(n);
    CHECK(check<sum<"k">(P * Q), sum<"n">(sum<"j">(P * Q))>::within(128, P = p.view(n, 5, 7), Q = q.view(n, 7, 9)) ==
          "");
  }
}

TEST_CASE("contractions of other expressions than products") {
  for (std::ptrdiff_t n : {1, 8, 15, 29})
    for (std::ptrdiff_t k : {0, 1, 9, 70})
      for (std::ptrdiff_t d : {1, 8, 15, 37}) {
        random_elements<float> a(1, n * k), b(2, k * d), c(3, d);
        CAPTURE(n, k, d);
        CHECK(check<max<"k">(A + B), sum<"k">(abs(A - B) * v)>::within(64, A = a.view(n, k), B = b.view(k, d),
                                                                       v = c.view(d)) == "");
      }
}

// A serial sum in float of so many equal terms is off by a part in 100.
TEST_CASE("a contraction over a long batch keeps the bound of sums over the batch") {
  constexpr ddx::array<"Z", "n", "d"> Z;
  std::ptrdiff_t const n = 300000, k = 3, d = 5;
  std::vector<float> const a(static_cast<std::size_t>(n * k), 0.1f), z(static_cast<std::size_t>(n * d), 0.3f);
  auto const products = ddx::compile<sum<"n">(A * Z)>()(A = ddx::view(a, n, k), Z = ddx::view(z, n, d));
  double const expected = static_cast<double>(0.1f) * static_cast<double>(0.3f) * static_cast<double>(n);
  for (float const product : products) CHECK(std::abs(product - expected) < 1e-5 * expected);
}

TEST_CASE("a choice among products of a factor is made once, and what a branch not taken would give never leaks") {
  constexpr auto all = where(B > 0, B * A, C * A);
  constexpr auto some = where(B > 0.5, A * B, where(C > 0, C * A, 0));
  constexpr auto few = where(B > 0.5, where(C > 0, A * B, 0), where(C < -0.5, 0, C * A));
  for (std::ptrdiff_t n : {1, 15, 29})
    for (std::ptrdiff_t k : {1, 9, 70}) {
      random_elements<double> a(1, n * k), b(2, k * 17), c(3, 17 * k);
      CAPTURE(n, k);
      for (double const special : {1.0, std::numeric_limits<double>::infinity()}) {
        a.data()[n * k / 2] = special;
        CHECK(check<sum<"k">(some), sum<"n">(sum<"k">(few)), sum<"n">(all)>::within(
                  256, A = a.view(n, k), B = b.view(k, 17), C = c.view(17, k)) == "");
      }
    }
}

TEST_CASE("a sum of sums of products takes the products last, where nothing else needs the inner sums") {
  constexpr auto inner = sum<"k">(A * B);
  CHECK(ddx::schedule(ddx::compile<sum<"n">(u * inner)>()) == R"(for tiles of n:
  for rows of n, vectors of k:
    t1[k] += sum[n](u*A)
for rows of k, vectors of d:
  output 1[d] = sum[k](B*t1)
)");
  for (std::ptrdiff_t n : {1, 16, 33}) {
    random_elements<double> a(1, n * 13), b(2, 13 * 9), e(3, n);
    CAPTURE(n);
    CHECK(check<sum<"n">(u * inner), mean<"n">(-3 * sum<"d">(inner))>::within(256, A = a.view(n, 13), B = b.view(13, 9),
                                                                              u = e.view(n)) == "");
  }
}

TEST_CASE("the schedule of a matrix product with a bias names blocks, the axis within, and the epilogue") {
  CHECK(ddx::schedule(ddx::compile<relu(sum<"k">(A * B) + v), sum<"k">(A)>()) == R"(for tiles of n:
  for rows of n, vectors of k:
    output 2[n] = sum[k](A)
  for blocks of n by vectors of d, k innermost:
    t1[n, d] = sum[k](A*B)
    then, while it is in registers:
      output 1[n, d] = relu(t1 + v)
)");
}

}  // namespace

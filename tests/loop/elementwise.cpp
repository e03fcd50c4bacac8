// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Elementwise programs with broadcasting enter; kernels must compute what the oracle does, at every extent and address.
#include "oracle.hpp"

namespace {

using oracle::check;
using oracle::random_elements;

constexpr ddx::array<"u", "n"> u;
constexpr ddx::array<"v", "n"> v;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"A", "n", "d"> A;
constexpr ddx::array<"B", "n", "d"> B;
constexpr ddx::array<"T", "d", "n"> T;
constexpr ddx::var<"s"> s;

template <class Number>
void one_axis(double units) {
  for (std::ptrdiff_t n : oracle::extents)
    for (std::ptrdiff_t offset : {0, 1, 3}) {
      random_elements<Number> a(1, n, -2, 2, offset), b(2, n, 0.5, 3, offset);
      CAPTURE(n, offset);
      CHECK(check<u * v + s, u - v * s, s * u * u - v>::within(units, u = a.view(n), v = b.view(n), s = Number(1.5)) ==
            "");
      CHECK(check<exp(u) / v, where(u > 0, log(v), -u)>::within(units, u = a.view(n), v = b.view(n)) == "");
    }
}

TEST_CASE("elementwise programs over one axis agree with the oracle in float") { one_axis<float>(8); }
TEST_CASE("elementwise programs over one axis agree with the oracle in double") { one_axis<double>(8); }

TEST_CASE("arrays broadcast by axis name in both directions") {
  for (std::ptrdiff_t n : oracle::extents)
    for (std::ptrdiff_t d : oracle::extents) {
      random_elements<float> a(1, n * d), b(2, n), c(3, d);
      CAPTURE(n, d);
      CHECK(check<A * w + u, A - u * w>::within(8, A = a.view(n, d), u = b.view(n), w = c.view(d)) == "");
    }
}

TEST_CASE("an outer sum of two vectors has both axes") {
  for (std::ptrdiff_t n : oracle::extents)
    for (std::ptrdiff_t d : oracle::few_extents) {
      random_elements<double> b(2, n), c(3, d);
      CAPTURE(n, d);
      CHECK(check<u + w, w * u * 2>::within(4, u = b.view(n), w = c.view(d)) == "");
    }
}

TEST_CASE("an array declared with the axes the other way round is read the other way round") {
  for (std::ptrdiff_t n : oracle::extents)
    for (std::ptrdiff_t d : oracle::few_extents) {
      random_elements<float> a(1, n * d), t(2, n * d);
      CAPTURE(n, d);
      CHECK(check<A * T>::within(4, A = a.view(n, d), T = t.view(d, n)) == "");
      CHECK(check<T - A>::within(4, A = a.view(n, d), T = t.view(d, n)) == "");
    }
}

TEST_CASE("several arrays of two axes share a nest") {
  for (std::ptrdiff_t n : oracle::few_extents)
    for (std::ptrdiff_t d : oracle::extents) {
      random_elements<double> a(1, n * d), b(2, n * d, 0.5, 2);
      CAPTURE(n, d);
      CHECK(check<A * B, A / B, min(A, B), max(A, B), hypot(A, B)>::within(8, A = a.view(n, d), B = b.view(n, d)) ==
            "");
    }
}

TEST_CASE("conditions combine with and, or, not, and literals") {
  for (std::ptrdiff_t n : {0, 1, 16, 37}) {
    random_elements<float> a(1, n), b(2, n);
    CAPTURE(n);
    CHECK(check<where(u > 0 && v <= 1, u, v), where(!(u == v) || u < -1, 1, v), where(u, v, 3)>::within(
              4, u = a.view(n), v = b.view(n)) == "");
    CHECK(check<where(u > 0 && true, u, v), where(u > v || s > 2, u, s)>::within(4, u = a.view(n), v = b.view(n),
                                                                                 s = 2.5f) == "");
  }
}

TEST_CASE("a condition is 1 or 0 as an output and as a number") {
  for (std::ptrdiff_t n : {1, 16, 37}) {
    random_elements<float> a(1, n, -2, 2), b(2, n, -2, 2);
    CAPTURE(n);
    CHECK(check<(u > v), (u > v) * 3 + (u <= 0)>::within(0, u = a.view(n), v = b.view(n)) == "");
  }
}

TEST_CASE("whole powers are unrolled up to 16 and are right beyond") {
  random_elements<double> a(1, 37, 0.5, 1.5);
  CHECK(check<pow(u, 2), pow(u, 3), pow(u, 16), pow(u, 17), pow(u, -2), pow(u, 0.5)>::within(32, u = a.view(37)) == "");
}

constexpr auto long_polynomial = ddx::fn(ddx::args(u), [](auto x) {
  auto t = x;
  for (int i = 1; i <= 150; ++i) t = t * x + i;
  return ddx::sum<"n">(t);
});

TEST_CASE("a nest may have hundreds of nodes") {
  std::vector<double> const at{0.5, 0.25, -0.5};
  double expected = 0, found = 0;
  for (double x : at) {
    double power = 1;
    for (int i = 150; i >= 1; --i, power *= x) expected += i * power;
    expected += power * x;
  }
  ddx::compile<long_polynomial>()(ddx::into(found), u = at);
  CHECK(found == Approx(expected));
}

}  // namespace

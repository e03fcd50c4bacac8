// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Rows of whole cache lines that begin at every place within a line enter; loops that take some lanes first must agree with the oracle.
#include "oracle.hpp"

namespace {

using ddx::grad, ddx::max, ddx::mean, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"Y", "n", "d"> Y;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;

constexpr auto loss = mean<"n">(pow(sum<"d">(X * w) - y, 2));

template <class Data, class Number>
void every_offset() {
  for (std::ptrdiff_t offset : {0, 1, 3, 8, 15})
    for (std::ptrdiff_t d : {64, 80, 128, 192}) {
      std::ptrdiff_t const n = 19;
      random_elements<Data> x(1, n * d, 0, 2, offset), other(4, n * d, 0, 2, 0);
      random_elements<Number> weights(2, d, -0.5, 0.5, 2), labels(3, n);
      CAPTURE(offset, d);
      CHECK(check<loss, grad(loss, w)>::within(64, X = x.view(n, d), w = weights.view(d), y = labels.view(n)) == "");
      CHECK(check<X * w + Y * y, max<"d">(1 / (X + 1)), max<"n">(X - Y), sum<"d">(exp(X * w))>::within(
                64, X = x.view(n, d), Y = other.view(n, d), w = weights.view(d), y = labels.view(n)) == "");
    }
}

TEST_CASE("rows of float that begin anywhere in a cache line") { every_offset<float, float>(); }
TEST_CASE("rows of double that begin anywhere in a cache line") { every_offset<double, double>(); }
TEST_CASE("rows of bytes that begin anywhere in a cache line") { every_offset<std::uint8_t, float>(); }

}  // namespace

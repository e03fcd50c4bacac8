// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Recurrences, sums and products up to each element, and products over an axis enter; values and derivatives must be those of loops by
// hand and of the oracle.
#include <ddx/loop/schedule.hpp>

#include "oracle.hpp"

namespace {

using ddx::compile, ddx::diff, ddx::grad, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::axis<"i"> i;
constexpr ddx::axis<"n"> n;
constexpr ddx::axis<"d"> d;
constexpr ddx::array<"x", "i"> x;
constexpr ddx::array<"y", "i"> y;
constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"s"> s;

constexpr auto product = ddx::prod<"i">(x);

TEST_CASE("the gradient of a product is right with zeros among its factors, and so are its second derivatives") {
  constexpr auto second = diff(sum<"i">(diff(product, x) * y), x);
  auto const kernel = compile<product, grad(product, x), second>();
  for (std::size_t const size : std::vector<std::size_t>{0, 1, 2, 3, 7, 9, 17})
    for (std::size_t const zeros : std::vector<std::size_t>{0, 1, 2, 3}) {
      std::vector<double> a(size), along(size);
      for (std::size_t k = 0; k < size; ++k) {
        a[k] = k * 5 % 7 < zeros ? 0 : 0.5 + static_cast<double>(k * 3 % 5) / 4;
        along[k] = static_cast<double>(k % 4) - 1.5;
      }
      auto const others = [&](std::size_t first, std::size_t other) {
        double all = 1;
        for (std::size_t k = 0; k < size; ++k) all *= k == first || k == other ? 1 : a[k];
        return all;
      };
      CAPTURE(size, zeros);
      auto const [value, gradient, by_x] = kernel(x = a, y = along);
      CHECK(value == Approx(others(size, size)));
      for (std::size_t k = 0; k < size; ++k) {
        double expected = 0;
        for (std::size_t l = 0; l < size; ++l) expected += k == l ? 0 : along[l] * others(k, l);
        CHECK(gradient[k] == Approx(others(k, k)));
        CHECK(by_x[k] == Approx(expected).margin(1e-12));
      }
    }
}

TEST_CASE("sums and products up to each element, and recurrences in both directions") {
  constexpr auto smooth = ddx::recurrence(i - 1, 1 - s, s * x);
  constexpr auto back = ddx::recurrence(i + 1, y, x);
  constexpr auto loss = sum<"i">(pow(smooth - y, 2)) + sum<"i">(back * ddx::cumsum<"i">(x)[i - 1]) / 8;
  for (std::ptrdiff_t size : oracle::extents) {
    random_elements<double> a(1, size), b(2, size, -1, 1);
    CAPTURE(size);
    CHECK(check<ddx::cumsum<"i">(x), ddx::cumprod<"i">(y), smooth, loss, grad(loss, x, y, s)>::within(
              512, x = a.view(size), y = b.view(size), s = 0.25) == "");
  }
}

TEST_CASE("scans along either axis of a matrix, of and by what is reduced") {
  constexpr auto down = ddx::cumsum<"n">(X * w);
  constexpr auto across = ddx::recurrence(d + 1, w / 2, X);
  constexpr auto states = ddx::recurrence(n - 1, s, sum<"d">(X * w));
  constexpr auto loss = sum<"n">(sum<"d">(down * across) * states) + sum<"n">(pow(ddx::prod<"d">(X / 2), 2));
  for (std::ptrdiff_t rows : oracle::few_extents)
    for (std::ptrdiff_t columns : {1, 8, 11}) {
      random_elements<double> a(1, rows * columns), b(2, columns, -1, 1);
      CAPTURE(rows, columns);
      CHECK(check<across, loss, grad(loss, X, w, s)>::within(1 << 14, X = a.view(rows, columns), w = b.view(columns),
                                                             s = 0.5) == "");
    }
}

TEST_CASE("derivatives of recurrences agree with central differences") {
  constexpr auto f = sum<"i">(sin(ddx::recurrence(i - 1, tanh(y), x * s)));
  auto const kernel = compile<f, grad(f, x, y, s)>();
  std::ptrdiff_t const size = 9;
  random_elements<double> a(1, size), b(2, size);
  auto const value = [&](double by) { return std::get<0>(kernel(x = a.view(size), y = b.view(size), s = 0.75 + by)); };
  auto const [unused, by_x, by_y, by_s] = kernel(x = a.view(size), y = b.view(size), s = 0.75);
  double const h = 1e-6;
  CHECK(by_s == Approx((value(h) - value(-h)) / (2 * h)).epsilon(1e-7));
  for (std::ptrdiff_t k = 0; k < size; ++k) {
    double& element = b.data()[k];
    double const before = element;
    element = before + h;
    double const above = value(0);
    element = before - h;
    double const below = value(0);
    element = before;
    CHECK(by_y[static_cast<std::size_t>(k)] == Approx((above - below) / (2 * h)).epsilon(1e-6).margin(1e-8));
  }
}

TEST_CASE("the schedule shows scans in their order") {
  CHECK(ddx::schedule(compile<ddx::cumsum<"i">(x)>()) ==
        "for vectors of i, one after the other:\n  output 1[i] = recurrence[i - 1](1, x)\n");
}

}  // namespace

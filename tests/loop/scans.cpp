// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Recurrences, sums and products up to each element, and products over an axis enter; values and derivatives must be those of loops by
// hand and of the oracle.
#include <ddx/loop/schedule.hpp>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

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
  for (std::size_t const size : std::vector<std::size_t>{0, 1, 2, 3, 7, 9, 17, 259})
    for (std::size_t const zeros : std::vector<std::size_t>{0, 1, 2, 3}) {
      std::vector<double> a(size), along(size);
      for (std::size_t k = 0; k < size; ++k) {
        a[k] = k < 19 && k * 5 % 7 < zeros ? 0 : 0.5 + static_cast<double>(k * 3 % 5) / 4;
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

/// The products of all other elements in order: of those before times those behind.
template <class Number>
std::vector<Number> others_in_order(std::vector<Number> const& a) {
  std::vector<Number> result(a.size());
  Number before = 1, behind = 1;
  for (std::size_t k = 0; k < a.size(); ++k) {
    result[k] = before;
    before *= a[k];
  }
  for (std::size_t k = a.size(); k-- > 0;) {
    result[k] *= behind;
    behind *= a[k];
  }
  return result;
}

template <class Number>
bool agree(Number got, Number expected, double within) {
  if (std::isnan(expected)) return std::isnan(got);
  return got == expected || std::abs(double(got) - double(expected)) <= within * std::abs(double(expected));
}

TEMPLATE_TEST_CASE("the gradient of a long product is that in order where others overflow or vanish", "", float,
                   double) {
  auto const gradient = compile<grad(product, x)>();
  double const u = std::numeric_limits<TestType>::epsilon() / 2;
  constexpr TestType large = sizeof(TestType) == 4 ? TestType(1e30) : TestType(1e250), infinite = INFINITY;
  for (std::size_t const size : std::vector<std::size_t>{63, 64, 130, 259, 1000})
    for (std::size_t const at : std::vector<std::size_t>{0, 40, size / 2 + 1, size - 1}) {
      std::vector<TestType> usual(size);
      for (std::size_t k = 0; k < size; ++k)
        usual[k] = (k % 3 == 0 ? TestType(-1) : TestType(1)) * TestType(1 + k) / TestType(2 + k);
      auto const with = [&](std::vector<std::pair<std::size_t, TestType>> const& changes) {
        auto a = usual;
        for (auto const& [k, value] : changes) a[k % size] = value;
        CAPTURE(size, at, changes);
        auto const got = gradient(x = a), expected = others_in_order(a);
        for (std::size_t k = 0; k < size; ++k)
          if (!agree(got[k], expected[k], 2 * double(size) * u)) FAIL_CHECK(k << ": " << got[k] << ", " << expected[k]);
      };
      with({});
      with({{at, TestType(0)}});
      with({{at, TestType(0)}, {at + 32, TestType(0)}});
      with({{at, infinite}});
      with({{at, infinite}, {at + 1, TestType(0)}});
      with({{at, TestType(NAN)}});
      with({{at, large}, {at + 1, 1 / large}});
      with({{at, large}, {at + 1, large}, {at + 2, 1 / large}, {at + 3, 1 / large}});
      with({{at, 1 / large}, {at + 16, 1 / large}, {at + 2, large}, {at + 3, large}});
      with({{at, large}, {at + 16, 1 / large}, {at + 32, large}, {at + 48, 1 / large}});
    }
}

TEST_CASE("the gradient of products along either axis, of views, beside other factors") {
  constexpr auto down = sum<"d">(w * pow(ddx::prod<"n">(X), 2));
  constexpr auto across = sum<"n">(pow(ddx::prod<"d">(X), 2) / 3);
  for (std::ptrdiff_t rows : {1, 5, 70})
    for (std::ptrdiff_t columns : {1, 8, 11, 67}) {
      random_elements<double> a(1, rows * columns, 0.75, 1.25), b(2, columns, -1, 1);
      CAPTURE(rows, columns);
      CHECK(check<down, grad(down, X, w), across, grad(across, X)>::within(1 << 12, X = a.view(rows, columns),
                                                                           w = b.view(columns)) == "");
      auto const elements = std::vector<double>(a.data(), a.data() + rows * columns);
      auto const turned = ddx::view(elements.data(), columns, rows).strides(1, columns);
      auto const plain = compile<ddx::prod<"n">(X), grad(across, X)>()(X = a.view(rows, columns));
      constexpr auto turned_loss = sum<"d">(pow(ddx::prod<"n">(X), 2) / 3);
      auto const other = compile<grad(turned_loss, X)>()(X = turned);
      for (std::ptrdiff_t r = 0; r < rows; ++r)
        for (std::ptrdiff_t c = 0; c < columns; ++c)
          if (double const expected = std::get<1>(plain)[static_cast<std::size_t>(r * columns + c)];
              !agree(other[static_cast<std::size_t>(c * rows + r)], expected, 1e-12))
            FAIL_CHECK(r << ", " << c);
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
  CHECK(ddx::schedule(compile<grad(product, x)>()) ==
        "for vectors of i, there and back:\n  output 1[i] = product_of_others[i](x)\n");
}

}  // namespace

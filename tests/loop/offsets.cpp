// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas with offsets along axes enter; values and derivatives must be those of loops written by hand, of central differences and
// of the oracle, for extents about the widths of vectors and offsets up to beyond the array.
#include <ddx/loop/schedule.hpp>

#include "oracle.hpp"

namespace {

using ddx::compile, ddx::diff, ddx::grad, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::axis<"i"> i;
constexpr ddx::array<"x", "i"> x;
constexpr ddx::array<"y", "i"> y;
constexpr ddx::array<"v", "i"> direction;
constexpr ddx::var<"s"> s;

constexpr auto rosenbrock = sum<"i">(100 * pow(x[i + 1] - x[i] * x[i], 2) + pow(1 - x[i], 2));

TEST_CASE("Rosenbrock's function by an offset has the value, gradient and Hessian of loops by hand") {
  constexpr auto product = diff(sum<"i">(diff(rosenbrock, x) * direction), x);
  auto const kernel = compile<rosenbrock, grad(rosenbrock, x), product>();
  for (std::size_t const size : std::vector<std::size_t>{0, 1, 2, 7, 8, 9, 15, 17, 1000, 5003}) {
    random_elements<double> elements(1, static_cast<std::ptrdiff_t>(size)), along(2, static_cast<std::ptrdiff_t>(size));
    double const *a = elements.data(), *d = along.data();
    double value = 0;
    std::vector<double> gradient(size), hessian(size);
    for (std::size_t k = 0; k + 1 < size; ++k) {
      double const gap = a[k + 1] - a[k] * a[k];
      value += 100 * gap * gap + (1 - a[k]) * (1 - a[k]);
      gradient[k] += -400 * gap * a[k] - 2 * (1 - a[k]);
      gradient[k + 1] += 200 * gap;
      hessian[k] += (1200 * a[k] * a[k] - 400 * a[k + 1] + 2) * d[k] - 400 * a[k] * d[k + 1];
      hessian[k + 1] += 200 * d[k + 1] - 400 * a[k] * d[k];
    }
    CAPTURE(size);
    auto const length = static_cast<std::ptrdiff_t>(size);
    auto const [got, by_x, by_direction] = kernel(x = elements.view(length), direction = along.view(length));
    CHECK(got == Approx(value).epsilon(1e-12));
    for (std::size_t k = 0; k < size; ++k) {
      CHECK(by_x[k] == Approx(gradient[k]).epsilon(1e-10).margin(1e-9));
      CHECK(by_direction[k] == Approx(hessian[k]).epsilon(1e-10).margin(1e-9));
    }
  }
}

TEST_CASE("offsets of every size and sign, values of elementwise outputs 0 outside of the array") {
  for (std::ptrdiff_t size : oracle::extents) {
    random_elements<double> a(1, size);
    random_elements<float> narrow(3, size);
    CAPTURE(size);
    CHECK(check<x[i - 2] * y[i + 3], (x * y)[i - 1], exp(x)[i + 9], sum<"i">(x[i - 20] * y), ddx::max<"i">(x[i + 2]),
                ddx::logsumexp<"i">(x[i + 1]), ddx::norm<"i">(x[i + 1] - 2 * x + x[i - 1])>::within(64,
                                                                                                    x = a.view(size),
                                                                                                    y = narrow.view(
                                                                                                        size)) == "");
  }
}

TEST_CASE("gradients of smooth functions of neighbours agree with central differences") {
  constexpr auto f = sum<"i">(sin(x[i + 2] * s) * exp(y[i - 1] / 2)) + ddx::logsumexp<"i">(3 * x[i - 1]) +
                     ddx::mean<"i">(tanh(x * y)[i + 1] * x);
  auto const kernel = compile<f, grad(f, x, y, s)>();
  for (std::ptrdiff_t size : {4, 7, 9, 17}) {
    random_elements<double> a(1, size), b(2, size);
    auto const value = [&](double by) { return std::get<0>(kernel(x = a.view(size), y = b.view(size), s = 1.5 + by)); };
    auto const [unused, by_x, by_y, by_s] = kernel(x = a.view(size), y = b.view(size), s = 1.5);
    double const h = 1e-6;
    CHECK(by_s == Approx((value(h) - value(-h)) / (2 * h)).epsilon(1e-7).margin(1e-8));
    for (std::ptrdiff_t k = 0; k < size; ++k)
      for (bool const of_x : {true, false}) {
        double& element = (of_x ? a : b).data()[k];
        double const before = element;
        element = before + h;
        double const above = value(0);
        element = before - h;
        double const below = value(0);
        element = before;
        CHECK((of_x ? by_x : by_y)[static_cast<std::size_t>(k)] ==
              Approx((above - below) / (2 * h)).epsilon(1e-6).margin(1e-7));
      }
  }
}

TEST_CASE("what lies outside of the array poisons neither the value nor derivatives") {
  constexpr auto f = sum<"i">(log(x[i + 1]) / x[i - 1]);
  constexpr auto roots = sum<"i">(sqrt(x)[i + 1]);
  auto const kernel = compile<f, grad(f, x), roots, grad(roots, x)>();
  double const elements[]{1, 2, 4, 8}, zero_first[]{0, 4, 9};
  auto const [value, by_x, unused, unused_too] = kernel(x = std::span(elements));
  CHECK(value == Approx(std::log(4.0) + std::log(8.0) / 2));
  CHECK(by_x == std::vector<double>{-std::log(4.0), -std::log(8.0) / 4, 0.25, 0.0625});
  auto const [other, by_other, total, slopes] = kernel(x = std::span(zero_first));
  CHECK(total == 5);
  CHECK(slopes == std::vector<double>{0, 0.25, 1 / 6.0});
}

TEST_CASE("functions and text have offsets, and all are the same") {
  constexpr auto traced = ddx::fn(ddx::args(x), [](auto z) {
    auto const gap = z[i + 1] - z[i] * z[i];
    return sum<"i">(100 * pow(gap, 2) + pow(1 - z, 2));
  });
  constexpr auto text = ddx::formula<"sum[i](100*(x[i + 1] - x[i]*x)^2 + (1 - x)^2)">;
  CHECK(ddx::same(text, rosenbrock));
  CHECK(ddx::to_string(traced) == ddx::to_string(rosenbrock));
  CHECK(ddx::to_string(rosenbrock) == "sum[i](where(inside[i + 1], 100*(x[i + 1] - x^2)^2 + (1 - x)^2, 0))");
}

TEST_CASE("a sum over what a condition keeps inside has all terms") {
  constexpr auto padded = sum<"i">(where(inside(x, i + 1), x[i + 1], 0) + where(inside(x, i - 1), x[i - 1], 1));
  double const elements[]{1, 2, 4};
  CHECK(compile<padded>()(x = std::span(elements)) == 10);
}

TEST_CASE("a neighbour of an expression is left out of reductions as one of an array is, and counts in a gradient") {
  constexpr auto doubled = 2 * x;
  constexpr auto rough = sum<"i">(pow(doubled[i + 1] - doubled, 2) + 1);
  constexpr auto norm = sum<"i">(pow(diff(rough, x), 2) + 1);
  constexpr auto third = ddx::mean<"i">(doubled[i - 1][i - 1]);
  constexpr auto again = ddx::mean<"i">(where(inside(x, i + 1), x[i + 1], 0)[i + 1]);
  double const elements[]{1, 2, 4, 8};
  auto const [value, gradient, length, before, behind] =
      compile<rough, diff(rough, x), norm, third, again>()(x = std::span(elements));
  CHECK(value == 4 + 16 + 64 + 3);
  CHECK(gradient == std::vector<double>{-8, -8, -16, 32});
  CHECK(length == 64 + 64 + 256 + 1024 + 4);
  CHECK(before == 3);  // of 2 and 4
  CHECK(behind == 4);  // of 4, 8 and the 0 that a condition has kept
  CHECK(ddx::same(ddx::formula<"sum[i](((2*x[i])[i + 1] - 2*x)^2 + 1)">, rough));
}

TEST_CASE("a sum over a gradient has all elements, also those that come from a neighbour's sum") {
  constexpr ddx::array<"u", "n"> u;
  constexpr auto f = sum<"n">(sum<"i">(u * x[i + 1])) + sum<"i">(x * x);
  double const elements[]{1, 2, 4}, factors[]{1, 2};
  auto const [gradient, length] =
      compile<diff(f, x), sum<"i">(pow(diff(f, x), 2))>()(x = std::span(elements), u = std::span(factors));
  CHECK(gradient == std::vector<double>{2, 7, 11});
  CHECK(length == 4 + 49 + 121);

  // What a sum over other axes has made of the adjoint does not show that its factors stand within the array.
  constexpr ddx::array<"Z", "i", "n"> Z;
  constexpr auto deep = sum<"i">(pow(sum<"n">(exp(x * Z[i + 1])), 2));
  double const z[]{1, 2, 0, 1, -1, 0};
  auto const [slopes, squares] =
      compile<diff(deep, x), sum<"i">(pow(diff(deep, x), 2) + 1)>()(x = std::span(elements), Z = ddx::view(z, 3, 2));
  double expected = 3;
  for (double slope : slopes) expected += slope * slope;
  CHECK(slopes[2] == 0);
  CHECK(squares == Approx(expected));
}

TEST_CASE("outputs do not lie on an array that is read at an offset") {
  std::vector<double> a(20, 1);
  CHECK_THROWS_WITH(compile<x[i + 1] - x>()(ddx::into(a), x = a),
                    "output 1 and the input x share memory; give one of them memory of its own");
}

TEST_CASE("the schedule shows loads at offsets") {
  CHECK(ddx::schedule(compile<x[i + 1] - x>()) ==
        "for tiles of i:\n  for vectors of i:\n    output 1[i] = x[i + 1] - x\n");
}

}  // namespace

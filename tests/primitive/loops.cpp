// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas of the less common primitives, compiled into loops with their gradients, against the values and derivatives
// of numbers.
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/ddx.hpp>
#include <limits>
#include <vector>

namespace {

constexpr ddx::var<"x"> x;
constexpr ddx::array<"X", "n"> X;
constexpr ddx::array<"Y", "n", "k"> Y;
constexpr double inf = std::numeric_limits<double>::infinity();

/// Each f(X) and its derivative, of 21 numbers, in `Number`, against eval of f(x).
template <auto OfArray, auto OfNumber, class Number>
void agrees(double low, double high) {
  std::vector<Number> points, values(21), derivatives(21);
  for (int i = 0; i < 21; ++i) points.push_back(static_cast<Number>(low + (high - low) * i / 20));
  auto const kernel = ddx::compile<OfArray, ddx::diff(ddx::sum<"n">(OfArray), X)>();
  kernel(ddx::into(values, derivatives), X = points);
  double const accuracy = sizeof(Number) == 4 ? 2e-5 : 1e-13;
  for (std::size_t i = 0; i < points.size(); ++i) {
    INFO("at " << points[i]);
    double const at = static_cast<double>(points[i]);
    CHECK(static_cast<double>(values[i]) == Approx(ddx::eval<OfNumber>(x = at)).epsilon(accuracy).margin(accuracy));
    CHECK(static_cast<double>(derivatives[i]) ==
          Approx(ddx::eval<ddx::diff(OfNumber, x)>(x = at)).epsilon(accuracy).margin(accuracy));
  }
}

#define DDX_AGREES(low, high, ...)                            \
  {                                                           \
    constexpr auto make = [](auto p) { return __VA_ARGS__; }; \
    constexpr auto of_array = make(X);                        \
    constexpr auto of_number = make(x);                       \
    agrees<of_array, of_number, float>(low, high);            \
    agrees<of_array, of_number, double>(low, high);           \
  }

TEST_CASE("secants, cotangents and inverses in loops are those of numbers"){
    DDX_AGREES(0.2, 0.9, sec(p) * csc(p) + cot(p) + sech(p) * csch(p) + coth(p))
        DDX_AGREES(1.1, 4, asec(p) + acsc(p) * acot(p) + acoth(p) * acosh(p))
            DDX_AGREES(0.1, 0.9, asinh(p) * atanh(p) + asech(p) * acsch(p))}

TEST_CASE("exponentials, logarithms and steps in loops are those of numbers"){
    DDX_AGREES(0.3, 3.7, exp2(p) * log2(p) + log10(p) + erfc(p) + logaddexp(p, 1) + xlogy(p, p) + xlog1py(p, p))
        DDX_AGREES(-3.4, 3.3,
                   floor(p) + 2 * ceil(p) + 3 * round(p) * p + trunc(p) + heaviside(p) + clamp(p, -1, 2) +
                       fmod(p, 1.7))}

TEST_CASE("special functions in loops are those of numbers"){
    DDX_AGREES(0.3, 3.9, gamma(p) + lgamma(p) * digamma(p) + trigamma(p) + polygamma(2, p) + beta(p, 1.5))
        DDX_AGREES(-0.9, 0.9, erfinv(p) * erfcinv(1 + p) + sinc(p) + sph_bessel(2, p))
            DDX_AGREES(0.5, 9.5,
                       j0(p) * j1(p) + jn(3, p) + y0(p) * y1(p) + yn(2, p) + (i0(p) + i1(p) + in(2, p)) / 1000)}

TEST_CASE("logsumexp, norm, softmax and dot in loops are those of long sums, rows of infinities included") {
  std::vector<double> const rows{1, 2, 3, 1000, 1000, -1000, -inf, 0.5, -inf, -inf, -inf, -inf, 0, 0, 0};
  std::vector<double> sums(5), norms(5), squares(5), shares(15), logs(15), by_sum(15);
  auto const kernel = ddx::compile<ddx::logsumexp<"k">(Y), ddx::norm<"k">(Y), ddx::dot<"k">(Y, Y), ddx::softmax<"k">(Y),
                                   ddx::log_softmax<"k">(Y), ddx::diff(ddx::sum<"n">(ddx::logsumexp<"k">(Y)), Y)>();
  kernel(ddx::into(sums, norms, squares, shares, logs, by_sum), Y = ddx::view(rows, 5, 3));
  CHECK(sums[0] == Approx(std::log(std::exp(1) + std::exp(2) + std::exp(3))));
  CHECK(sums[1] == Approx(1000 + std::log(2.0)));
  CHECK(sums[2] == 0.5);
  CHECK(sums[3] == -inf);
  CHECK(sums[4] == Approx(std::log(3.0)));
  CHECK(norms[0] == Approx(std::sqrt(14.0)));
  CHECK(norms[4] == 0);
  CHECK(squares[0] == 14);
  CHECK(shares[3] == Approx(0.5));
  CHECK(shares[5] == 0);
  CHECK(shares[7] == 1);
  CHECK(std::isnan(shares[9]));
  CHECK(logs[12] == Approx(-std::log(3.0)));
  for (std::size_t i = 0; i < 15; ++i)
    if (!std::isnan(shares[i])) CHECK(by_sum[i] == shares[i]);

  std::vector<double> by_norm(15);
  ddx::compile<ddx::diff(ddx::sum<"n">(ddx::norm<"k">(Y)), Y)>()(ddx::into(by_norm), Y = ddx::view(rows, 5, 3));
  CHECK(by_norm[0] == Approx(1 / std::sqrt(14.0)));
  CHECK(by_norm[12] == 0);
}

}  // namespace

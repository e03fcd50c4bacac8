// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas of the less common primitives, compiled into loops with their gradients, against the values and derivatives
// of numbers.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <ddx/ddx.hpp>
#include <fmt/core.h>
#include <limits>
#include <string>
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

constexpr ddx::array<"label", "n"> label;
constexpr ddx::array<"table", "v", "d"> table;
constexpr ddx::var<"which"> which;

std::string refusal(auto const& call) {
  try {
    call();
  } catch (ddx::error const& e) { return e.what(); }
  return "nothing is refused";
}

TEST_CASE("take has the element at a place along an axis, and its derivative there alone") {
  CHECK(fmt::format("{}", ddx::take<"k">(Y * X, label)) == "take[k](Y*X, label)");
  CHECK(fmt::format("{}", ddx::diff(ddx::sum<"n">(ddx::take<"k">(Y * Y, label)), Y)) ==
        "where(position[k] == label, 2*Y, 0)");
  CHECK(fmt::format("{}", ddx::formula<"take[k](Y[n, k], label[n] - 1)">) == "take[k](Y, label - 1)");
  float const big = std::numeric_limits<float>::infinity();
  std::vector<float> const rows{1, -big, 3, 4, 5, big};
  std::vector<std::int16_t> labels{2, 0};
  auto const kernel = ddx::compile<ddx::take<"k">(Y, label), ddx::take<"k">(Y, which), ddx::take<"k">(Y, label + 1),
                                   ddx::diff(ddx::sum<"n">(ddx::take<"k">(Y * Y, label)), Y)>();
  auto const [picked, fixed, beyond, slopes] = kernel(Y = ddx::view(rows, 2, 3), label = labels, which = 1);
  CHECK(picked == std::vector<float>{3, 4});
  CHECK(fixed == std::vector<float>{-big, 5});
  CHECK(std::isnan(beyond[0]));
  CHECK(beyond[1] == 5);
  CHECK(slopes == std::vector<float>{0, 0, 6, 8, 0, 0});

  // Rows of a table: each row's derivative is the sum over the samples that took it.
  std::vector<double> const words{1, 2, 3, 4, 5, 6};
  std::vector<std::uint8_t> const text{1, 1, 0, 1};
  auto const [lines, by_word] =
      ddx::compile<ddx::take<"v">(table, label), ddx::diff(ddx::sum<"n">(ddx::sum<"d">(ddx::take<"v">(table, label))),
                                                           table)>()(table = ddx::view(words, 3, 2), label = text);
  CHECK(lines == std::vector<double>{3, 3, 1, 3, 4, 4, 2, 4});
  CHECK(by_word == std::vector<double>{1, 1, 3, 3, 0, 0});

  labels[1] = 3;
  CHECK(refusal([&] { kernel(Y = ddx::view(rows, 2, 3), label = labels, which = 1); }) ==
        "take: label[1] is 3, axis k has 3");
  labels[1] = -1;
  CHECK(refusal([&] { kernel(Y = ddx::view(rows, 2, 3), label = labels, which = 1); }) ==
        "take: label[1] is -1, axis k has 3");
  labels[1] = 0;
  CHECK(refusal([&] { kernel(Y = ddx::view(rows, 2, 3), label = labels, which = 0.5); }) ==
        "take: which is 0.5, which is no whole number");
}

}  // namespace

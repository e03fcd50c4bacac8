// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// NaN, infinities, zeros of both signs, subnormals and many elements enter; what sums and maxima say of them leaves.
#include "oracle.hpp"

namespace {

using ddx::grad, ddx::max, ddx::mean, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::array<"A", "n", "d"> A;
constexpr ddx::array<"v", "n"> v;
constexpr ddx::var<"s"> s;

template <class Number>
void one_special_element(Number special, Number in_sum, Number in_max) {
  auto const same = [](Number a, Number b) { return std::isnan(b) ? std::isnan(a) : a == b; };
  for (std::ptrdiff_t n : {1, 7, 16, 37, 100}) {
    for (std::ptrdiff_t at = 0; at < n; at += 3) {
      std::vector<Number> values(static_cast<std::size_t>(n), Number(1));
      values[static_cast<std::size_t>(at)] = special;
      CAPTURE(n, at);
      auto const [total, largest] = ddx::compile<sum<"n">(v), max<"n">(v)>()(v = values);
      CHECK(same(total, in_sum));
      CHECK(same(largest, n == 1 ? special : in_max));
      auto const [rows, columns, tops, peaks] =
          ddx::compile<sum<"d">(A), sum<"n">(A), max<"d">(A), max<"n">(A)>()(A = ddx::view(values, n, 1));
      CHECK(same(rows[static_cast<std::size_t>(at)], special));
      CHECK(same(columns[0], in_sum));
      CHECK(same(tops[static_cast<std::size_t>(at)], special));
      CHECK(same(peaks[0], n == 1 ? special : in_max));
      auto const across = ddx::compile<max<"d">(A), sum<"d">(A)>()(A = ddx::view(values, 1, n));
      CHECK(same(std::get<0>(across)[0], n == 1 ? special : in_max));
      CHECK(same(std::get<1>(across)[0], in_sum));
    }
  }
}

TEST_CASE("a NaN reaches the sum and the maximum from every place") {
  float const nan = std::numeric_limits<float>::quiet_NaN();
  one_special_element<float>(nan, nan, nan);
  double const wide = std::numeric_limits<double>::quiet_NaN();
  one_special_element<double>(wide, wide, wide);
}

TEST_CASE("an infinity reaches the sum and the maximum from every place") {
  float const infinity = std::numeric_limits<float>::infinity();
  one_special_element<float>(infinity, infinity, infinity);
  one_special_element<float>(-infinity, -infinity, 1);
}

TEST_CASE("reductions of nothing are the neutral elements, a mean of nothing is NaN") {
  std::vector<float> none;
  auto const [total, largest, average] = ddx::compile<sum<"n">(v), max<"n">(v), mean<"n">(v)>()(v = none);
  CHECK(total == 0);
  CHECK(largest == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(average));
  auto const [rows, tops] = ddx::compile<sum<"d">(A), max<"d">(A)>()(A = ddx::view(none, 5, 0));
  CHECK(rows == std::vector<float>(5, 0));
  CHECK(tops == std::vector<float>(5, -std::numeric_limits<float>::infinity()));
  auto const [columns, peaks] = ddx::compile<sum<"n">(A), max<"n">(A)>()(A = ddx::view(none, 0, 5));
  CHECK(columns == std::vector<float>(5, 0));
  CHECK(peaks == std::vector<float>(5, -std::numeric_limits<float>::infinity()));
}

TEST_CASE("lanes beyond the end do not take part, whatever the function gives at zero") {
  for (std::ptrdiff_t n : oracle::extents)
    for (std::ptrdiff_t d : {1, 3, 17}) {
      random_elements<float> a(1, n * d, 0.5, 2);
      CAPTURE(n, d);
      CHECK(check<sum<"n">(sum<"d">(1 / A)), sum<"d">(log(A)), max<"n">(-1 / A), max<"d">(cos(A)),
                  sum<"n">(exp(A))>::within(64, A = a.view(n, d)) == "");
    }
}

TEST_CASE("subnormal numbers are kept") {
  std::vector<float> values(37, std::numeric_limits<float>::denorm_min());
  CHECK(ddx::compile<sum<"n">(v)>()(v = values) == 37 * std::numeric_limits<float>::denorm_min());
  CHECK(ddx::compile<v * 3>()(v = values) == std::vector<float>(37, 3 * std::numeric_limits<float>::denorm_min()));
  std::vector<double> wide(37, std::numeric_limits<double>::denorm_min());
  CHECK(ddx::compile<max<"n">(v)>()(v = wide) == std::numeric_limits<double>::denorm_min());
}

TEST_CASE("a choice keeps the infinity of the branch not taken away from values and gradients") {
  constexpr auto f = sum<"n">(where(v > 0, log(v), v));
  std::vector<double> values{-1, 0, 1, 4, -0.0};
  std::vector<double> gradient(5);
  double value = 0;
  ddx::compile<f, grad(f, v)>()(ddx::into(value, gradient), v = values);
  CHECK(value == Approx(std::log(4.0) - 1));
  CHECK(gradient == std::vector<double>{1, 1, 1, 0.25, 1});
}

TEST_CASE("the logistic loss neither overflows nor loses small probabilities") {
  constexpr auto loss = sum<"n">(softplus(v));
  std::vector<float> values{-200, -90, 0, 90, 200, 1e30f};
  auto const [each, gradient] = ddx::compile<softplus(v), grad(loss, v)>()(v = values);
  CHECK(each[0] == 0);
  CHECK(each[1] == Approx(std::exp(-90.0)).epsilon(1e-5));
  CHECK(each[2] == Approx(std::log(2.0)));
  CHECK(each[3] == 90);
  CHECK(each[5] == 1e30f);
  CHECK(gradient == std::vector<float>{std::exp(-200.0f), gradient[1], 0.5f, 1, 1, 1});
  CHECK(gradient[1] == Approx(std::exp(-90.0)).epsilon(1e-5));
}

// Sums of many elements are accumulated in chains of the type computed in over a tile and in double over the batch: a serial sum of a
// million tenths in float is off by a hundredth.
TEST_CASE("a sum of a million elements over the batch is right to a few units") {
  std::ptrdiff_t const n = 1'000'003;
  std::vector<float> tenths(static_cast<std::size_t>(n), 0.1f);
  double const exact = static_cast<double>(n) * static_cast<double>(0.1f);
  CHECK(ddx::compile<sum<"n">(v)>()(v = tenths) == Approx(exact).epsilon(1e-6));
  CHECK(ddx::compile<mean<"n">(v)>()(v = tenths) == Approx(0.1).epsilon(1e-6));
}

// The documented bounds: over the batch 1e-5 of the sum of magnitudes, along a row of k elements k/8 * 6e-8 of it.
TEST_CASE("sums over a long batch and along long rows keep to the documented bounds") {
  for (std::ptrdiff_t n : {1000, 1024, 1025, 2047, 2049, 500'000}) {
    std::ptrdiff_t const d = 5;
    std::vector<float> tenths(static_cast<std::size_t>(n * d), 0.1f);
    double const exact = static_cast<double>(n) * static_cast<double>(0.1f);
    CAPTURE(n);
    auto const [columns, weighted, peaks] = ddx::compile<sum<"n">(A), sum<"n">(A * v), max<"n">(A)>()(
        A = ddx::view(tenths, n, d), v = ddx::view(tenths.data(), n));
    auto const rows = ddx::compile<sum<"d">(A)>()(A = ddx::view(tenths, d, n));
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(std::abs(static_cast<double>(columns[i]) - exact) <= 1e-5 * exact);
      CHECK(std::abs(static_cast<double>(weighted[i]) - exact * static_cast<double>(0.1f)) <= 1e-5 * exact * 0.1);
      CHECK(peaks[i] == 0.1f);
      CHECK(std::abs(static_cast<double>(rows[i]) - exact) <= static_cast<double>(n) / 8 * 6e-8 * exact + 1e-6 * exact);
    }
  }
}

TEST_CASE("an infinity or a NaN anywhere in a long batch reaches its column and no other") {
  std::ptrdiff_t const n = 2500, d = 3;
  for (float special : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                        std::numeric_limits<float>::quiet_NaN()})
    for (std::ptrdiff_t at : {0, 1, 1023, 1024, 1500, 2048, 2499}) {
      std::vector<float> ones(static_cast<std::size_t>(n * d), 1);
      ones[static_cast<std::size_t>(at * d + 1)] = special;
      auto const columns = ddx::compile<sum<"n">(A)>()(A = ddx::view(ones, n, d));
      CAPTURE(special, at);
      CHECK(columns[0] == 2500);
      CHECK((std::isnan(special) ? std::isnan(columns[1]) : columns[1] == special));
      CHECK(columns[2] == 2500);
    }
}

TEST_CASE("tails give the bits that whole vectors give") {
  std::ptrdiff_t const most = 70;
  random_elements<float> a(1, most, -3, 3);
  std::vector<float> whole(static_cast<std::size_t>(most));
  constexpr auto f = exp(v) * s + tanh(v) / (1 + v * v);
  ddx::compile<f>()(ddx::into(whole), v = a.view(most), s = 0.3f);
  for (std::ptrdiff_t n = 0; n < most; ++n) {
    std::vector<float> part(static_cast<std::size_t>(n + 1));  // one more: an empty vector would be given its size
    auto target = ddx::view(part.data(), n);
    ddx::compile<f>()(ddx::into(target), v = a.view(n), s = 0.3f);
    part.pop_back();
    CAPTURE(n);
    CHECK(part == std::vector<float>(whole.begin(), whole.begin() + n));
  }
}

// A tile holds fewer rows the more elements a row has; the rows' results must not depend on it.
TEST_CASE("what a row gives does not depend on the rows beside it") {
  std::ptrdiff_t const d = 37, most = 70;
  random_elements<float> a(1, most * d);
  auto const all = ddx::compile<sum<"d">(A * A)>()(A = a.view(most, d));
  for (std::ptrdiff_t n : {1, 7, 8, 9, 31, 64, 69}) {
    auto const some = ddx::compile<sum<"d">(A * A)>()(A = a.view(n, d));
    CAPTURE(n);
    CHECK(oracle::difference<float>(0, some, std::vector<double>(all.begin(), all.begin() + n), 8) == "");
  }
}

TEST_CASE("many tiles, of few long rows and of many short ones, add up to the same") {
  for (auto const& [n, d] : {std::pair{3000, 5}, {50, 2100}, {5000, 1}, {9, 20000}}) {
    random_elements<float> a(1, std::ptrdiff_t{n} * d, 0, 1), b(2, n);
    CAPTURE(n, d);
    CHECK(check<sum<"n">(sum<"d">(A)), sum<"n">(A * v), mean<"d">(A * v), max<"n">(A)>::within(64, A = a.view(n, d),
                                                                                               v = b.view(n)) == "");
  }
}

}  // namespace

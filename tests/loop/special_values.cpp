// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// NaN, infinities, zeros of both signs, subnormals and many elements enter; what sums and maxima say of them leaves.
#include "oracle.hpp"

namespace {

using ddx::grad, ddx::max, ddx::mean, ddx::softmax, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::array<"A", "n", "d"> A;
constexpr ddx::array<"v", "n"> v;
constexpr ddx::array<"label", "n"> label;
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

// In float the spacing of numbers near 1e8 is 8: what log(sum(exp)) adds to the largest logit is below it.
TEST_CASE("softmax and the losses made of it keep their digits for logits of every size") {
  std::ptrdiff_t const n = 7, d = 11;
  std::vector<float> logits;
  std::vector<std::uint8_t> classes;
  for (float base : {0.f, 1e4f, 3e5f, 1e6f, 1e8f, -1e8f, 0.f})
    for (std::ptrdiff_t k = 0; k < d; ++k) {
      bool const spread = logits.size() >= static_cast<std::size_t>((n - 1) * d);
      logits.push_back(spread ? std::pow(-30.f, static_cast<float>(k) / 2) : base + static_cast<float>(k * k % 5) / 4);
      if (k == 0) classes.push_back(static_cast<std::uint8_t>(classes.size() * 3 % 11));
    }
  logits[static_cast<std::size_t>((n - 1) * d + 1)] = -1e8f;
  for (float& x : logits)
    if (std::isnan(x)) x = 1e5f;

  constexpr auto hard = mean<"n">(ddx::logsumexp<"d">(A) - ddx::take<"d">(A, label));
  constexpr auto soft = mean<"n">(-sum<"d">(ddx::log_softmax<"d">(A) * softmax<"d">(A)));
  auto const [logs, shares, loss, gradient, entropy] =
      ddx::compile<ddx::log_softmax<"d">(A), softmax<"d">(A), hard, grad(hard, A), soft>()(A = ddx::view(logits, n, d),
                                                                                           label = classes);
  auto const near = [](float found, double exact) {
    return std::abs(found - exact) <= 4e-7 * std::max(1., std::abs(exact));
  };
  double total = 0, spread = 0;
  for (std::size_t row = 0; row < 7; ++row) {
    float const* const x = logits.data() + row * 11;
    double const most = *std::max_element(x, x + d);
    double w = 0;
    for (int k = 0; k < d; ++k) w += std::exp(x[k] - most);
    for (std::size_t k = 0; k < 11; ++k) {
      double const share = std::exp(x[k] - most) / w, log_share = x[k] - most - std::log(w);
      CAPTURE(row, k, x[k]);
      CHECK(near(logs[row * 11 + k], log_share));
      CHECK(near(shares[row * 11 + k], share));
      CHECK(near(7 * gradient[row * 11 + k], share - (k == classes[row] ? 1 : 0)));
      spread -= share * log_share / 7;
    }
    total -= (x[classes[row]] - most - std::log(w)) / 7;
  }
  CHECK(near(loss, total));
  CHECK(near(entropy, spread));
}

TEST_CASE("shares whose exponentials are not shifted are finite where the formula is") {
  std::vector<float> const low{-90, -90};
  for (float share : ddx::compile<exp(v - log(sum<"n">(exp(v))))>()(v = low)) CHECK(share == Approx(0.5).epsilon(1e-3));
}

TEST_CASE("the logistic loss of labels keeps its digits for large logits") {
  constexpr ddx::array<"y", "n"> y;
  constexpr auto each = softplus(v) - y * v;
  std::vector<float> const logits{-1e8f, -40, -20, 0, 20, 40, 1e4f, 1e8f}, labels{0, 0, 0, 1, 1, 1, 1, 1};
  auto const found = ddx::compile<each>()(v = logits, y = labels);
  for (std::size_t i = 0; i < logits.size(); ++i)
    CHECK(found[i] == Approx(std::log1p(std::exp(-std::abs(double{logits[i]})))).epsilon(1e-6));
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

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Steps of models whose updates are derived by hand in double enter; the stepper must return the same loss and move the same way.
#include "step_oracle.hpp"

namespace {

using ddx::mean, ddx::sum;
using oracle::random_elements;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::var<"b"> b;

constexpr auto prediction = sum<"d">(X * w) + b;
constexpr auto square_loss = mean<"n">(pow(prediction - y, 2));
constexpr auto logistic_loss = mean<"n">(softplus(prediction) - y * prediction);

struct linear_step {
  double loss = 0, bias_gradient = 0;
  std::vector<double> gradient;
};

/// One row's share of a loss: its value and its derivative by the prediction.
using row_loss = std::pair<double, double> (*)(double prediction, double label);

template <class Data, class Number, class Labels>
linear_step by_hand(row_loss loss, Data const* x, Number const* weights, double bias, Labels const* labels,
                    std::ptrdiff_t n, std::ptrdiff_t d) {
  linear_step result{0, 0, std::vector<double>(static_cast<std::size_t>(d))};
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    double z = bias;
    for (std::ptrdiff_t k = 0; k < d; ++k) z += static_cast<double>(x[i * d + k]) * static_cast<double>(weights[k]);
    auto const [value, slope] = loss(z, static_cast<double>(labels[i]));
    double const count = static_cast<double>(n);
    result.loss += value / count;
    result.bias_gradient += slope / count;
    for (std::ptrdiff_t k = 0; k < d; ++k)
      result.gradient[static_cast<std::size_t>(k)] += slope * static_cast<double>(x[i * d + k]) / count;
  }
  return result;
}

constexpr row_loss square_row = [](double z, double label) {
  return std::pair{(z - label) * (z - label), 2 * (z - label)};
};
constexpr row_loss logistic_row = [](double z, double label) {
  return std::pair{std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))) - label * z, 1 / (1 + std::exp(-z)) - label};
};

template <auto Loss, class Data, class Number>
void follows_by_hand(row_loss row, double tolerance) {
  double const lr = 0.01;
  auto const step = ddx::stepper<Loss, w, b>(ddx::sgd{.lr = lr});
  for (std::ptrdiff_t n : {1, 8, 33, 100})
    for (std::ptrdiff_t d : {1, 7, 16, 37}) {
      random_elements<Data> x(1, n * d, 0, 2);
      random_elements<std::uint8_t> labels(2, n, 0, 1);
      oracle::guarded<Number> weights(static_cast<std::size_t>(d));
      for (std::ptrdiff_t k = 0; k < d; ++k)
        weights.data()[k] = static_cast<Number>(0.0625 * static_cast<double>(k % 9 - 4));
      Number bias = Number(0.25);
      for (int i = 0; i < 3; ++i) {
        CAPTURE(n, d, i);
        linear_step const expected =
            by_hand(row, x.data(), weights.data(), static_cast<double>(bias), labels.data(), n, d);
        std::vector<double> before(weights.data(), weights.data() + d);
        double const bias_before = static_cast<double>(bias);
        auto const loss = step(X = x.view(n, d), y = labels.view(n), w = ddx::view(weights.data(), d), b = bias);
        static_assert(std::is_same_v<decltype(loss), Number const>);
        REQUIRE(static_cast<double>(loss) == Approx(expected.loss).epsilon(tolerance).margin(tolerance));
        REQUIRE(static_cast<double>(bias) ==
                Approx(bias_before - lr * expected.bias_gradient).epsilon(tolerance).margin(tolerance));
        for (std::ptrdiff_t k = 0; k < d; ++k) {
          auto const place = static_cast<std::size_t>(k);
          REQUIRE(static_cast<double>(weights[place]) ==
                  Approx(before[place] - lr * expected.gradient[place]).epsilon(tolerance).margin(tolerance));
        }
        REQUIRE(weights.intact());
      }
    }
}

TEST_CASE("a step of linear regression in double is the one derived by hand") {
  follows_by_hand<square_loss, double, double>(square_row, 1e-13);
}
TEST_CASE("a step of linear regression in float is the one derived by hand") {
  follows_by_hand<square_loss, float, float>(square_row, 2e-5);
}
TEST_CASE("a step of logistic regression in double is the one derived by hand") {
  follows_by_hand<logistic_loss, double, double>(logistic_row, 1e-13);
}
TEST_CASE("a step of logistic regression in float is the one derived by hand") {
  follows_by_hand<logistic_loss, float, float>(logistic_row, 1e-5);
}
TEST_CASE("a step of logistic regression on bytes is the one derived by hand") {
  follows_by_hand<logistic_loss, std::uint8_t, float>(logistic_row, 1e-5);
}

TEST_CASE("a step of sum(x^2) shrinks every element by 1 - 2 lr and returns the sum before") {
  constexpr ddx::array<"x", "i"> x;
  auto const step = ddx::stepper<sum<"i">(pow(x, 2)), x>(ddx::sgd{.lr = 0.125});
  for (std::ptrdiff_t n : oracle::extents) {
    oracle::guarded<float> elements(static_cast<std::size_t>(n));
    double expected = 0;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      elements.data()[i] = static_cast<float>(i - 5);
      expected += static_cast<double>((i - 5) * (i - 5));
    }
    CAPTURE(n);
    CHECK(step(x = ddx::view(elements.data(), n)) == expected);
    for (std::ptrdiff_t i = 0; i < n; ++i)
      REQUIRE(elements[static_cast<std::size_t>(i)] == 0.75f * static_cast<float>(i - 5));
    CHECK(step(x = ddx::view(elements.data(), n)) == 0.5625 * expected);
    CHECK(elements.intact());
  }
}

TEST_CASE("two scalars that multiply move by gradients at the old values of both") {
  constexpr ddx::var<"p"> p;
  constexpr ddx::var<"q"> q;
  auto const step = ddx::stepper<p * q, p, q>(ddx::sgd{.lr = 0.25});
  double first = 3, second = 8;
  CHECK(step(p = first, q = second) == 24);
  CHECK(first == 1);
  CHECK(second == 7.25);
  auto const reversed = ddx::stepper<p * q, q, p>(ddx::sgd{.lr = 0.25});
  first = 3, second = 8;
  CHECK(reversed(p = first, q = second) == 24);
  CHECK(first == 1);
  CHECK(second == 7.25);
}

TEST_CASE("the learning rate may change between steps") {
  constexpr ddx::var<"p"> p;
  auto step = ddx::stepper<pow(p, 2), p>(ddx::sgd{.lr = 0.25});
  double value = 8;
  CHECK(step(p = value) == 64);
  CHECK(value == 4);
  step.optimiser().lr = 0.5;
  CHECK(step(p = value) == 16);
  CHECK(value == 0);
  auto const& fixed = step;
  CHECK(fixed.optimiser().lr == 0.5);
}

TEST_CASE("the same steps from the same weights end at the same bits") {
  std::ptrdiff_t const n = 133, d = 29;
  random_elements<float> x(1, n * d);
  random_elements<float> labels(2, n);
  auto const step = ddx::stepper<logistic_loss, w, b>(ddx::sgd{.lr = 0.1});
  auto const run = [&] {
    std::vector<float> weights(static_cast<std::size_t>(d), 0.125f);
    float bias = 0;
    std::vector<float> trace;
    for (int i = 0; i < 10; ++i) trace.push_back(step(X = x.view(n, d), y = labels.view(n), w = weights, b = bias));
    trace.insert(trace.end(), weights.begin(), weights.end());
    trace.push_back(bias);
    return trace;
  };
  CHECK(run() == run());
}

TEST_CASE("a parameter that does not change the loss stays as it is") {
  constexpr ddx::var<"p"> p;
  constexpr ddx::array<"v", "d"> v;
  auto const step = ddx::stepper<sum<"d">(sign(v)) + p, p, v>(ddx::sgd{.lr = 0.5});
  std::vector<double> values{-1, 2, 3};
  double number = 1;
  CHECK(step(p = number, v = values) == 2);
  CHECK(number == 0.5);
  CHECK(values == std::vector<double>{-1, 2, 3});
}

TEST_CASE("weights of float are trained on data of double, and a double scalar beside float arrays") {
  std::ptrdiff_t const n = 20, d = 7;
  random_elements<double> x(1, n * d), labels(2, n);
  std::vector<float> weights(static_cast<std::size_t>(d), 0.25f);
  float bias = 0.5f;
  CHECK(oracle::step_check<square_loss, w, b>::within(1e9, 0.0625, 2, X = x.view(n, d), y = labels.view(n), w = weights,
                                                      b = bias) == "");
  random_elements<float> narrow(1, n * d), few(2, n);
  double wide = 0.5;
  CHECK(oracle::step_check<square_loss, w, b>::within(64, 0.0625, 2, X = narrow.view(n, d), y = few.view(n),
                                                      w = weights, b = wide) == "");
}

TEST_CASE("where extents disagree nothing is updated") {
  random_elements<float> x(1, 12), labels(2, 4);
  std::vector<float> weights(4, 0.5f);
  float bias = 0.25f;
  auto const step = ddx::stepper<square_loss, w, b>(ddx::sgd{.lr = 0.1});
  CHECK_THROWS_WITH(step(X = x.view(4, 3), y = labels.view(4), w = weights, b = bias), "axis d: X has 3, w has 4");
  CHECK(weights == std::vector<float>(4, 0.5f));
  CHECK(bias == 0.25f);
}

}  // namespace

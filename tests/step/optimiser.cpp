// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Optimisers enter; steps that use them must move parameters as the rules of their publications do, written out here in double.
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/ddx.hpp>
#include <functional>
#include <vector>

#include "../count_allocations.hpp"

namespace {

constexpr ddx::array<"a", "d"> a;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"b"> b;

// Its gradients: 2 a (w - b) for an element of w, the negative of their sum plus 2 (b - 1) for b.
constexpr auto loss = ddx::sum<"d">(a * pow(w - b, 2)) + pow(b - 1, 2);

/// A rule for one number: parameter, gradient, two remembered numbers, the number of the step.
using rule = std::function<void(double&, double, double&, double&, int)>;

struct by_hand {
  std::vector<double> a, w;
  double b = 0.25;
  std::vector<double> first, second;
  int step = 0;

  explicit by_hand(int size) {
    for (int i = 0; i < size; ++i) {
      a.push_back(0.5 + 0.05 * i);
      w.push_back(std::sin(1.0 + i));
    }
    first.assign(w.size() + 1, 0);
    second.assign(w.size() + 1, 0);
  }

  double move(rule const& update) {
    double value = (b - 1) * (b - 1), slope = 2 * (b - 1);
    std::vector<double> gradient(w.size());
    for (std::size_t i = 0; i < w.size(); ++i) {
      value += a[i] * (w[i] - b) * (w[i] - b);
      gradient[i] = 2 * a[i] * (w[i] - b);
      slope -= gradient[i];
    }
    ++step;
    for (std::size_t i = 0; i < w.size(); ++i) update(w[i], gradient[i], first[i], second[i], step);
    update(b, slope, first.back(), second.back(), step);
    return value;
  }
};

template <class Number, class Optimiser>
void follows(Optimiser const& optimiser, rule const& update, double tolerance) {
  for (int size : {1, 8, 37}) {
    CAPTURE(size);
    by_hand expected(size);
    std::vector<Number> const factors(expected.a.begin(), expected.a.end());
    std::vector<Number> weights(expected.w.begin(), expected.w.end());
    Number bias = 0.25;
    auto step = ddx::stepper<loss, w, b>(optimiser);
    for (int i = 0; i < 20; ++i) {
      CHECK(step(a = factors, w = weights, b = bias) == Approx(expected.move(update)).epsilon(tolerance));
      CHECK(bias == Approx(expected.b).epsilon(tolerance).margin(tolerance));
      for (std::size_t k = 0; k < weights.size(); ++k)
        CHECK(weights[k] == Approx(expected.w[k]).epsilon(tolerance).margin(tolerance));
    }
  }
}

rule adam_rule(double lr, double beta1, double beta2, double epsilon, double decay) {
  return [=](double& p, double g, double& m, double& s, int t) {
    p *= 1 - lr * decay;
    m = beta1 * m + (1 - beta1) * g;
    s = beta2 * s + (1 - beta2) * g * g;
    p -= lr * (m / (1 - std::pow(beta1, t))) / (std::sqrt(s / (1 - std::pow(beta2, t))) + epsilon);
  };
}

TEST_CASE("every optimiser follows its rule") {
  follows<double>(ddx::sgd{.lr = 0.01}, [](double& p, double g, double&, double&, int) { p -= 0.01 * g; }, 1e-12);
  follows<double>(
      ddx::momentum{.lr = 0.01, .beta = 0.8},
      [](double& p, double g, double& v, double&, int) {
        v = 0.8 * v + g;
        p -= 0.01 * v;
      },
      1e-11);
  follows<double>(
      ddx::nesterov{.lr = 0.01, .beta = 0.8},
      [](double& p, double g, double& v, double&, int) {
        v = 0.8 * v + g;
        p -= 0.01 * (g + 0.8 * v);
      },
      1e-11);
  follows<double>(
      ddx::adagrad{.lr = 0.1, .epsilon = 1e-6},
      [](double& p, double g, double& s, double&, int) {
        s += g * g;
        p -= 0.1 * g / (std::sqrt(s) + 1e-6);
      },
      1e-11);
  follows<double>(
      ddx::rmsprop{.lr = 0.02, .decay = 0.9, .epsilon = 1e-6},
      [](double& p, double g, double& s, double&, int) {
        s = 0.9 * s + (1 - 0.9) * g * g;
        p -= 0.02 * g / (std::sqrt(s) + 1e-6);
      },
      1e-11);
  follows<double>(ddx::adam{.lr = 0.05, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-6},
                  adam_rule(0.05, 0.8, 0.95, 1e-6, 0), 1e-11);
  follows<float>(ddx::adamw{.lr = 0.05, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-6, .weight_decay = 0.3},
                 adam_rule(0.05, 0.8, 0.95, 1e-6, 0.3), 1e-4);
}

TEST_CASE("a kernel remembers its steps until it is told to forget them") {
  std::vector<double> const factors{1, 2};
  std::vector<double> weights{0.5, -0.5};
  double bias = 0;
  auto step = ddx::stepper<loss, w, b>(ddx::momentum{.lr = 0.1});
  auto const go = [&](auto& kernel) { return kernel(a = factors, w = weights, b = bias); };
  go(step);
  auto copy = step;
  auto const kept = std::pair(weights, bias);
  go(step);
  auto const with_memory = weights;
  std::tie(weights, bias) = kept;
  go(copy);
  CHECK(weights == with_memory);
  std::tie(weights, bias) = kept;
  copy.reset();
  go(copy);
  CHECK(weights != with_memory);
}

TEST_CASE("an optimiser that remembers allocates in its first step and in no other") {
  std::vector<float> const factors(100, 0.01f);
  std::vector<float> weights(100, 1);
  float bias = 0;
  auto step = ddx::stepper<loss, w, b>(ddx::adam{});
  auto const go = [&] { step(a = factors, w = weights, b = bias); };
  CHECK(allocations_of(go) == 2);
  CHECK(allocations_of(go) == 0);
}

TEST_CASE("parameters that are not those of the steps before are refused, and nothing is lost") {
  std::vector<double> const factors{1, 2}, more{1, 2, 3};
  std::vector<double> weights{0.5, -0.5}, others{1, 2, 3};
  std::vector<float> singles{1, 2};
  double bias = 0;
  auto step = ddx::stepper<loss, w, b>(ddx::adam{});
  CHECK_THROWS_AS(step(a = more, w = weights, b = bias), ddx::error);  // not a step: nothing to remember
  step(a = factors, w = weights, b = bias);
  auto const before = std::pair(weights, bias);
  constexpr char const* sentence =
      "stepper: w has another shape or element type than in the steps before, which the optimiser remembers; reset() "
      "forgets them";
  CHECK_THROWS_WITH(step(a = more, w = others, b = bias), sentence);
  CHECK_THROWS_WITH(step(a = factors, w = singles, b = bias), sentence);
  CHECK(std::pair(weights, bias) == before);
  step(a = factors, w = weights, b = bias);
  step.reset();
  step(a = more, w = others, b = bias);
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The step of a linear classifier (sigmoid, binary cross-entropy) on Fashion-MNIST pullovers and dresses: ddx and Eigen,
// interleaved round by round in one run, checked against a double-precision reference before they are timed.
#include <ddx/data/fashion_mnist.hpp>
#include <ddx/ddx.hpp>

#include <Eigen/Dense>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace {

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::var<"b"> b;

constexpr auto logit = ddx::sum<"d">(X / 255 * w) + b;
constexpr auto loss = ddx::mean<"n">(softplus(logit) - y * logit);

constexpr float rate = 0.1f;

struct model {
  std::vector<float> weights;
  float bias = 0;
};

struct data_set {
  std::vector<std::uint8_t> bytes, labels;
  std::vector<float> pixels, targets;  // pixels in 0..1
  std::ptrdiff_t rows = 0, features = 0;
};

data_set load(std::ptrdiff_t rows) {
  auto const all = ddx::data::select_classes(ddx::data::fashion_mnist::load_train(), std::array<std::uint8_t, 2>{2, 3});
  auto const set = ddx::data::shuffled(all, 1);
  data_set d;
  d.features = static_cast<std::ptrdiff_t>(set.features());
  d.rows = std::min<std::ptrdiff_t>(rows, static_cast<std::ptrdiff_t>(set.size()));
  d.bytes.assign(set.images.begin(), set.images.begin() + d.rows * d.features);
  d.labels.assign(set.labels.begin(), set.labels.begin() + d.rows);
  for (std::uint8_t byte : d.bytes) d.pixels.push_back(static_cast<float>(byte) / 255.0f);
  for (std::uint8_t label : d.labels) d.targets.push_back(label);
  return d;
}

model initial(std::ptrdiff_t features) {
  model m;
  for (std::ptrdiff_t i = 0; i < features; ++i) m.weights.push_back(0.03f * std::sin(static_cast<float>(i)));
  return m;
}

/// The step in double precision, as one would derive it by hand.
double reference_step(data_set const& d, std::vector<double>& weights, double& bias) {
  std::vector<double> gradient(weights.size());
  double total = 0, bias_gradient = 0;
  for (std::ptrdiff_t i = 0; i < d.rows; ++i) {
    double z = bias;
    for (std::ptrdiff_t k = 0; k < d.features; ++k)
      z += d.bytes[static_cast<std::size_t>(i * d.features + k)] / 255.0 * weights[static_cast<std::size_t>(k)];
    double const target = d.labels[static_cast<std::size_t>(i)];
    total += std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))) - target * z;
    double const slope = 1 / (1 + std::exp(-z)) - target;
    bias_gradient += slope;
    for (std::ptrdiff_t k = 0; k < d.features; ++k)
      gradient[static_cast<std::size_t>(k)] += slope * d.bytes[static_cast<std::size_t>(i * d.features + k)] / 255.0;
  }
  double const n = static_cast<double>(d.rows);
  for (std::size_t k = 0; k < weights.size(); ++k) weights[k] -= rate * gradient[k] / n;
  bias -= rate * bias_gradient / n;
  return total / n;
}

struct contender {
  std::string name;
  std::function<float(model&)> step;
  model state{};
  std::vector<double> times{};  // seconds a step, one a round
};

void check(contender& c, data_set const& d) {
  model m = initial(d.features);
  std::vector<double> weights(m.weights.begin(), m.weights.end());
  double bias = 0;
  for (int i = 0; i < 3; ++i) {
    double const expected = reference_step(d, weights, bias);
    double const got = c.step(m);
    if (!(std::abs(got - expected) < 1e-4 * std::abs(expected))) {
      fmt::print(stderr, "{}: loss {} instead of {}\n", c.name, got, expected);
      std::exit(1);
    }
  }
  for (std::size_t k = 0; k < weights.size(); ++k)
    if (!(std::abs(m.weights[k] - weights[k]) < 1e-4)) {
      fmt::print(stderr, "{}: weight {} is {} instead of {}\n", c.name, k, m.weights[k], weights[k]);
      std::exit(1);
    }
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

/// The median over rounds of the ratio of two contenders in the same round.
double ratio(contender const& one, contender const& other) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < one.times.size(); ++i) ratios.push_back(one.times[i] / other.times[i]);
  return median(ratios);
}

void race(data_set const& d, int rounds, int steps) {
  auto const ddx_float =
      [&d,
       step = ddx::stepper<ddx::mean<"n">(softplus(ddx::sum<"d">(X * w) + b) - y * (ddx::sum<"d">(X * w) + b)), w, b>(
           ddx::sgd{.lr = rate})](model& m) {
        return static_cast<float>(
            step(X = ddx::view(d.pixels, d.rows, d.features), y = d.targets, w = m.weights, b = m.bias));
      };
  auto const ddx_bytes = [&d, step = ddx::stepper<loss, w, b>(ddx::sgd{.lr = rate})](model& m) {
    return static_cast<float>(
        step(X = ddx::view(d.bytes, d.rows, d.features), y = d.labels, w = m.weights, b = m.bias));
  };
  using matrix = Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> const>;
  auto const eigen = [&d, z = Eigen::VectorXf(d.rows), e = Eigen::VectorXf(d.rows),
                      slope = Eigen::VectorXf(d.rows)](model& m) mutable {
    matrix const x(d.pixels.data(), d.rows, d.features);
    Eigen::Map<Eigen::VectorXf const> const target(d.targets.data(), d.rows);
    Eigen::Map<Eigen::VectorXf> weights(m.weights.data(), d.features);
    z.noalias() = x * weights;
    z.array() += m.bias;
    e = (-z.array().abs()).exp();
    float const value = (z.array().max(0.0f) + e.array().log1p() - target.array() * z.array()).mean();
    slope = (z.array() >= 0).select(1.0f / (1.0f + e.array()), e.array() / (1.0f + e.array())) - target.array();
    float const scale = rate / static_cast<float>(d.rows);
    weights.noalias() -= scale * (x.transpose() * slope);
    m.bias -= scale * slope.sum();
    return value;
  };
  std::vector<contender> all{
      {"Eigen, float", eigen}, {"ddx, float", ddx_float}, {"ddx, uint8", ddx_bytes}, {"Eigen, float again", eigen}};
  for (contender& c : all) {
    check(c, d);
    c.state = initial(d.features);
  }
  for (int round = 0; round < rounds; ++round)
    for (contender& c : all) {
      auto const begin = std::chrono::steady_clock::now();
      float volatile last = 0;
      for (int i = 0; i < steps; ++i) last = c.step(c.state);
      static_cast<void>(last);
      c.times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / steps);
    }
  fmt::print("{} rows x {}, {} rounds of {} steps, one core, vectors of {} bytes\n", d.rows, d.features, rounds, steps,
             ddx::simd::width<float> * sizeof(float));
  for (contender const& c : all)
    fmt::print("  {:20} median {:9.1f} us   least {:9.1f} us   {:5.2f} of Eigen\n", c.name, 1e6 * median(c.times),
               1e6 * *std::min_element(c.times.begin(), c.times.end()), ratio(c, all[0]));
  std::fflush(stdout);
}

}  // namespace

int main() {
  race(load(12000), 41, 5);
  race(load(256), 41, 200);
}

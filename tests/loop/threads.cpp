// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Numbers of threads enter; results that are the same, bit for bit, and those that the definition gives leave.
#include <algorithm>
#include <bit>
#include <thread>

#include "../step/step_oracle.hpp"

namespace {

using ddx::grad, ddx::max, ddx::mean, ddx::sum;
using oracle::random_elements;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::var<"b"> b;

constexpr auto score = sum<"d">(X * w) + b;
constexpr auto loss = mean<"n">(softplus(score) - y * score);
constexpr auto deviation = X - mean<"n">(X);

// Sums and maxima over the batch to numbers and to arrays, values of every row, and a second pass that uses what the first one gave.
template <class... Threads>
constexpr auto compiled(Threads... threads) {
  return ddx::compile<loss, grad(loss, w, b), score, max<"n">(X), max<"n">(score), sum<"n">(deviation * score)>(
      threads...);
}

template <class Number>
struct results {
  Number loss = 0, by_b = 0, largest = 0;
  std::vector<Number> by_w, scores, maxima, moments;
  bool operator==(results const&) const = default;
};

template <class Element, class Number, class Kernel>
results<Number> run(Kernel const& kernel, std::ptrdiff_t n, std::ptrdiff_t d, Element* data, Number* weights,
                    Number* labels) {
  results<Number> r;
  kernel(ddx::into(r.loss, r.by_w, r.by_b, r.scores, r.maxima, r.largest, r.moments), X = ddx::view(data, n, d),
         w = ddx::view(weights, d), y = ddx::view(labels, n), b = Number(0.25));
  return r;
}

template <class Element, class Number>
void same_with_any_number() {
  for (auto const& [n, d] : {std::pair<std::ptrdiff_t, std::ptrdiff_t>{1, 3}, {1024, 3}, {5003, 7}, {3000, 1201}}) {
    random_elements<Element> x(1, n * d, 0, 3);
    random_elements<Number> weights(2, d), labels(3, n, 0, 1);
    auto const with = [&](auto const& kernel) { return run(kernel, n, d, x.data(), weights.data(), labels.data()); };
    CAPTURE(n, d);
    auto const expected = with(compiled());
    for (int count : {1, 2, 3, 7})
      for (int i = 0; i < 3; ++i) CHECK(with(compiled(ddx::threads(count))) == expected);
  }
}

TEST_CASE("a kernel gives the same bits with any number of threads and without") {
  same_with_any_number<float, float>();
  same_with_any_number<std::uint8_t, double>();
}

TEST_CASE("a step moves the same bits with any number of threads and without") {
  constexpr ddx::array<"R", "n", "d"> R;
  constexpr auto squares = mean<"n">(pow(sum<"d">(R * w) - y, 2)) + sum<"n">(sum<"d">(pow(R - X, 2)));
  std::ptrdiff_t const n = 3001, d = 400;
  random_elements<float> x(1, n * d), labels(3, n);
  auto const after = [&](auto... threads) {
    random_elements<float> table(4, n * d);
    std::vector<float> weights(static_cast<std::size_t>(d), 0.125f), all;
    auto step = ddx::stepper<squares, w, R>(ddx::sgd{.lr = 1e-3}, threads...);
    for (int i = 0; i < 3; ++i)
      all.push_back(step(X = x.view(n, d), R = table.view(n, d), y = labels.view(n), w = weights));
    all.insert(all.end(), weights.begin(), weights.end());
    all.insert(all.end(), table.data(), table.data() + n * d);
    return all;
  };
  auto const expected = after();
  CHECK(after(ddx::threads(1)) == expected);
  CHECK(after(ddx::threads(2)) == expected);
  CHECK(after(ddx::threads(5)) == expected);
}

constexpr ddx::array<"label", "n"> label;
constexpr ddx::array<"W", "d", "h"> W;
constexpr ddx::array<"c", "h"> c;
constexpr ddx::array<"V", "h", "k"> V;
constexpr ddx::array<"e", "k"> e;

/// Parameters and losses of three steps of a network, as bits: NaN is NaN.
struct network_steps {
  static constexpr std::ptrdiff_t d = 61, h = 35, k = 10;
  std::ptrdiff_t n;
  random_elements<float> x{1, n* d, -1, 1};
  random_elements<std::uint8_t> labels{2, n, 0, k - 1};

  static constexpr auto hidden = relu(sum<"d">(X * W) + c);
  static constexpr auto scores = sum<"h">(hidden * V) + e;
  static constexpr auto loss = mean<"n">(ddx::logsumexp<"k">(scores) - ddx::take<"k">(scores, label));

  /// Three steps by `step(bindings...)`.
  template <class Step>
  std::vector<std::uint32_t> after(Step const& step) {
    random_elements<float> first(3, d * h, -0.3, 0.3), bias(4, h, -0.5, 0.5), second(5, h * k, -0.5, 0.5), last(6, k);
    std::vector<std::uint32_t> bits;
    auto const keep = [&](float value) { bits.push_back(std::bit_cast<std::uint32_t>(value)); };
    for (int i = 0; i < 3; ++i)
      keep(step(X = x.view(n, d), label = labels.view(n), W = first.view(d, h), c = bias.view(h), V = second.view(h, k),
                e = last.view(k)));
    std::for_each_n(first.data(), d * h, keep);
    std::for_each_n(bias.data(), h, keep);
    std::for_each_n(second.data(), h * k, keep);
    std::for_each_n(last.data(), k, keep);
    return bits;
  }

  void same_with_any_number() {
    auto const expected = after(ddx::stepper<loss, W, c, V, e>(ddx::sgd{.lr = 0.1}));
    for (int count : {1, 2, 3, 5})
      for (int i = 0; i < 3; ++i)
        CHECK(after(ddx::stepper<loss, W, c, V, e>(ddx::sgd{.lr = 0.1}, ddx::threads(count))) == expected);
  }
};

TEST_CASE("steps of a network give the same bits with any number of threads and without, and those of the definition") {
  for (std::ptrdiff_t n : {0, 1, 7, 100, 255, 256, 257, 1025, 2500}) {
    CAPTURE(n);
    network_steps steps{n};
    steps.same_with_any_number();
    if (n > 0 && n <= 257)
      steps.after([](auto const&... bindings) {
        CHECK(oracle::step_check<network_steps::loss, W, c, V, e>::within(64, 0.1, 1, bindings...) == "");
        return 0.f;
      });
  }
}

TEST_CASE("what is not finite in a network gives the same bits with any number of threads and without") {
  network_steps steps{300};
  steps.x.data()[100 * network_steps::d + 5] = std::numeric_limits<float>::infinity();
  steps.same_with_any_number();
}

TEST_CASE("neighbours and scans give the same bits with any number of threads and without") {
  constexpr ddx::axis<"n"> next;
  constexpr auto walk = ddx::cumsum<"n">(score);
  constexpr auto rough =
      sum<"n">(pow(score[next + 1] - score, 2) * walk[next - 1]) + sum<"n">(sum<"d">(X[next + 1] * X));
  std::ptrdiff_t const n = 5003, d = 111;
  random_elements<float> x(1, n * d), weights(2, d, -0.25, 0.25);
  auto const with = [&](auto const& kernel) {
    std::tuple<float, std::vector<float>, std::vector<float>> all;
    kernel(ddx::into(std::get<0>(all), std::get<1>(all), std::get<2>(all)), X = x.view(n, d), w = weights.view(d),
           b = 0.5f);
    return all;
  };
  auto const expected = with(ddx::compile<rough, grad(rough, w), walk>());
  for (int count : {1, 2, 3, 7})
    CHECK(with(ddx::compile<rough, grad(rough, w), walk>(ddx::threads(count))) == expected);
}

TEST_CASE("kernels of several threads are called by several threads at once") {
  std::ptrdiff_t const n = 4000, d = 300;
  random_elements<float> x(1, n * d), weights(2, d), labels(3, n, 0, 1);
  auto const kernel = ddx::compile<loss, grad(loss, w)>(ddx::threads(2));
  auto const call = [&] {
    std::vector<float> all(static_cast<std::size_t>(d));
    float value = 0;
    for (int i = 0; i < 5; ++i)
      kernel(ddx::into(value, all), X = x.view(n, d), w = weights.view(d), y = labels.view(n), b = 1);
    all.push_back(value);
    return all;
  };
  auto const expected = call();
  std::vector<std::vector<float>> got(4);
  std::vector<std::thread> callers;
  for (auto& result : got) callers.emplace_back([&] { result = call(); });
  for (auto& caller : callers) caller.join();
  for (auto const& result : got) CHECK(result == expected);
}

TEST_CASE("no threads are refused in a sentence") {
  CHECK_THROWS_WITH(ddx::threads(0), "threads: 0 threads cannot work; give 1 or more");
  CHECK_THROWS_AS(ddx::threads(-1), ddx::error);
}

}  // namespace

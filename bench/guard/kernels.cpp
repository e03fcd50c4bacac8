// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Nothing enters; under callgrind the instructions of each main kernel leave, a dump a kernel. Everything is compiled
// with fixed flags, the library's sources too, so that counts depend on the compiler and the code alone.
#include <ddx/ddx.hpp>
#include <ddx/tape/tape.hpp>

#include <valgrind/callgrind.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

namespace {

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"b"> b;
constexpr ddx::array<"x", "n"> x;
constexpr ddx::array<"W", "d", "h"> W;
constexpr ddx::array<"c", "h"> c;

constexpr auto logit = ddx::sum<"d">(X * w) + b;
constexpr auto loss = ddx::mean<"n">(softplus(logit) - y * logit);
constexpr auto byte_logit = ddx::sum<"d">(X / 255 * w) + b;
constexpr auto byte_loss = ddx::mean<"n">(softplus(byte_logit) - y * byte_logit);
constexpr auto squares = ddx::sum<"n">(x * x);
constexpr auto log_total = ddx::logsumexp<"n">(x);
constexpr auto hidden = ddx::mean<"n">(ddx::sum<"h">(c * tanh(ddx::sum<"d">(X * W))));

constexpr auto valley = ddx::fn<"x", "y">([](auto x, auto y) {
  auto const a = y - x * x;
  return 100 * a * a + (1 - x) * (1 - x);
});

/// Runs a kernel once for its scratch memory, then counts one run.
template <class Kernel>
void count(char const* name, Kernel&& kernel) {
  kernel();
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
  kernel();
  CALLGRIND_DUMP_STATS_AT(name);
  CALLGRIND_STOP_INSTRUMENTATION;
}

template <class Number>
std::vector<Number> waves(std::ptrdiff_t size, double scale = 1) {
  std::vector<Number> result;
  for (std::ptrdiff_t i = 0; i < size; ++i)
    result.push_back(static_cast<Number>(scale * (1 + std::sin(static_cast<double>(i)))));
  return result;
}

double volatile sink;

}  // namespace

int main() {
  constexpr std::ptrdiff_t n = 64, d = 100, h = 24;
  {
    auto const data = waves<float>(n * d);
    auto const labels = waves<float>(n, 0.5);
    auto weights = waves<float>(d, 0.1);
    float bias = 0;
    auto const step = ddx::stepper<loss, w, b>(ddx::sgd{.lr = 0.1});
    count("step of a linear model, float",
          [&] { sink = static_cast<double>(step(X = ddx::view(data, n, d), y = labels, w = weights, b = bias)); });
  }
  {
    auto const data = waves<std::uint8_t>(n * d, 100), labels = waves<std::uint8_t>(n, 0.6);
    auto weights = waves<float>(d, 0.1);
    float bias = 0;
    auto const step = ddx::stepper<byte_loss, w, b>(ddx::sgd{.lr = 0.1});
    count("step of a linear model, bytes",
          [&] { sink = static_cast<double>(step(X = ddx::view(data, n, d), y = labels, w = weights, b = bias)); });
  }
  {
    auto at = waves<double>(1000);
    auto const step = ddx::stepper<squares, x>(ddx::sgd{.lr = 0.001});
    count("step down a sum of squares, 1000 doubles", [&] { sink = step(x = at); });
    auto three = waves<float>(3);
    count("step down a sum of squares, 3 floats", [&] { sink = static_cast<double>(step(x = three)); });
  }
  {
    auto const at = waves<double>(1000);
    std::vector<double> gradient(1000);
    auto const kernel = ddx::compile<log_total, ddx::grad(log_total, x)>();
    count("logsumexp and its gradient, 1000 doubles", [&] {
      double value = 0;
      kernel(ddx::into(value, gradient), x = at);
      sink = value;
    });
  }
  {
    auto const data = waves<float>(n * d);
    auto const first = waves<float>(d * h, 0.01), second = waves<float>(h);
    std::vector<float> by_first(static_cast<std::size_t>(d * h));
    auto const kernel = ddx::compile<hidden, ddx::grad(hidden, W)>();
    count("a layer and the gradient by its weights, float", [&] {
      float value = 0;
      kernel(ddx::into(value, by_first), X = ddx::view(data, n, d), W = ddx::view(first, d, h), c = second);
      sink = static_cast<double>(value);
    });
  }
  {
    double volatile at = 0.5;
    count("value and gradient of Rosenbrock's function", [&] {
      double sum = 0;
      for (int i = 0; i < 100; ++i) {
        auto const [value, gradient] = ddx::value_and_grad(valley)(at, at);
        sum += value + gradient[0] + gradient[1];
      }
      sink = sum;
    });
  }
  {
    ddx::tape tape;
    std::vector<ddx::real> in;
    auto const data = waves<double>(n * d), weights = waves<double>(d, 0.1);
    std::vector<double> gradient(static_cast<std::size_t>(d));
    ddx::real out;
    auto const record = [&] {
      tape.reset();
      in.clear();
      for (double v : weights) in.push_back(tape.input(v));
      ddx::real total = 0;
      for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
        ddx::real z = 0;
        for (std::size_t k = 0; k < static_cast<std::size_t>(d); ++k)
          z += data[i * static_cast<std::size_t>(d) + k] * in[k];
        total += log1p(exp(-z));
      }
      out = total;
    };
    count("recording a regression on a tape", record);
    count("going back over the tape", [&] { tape.gradient_into(gradient, out, in); });
    tape.replay(weights);  // the first looks for what repeats
    count("replaying the tape", [&] { tape.replay(weights); });
  }
}

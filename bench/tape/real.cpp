// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The value and gradient of standard functions on ddx::real, beside loops derived and written by hand: interleaved
// round by round in one run, checked against one another before they are timed.
#include <ddx/tape/tape.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace {

using numbers = std::vector<double>;
using reals = std::vector<ddx::real>;

struct problem {
  std::string name;
  numbers at;
  double operations;  // what a time is divided by
  std::string unit;
  std::function<ddx::real(reals const&)> program;
  std::function<double(numbers const&, numbers&)> by_hand;  // value; gradient
};

struct contender {
  std::string name;
  std::function<double(numbers&)> run;
  std::vector<double> times{};  // seconds a call, one a round
};

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

void check(contender const& c, problem const& p) {
  numbers expected(p.at.size()), found(p.at.size());
  double const value = p.by_hand(p.at, expected), got = c.run(found);
  bool same = std::abs(got - value) <= 1e-10 * std::abs(value);
  for (std::size_t i = 0; i < expected.size(); ++i)
    same = same && std::abs(found[i] - expected[i]) <= 1e-9 * (1 + std::abs(expected[i]));
  if (same) return;
  fmt::print(stderr, "{}, {}: {} instead of {}, or another gradient\n", p.name, c.name, got, value);
  std::exit(1);
}

void race(problem const& p, int rounds, int calls) {
  ddx::tape tape;
  reals x;
  ddx::real y;
  auto const record = [&] {
    tape.reset();
    x.clear();
    for (double each : p.at) x.push_back(tape.input(each));
    y = p.program(x);
    return y.value();
  };
  record();
  std::vector<contender> all{
      {"by hand", [&](numbers& g) { return p.by_hand(p.at, g); }},
      {"record, reverse",
       [&](numbers& g) {
         record();
         tape.gradient_into(g, y, x);
         return y.value();
       }},
      {"record", [&](numbers&) { return record(); }},
      {"reverse",
       [&](numbers& g) {
         tape.gradient_into(g, y, x);
         return y.value();
       }},
      {"replay",
       [&](numbers&) {
         tape.replay(p.at);
         return tape.value(y);
       }},
      {"replay, reverse",
       [&](numbers& g) {
         tape.replay(p.at);
         tape.gradient_into(g, y, x);
         return tape.value(y);
       }},
      {"by hand again", [&](numbers& g) { return p.by_hand(p.at, g); }},
  };
  for (contender const& c : all)
    if (c.name != "record" && c.name != "replay") check(c, p);
  numbers gradient(p.at.size());
  for (int round = 0; round < rounds; ++round)
    for (contender& c : all) {
      auto const begin = std::chrono::steady_clock::now();
      double volatile last = 0;
      for (int i = 0; i < calls; ++i) last = c.run(gradient);
      static_cast<void>(last);
      c.times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / calls);
    }
  auto const s = tape.statistics();
  fmt::print("{}: {} rounds of {} calls, one core; {} statements, {:.1f} bytes an operation\n", p.name, rounds, calls,
             s.statements, static_cast<double>(s.bytes) / static_cast<double>(s.operations));
  for (contender const& c : all)
    fmt::print("  {:18} median {:9.2f} ns   least {:9.2f} ns {}   {:5.2f} of by hand\n", c.name,
               1e9 * median(c.times) / p.operations,
               1e9 * *std::min_element(c.times.begin(), c.times.end()) / p.operations, p.unit, ratio(c, all[0]));
  fmt::print("  replay is {:.2f} of record\n", ratio(all[4], all[2]));
  std::fflush(stdout);
}

problem rosenbrock(std::size_t n) {
  numbers at;
  for (std::size_t i = 0; i < n; ++i) at.push_back(i % 2 == 0 ? -1.2 : 1.0);
  auto const program = [](reals const& x) {
    ddx::real total = 0;
    for (std::size_t i = 0; i + 1 < x.size(); ++i) {
      ddx::real const valley = x[i + 1] - x[i] * x[i], hill = 1 - x[i];
      total += 100 * valley * valley + hill * hill;
    }
    return total;
  };
  auto const by_hand = [](numbers const& x, numbers& g) {
    double total = 0;
    std::fill(g.begin(), g.end(), 0.0);
    for (std::size_t i = 0; i + 1 < x.size(); ++i) {
      double const valley = x[i + 1] - x[i] * x[i], hill = 1 - x[i];
      total += 100 * valley * valley + hill * hill;
      g[i] -= 400 * valley * x[i] + 2 * hill;
      g[i + 1] += 200 * valley;
    }
    return total;
  };
  return {"Rosenbrock of " + std::to_string(n), at, 1, "a call", program, by_hand};
}

/// The mean logistic loss of n rows with d features.
problem logistic_regression(std::size_t n, std::size_t d) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  numbers rows(n * d), labels(n), weights(d);
  for (double& v : rows) v = normal(random);
  for (double& v : labels) v = normal(random) > 0 ? 1 : -1;
  for (double& v : weights) v = 0.1 * normal(random);
  auto const program = [=](reals const& w) {
    ddx::real total = 0;
    for (std::size_t i = 0; i < n; ++i) {
      ddx::real z = 0;
      for (std::size_t j = 0; j < d; ++j) z += rows[i * d + j] * w[j];
      total += log1p(exp(-labels[i] * z));
    }
    return ddx::real(total / static_cast<double>(n));
  };
  auto const by_hand = [=](numbers const& w, numbers& g) {
    double total = 0;
    std::fill(g.begin(), g.end(), 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      double z = 0;
      for (std::size_t j = 0; j < d; ++j) z += rows[i * d + j] * w[j];
      double const e = std::exp(-labels[i] * z), slope = -labels[i] * e / (1 + e) / static_cast<double>(n);
      total += std::log1p(e);
      for (std::size_t j = 0; j < d; ++j) g[j] += slope * rows[i * d + j];
    }
    return total / static_cast<double>(n);
  };
  return {"logistic regression " + std::to_string(n) + " x " + std::to_string(d),
          weights,
          static_cast<double>(n * d),
          "a multiply-add",
          program,
          by_hand};
}

}  // namespace

int main() {
  race(rosenbrock(2), 41, 100000);
  race(rosenbrock(1000), 41, 200);
  race(logistic_regression(1000, 100), 41, 10);
}

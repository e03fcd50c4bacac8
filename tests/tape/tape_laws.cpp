// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The table of records enters; that a tape finds the value and the derivatives of each as the graph does is checked. No
// primitive is listed.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/primitive/table.hpp>
#include <ddx/tape/tape.hpp>
#include <random>
#include <string>
#include <vector>

#include "../graph/interpret.hpp"
#include "../primitive/composed.hpp"

namespace {

using namespace laws;

/// 2 * f(3x, 3y, …) for a record f on reals, as `composed` has it in a graph.
template <class Record, int... Is>
ddx::real on_reals(std::vector<ddx::real> const& x, std::integer_sequence<int, Is...>) {
  auto const operand = [&]<int K>(std::integral_constant<int, K>) {
    constexpr ddx::primitive const& op = ddx::info<Record>;
    if constexpr ((op.takes_conditions >> K & 1u) != 0) return inner * x[K] > 0;
    else if constexpr ((op.takes_whole >> K & 1u) != 0) return x[K];
    else return inner * x[K];
  };
  return outer * ddx::apply<Record>(operand(std::integral_constant<int, Is>{})...);
}

void check_same(double found, double expected) {
  if (std::isnan(expected)) CHECK(std::isnan(found));
  else CHECK(found == Approx(expected).epsilon(1e-12).margin(1e-12));
}

}  // namespace

TEST_CASE("the tape finds value, gradient, slopes and hessian of every primitive as the graph does") {
  std::mt19937 random(11);
  each<ddx::elementwise_records>([&](auto record) {
    using type = decltype(record);
    ddx::primitive const& op = ddx::info<type>;
    composed f(op);
    auto const arity = static_cast<std::size_t>(op.arity);
    auto const first = ddx::differentiator(f.g).gradient(f.output, f.inputs);
    std::vector<std::vector<int>> second;
    for (int derivative : first) {
      auto const row = ddx::differentiator(f.g).gradient(derivative, f.inputs);
      second.emplace_back(row.begin(), row.end());
    }
    for (int trial = 0; trial < 5; ++trial) {
      auto const at = f.point(random);
      INFO(op.name << " at " << at[0]);
      ddx::tape tape;
      auto const x = tape.inputs(at);
      ddx::real const y = on_reals<type>(x, std::make_integer_sequence<int, ddx::record_arity<type>>{});
      check_same(y.value(), oracle::value(f.g, f.output, at));
      auto const gradient = tape.gradient(y, x);
      auto const hessian = tape.hessian(y, x);
      for (std::size_t row = 0; row < arity; ++row) {
        bool const whole = (op.takes_whole >> row) & 1u;
        double const expected = oracle::value(f.g, first[static_cast<int>(row)], at);
        check_same(gradient[row], expected);
        std::vector<double> direction(arity);
        direction[row] = 1;
        check_same(tape.jvp(std::vector{y}, x, direction)[0], expected);
        for (std::size_t column = 0; column < arity; ++column)
          if (!whole && !((op.takes_whole >> column) & 1u))
            check_same(hessian[row][column], oracle::value(f.g, second[row][column], at));
      }
    }
  });
}

TEST_CASE("a recording that is replayed computes what the program would have computed") {
  std::mt19937 random(12);
  each<ddx::elementwise_records>([&](auto record) {
    using type = decltype(record);
    ddx::primitive const& op = ddx::info<type>;
    if (op.takes_conditions != 0) return;  // where steers the program
    composed f(op);
    auto const gradient = ddx::differentiator(f.g).gradient(f.output, f.inputs);
    ddx::tape tape;
    auto const x = tape.inputs(f.point(random));
    ddx::real const y = on_reals<type>(x, std::make_integer_sequence<int, ddx::record_arity<type>>{});
    for (int trial = 0; trial < 5; ++trial) {
      auto const at = f.point(random);
      INFO(op.name << " at " << at[0]);
      tape.replay(at);
      check_same(tape.value(y), oracle::value(f.g, f.output, at));
      auto const found = tape.gradient(y, x);
      for (std::size_t k = 0; k < at.size(); ++k)
        check_same(found[k], oracle::value(f.g, gradient[static_cast<int>(k)], at));
    }
  });
}

TEST_CASE("a recording becomes a graph that computes the same") {
  std::mt19937 random(13);
  each<ddx::elementwise_records>([&](auto record) {
    using type = decltype(record);
    ddx::primitive const& op = ddx::info<type>;
    auto const at = composed(op).point(random);
    INFO(op.name << " at " << at[0]);
    ddx::tape tape;
    auto const x = tape.inputs(at);
    ddx::real const y = on_reals<type>(x, std::make_integer_sequence<int, ddx::record_arity<type>>{});
    ddx::graph const g = tape.graph(y, x);
    check_same(oracle::value(g, g.outputs[0], at), y.value());
  });
}

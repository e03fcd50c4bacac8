// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A record of the table enters; it leaves within a formula, as a graph with inner factors and an outer one, with points of its domain.
#pragma once

#include <algorithm>
#include <cmath>
#include <ddx/primitive/table.hpp>
#include <random>
#include <string_view>
#include <tuple>
#include <vector>

#include "../graph/building.hpp"

namespace laws {

/// Calls `test` with each record of a tuple, where the type is needed.
template <class Records, class Test>
void each(Test test) {
  std::apply([&](auto... records) { (test(records), ...); }, Records{});
}

/// A point of the domain of the records' facts, at most 3 from the origin where the domain has no end.
inline double operand_in(ddx::interval domain, std::mt19937& random) {
  double const low = std::max(domain.low, -3.0), high = std::min(domain.high, 3.0);
  return std::uniform_real_distribution(low, high)(random);
}

/// The same, whole for operands that are whole numbers, away from 0 for those whose sign is a truth value.
inline double operand_of(ddx::primitive const& op, int k, std::mt19937& random) {
  double operand = operand_in(op.domain[k], random);
  while (((op.takes_conditions >> k) & 1u) && std::abs(operand) < 0.1) operand = operand_in(op.domain[k], random);
  return (op.takes_whole >> k) & 1u ? std::round(operand) : operand;
}

inline constexpr double inner = 3, outer = 2;
inline constexpr std::string_view names[]{"x", "y", "z"};

/// f(3x, 3y, …) * 2 for a record f, with its inputs. Operands that are truth values are 3x > 0, whole ones are x.
struct composed {
  ddx::primitive const& op;
  ddx::graph g;
  ddx::sequence<int> inputs;
  int output = -1;

  explicit composed(ddx::primitive const& record) : op(record) {
    int operands[ddx::max_arity]{};
    for (int k = 0; k < op.arity; ++k) {
      auto const x = building::scalar(g, names[k]);
      inputs.push_back(building::id(g, x));
      ddx::traced const scaled = inner * x;
      operands[k] = building::id(g, (op.takes_conditions >> k) & 1u ? scaled > 0 : is_whole(k) ? x : scaled);
    }
    ddx::traced const result(g, op.arity > 0 ? ddx::detail::apply_node(g, op, operands) : g.intern({.op = &op}));
    output = building::id(g, outer * (op.condition ? where(result, 1, 0) : result));
  }

  bool is_whole(int k) const { return (op.takes_whole >> k) & 1u; }

  /// Operands apart from one another, since functions of two operands have their kinks where both are equal.
  std::vector<double> point(std::mt19937& random) const {
    std::vector<double> result;
    for (int k = 0; k < op.arity; ++k) {
      double operand = operand_of(op, k, random);
      while (std::any_of(result.begin(), result.end(),
                         [&](double other) { return std::abs(inner * other - operand) < 0.1; }))
        operand = operand_of(op, k, random);
      result.push_back(is_whole(k) ? operand : operand / inner);
    }
    return result;
  }
};

}  // namespace laws

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Random graphs over the table of primitives: a seed and a size enter, a graph of scalars with one output leaves.
#pragma once

#include <cmath>
#include <ddx/primitive/table.hpp>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "interpret.hpp"

namespace random_graph {

inline constexpr std::string_view names[]{"x", "y", "z"};
inline constexpr int inputs = 3;

/// Which primitives occur.
enum class kinds {
  rational,  ///< + - * / unary - and whole powers: exact arithmetic can follow
  all        ///< every elementwise record and every condition
};

inline std::vector<ddx::primitive const*> primitives(kinds chosen) {
  std::vector<ddx::primitive const*> result;
  for (ddx::primitive const* p : ddx::all_primitives) {
    bool const arithmetic = *p == ddx::info<ddx::add_> || *p == ddx::info<ddx::subtract_> ||
                            *p == ddx::info<ddx::multiply_> || *p == ddx::info<ddx::divide_> ||
                            *p == ddx::info<ddx::negate_>;
    if (arithmetic) result.insert(result.end(), chosen == kinds::all ? 8 : 1, p);
    else if (p->kind == ddx::role::elementwise && chosen == kinds::all) result.push_back(p);
  }
  return result;
}

inline ddx::graph make(std::mt19937& random, int size, kinds chosen) {
  static auto const rational = primitives(kinds::rational), all = primitives(kinds::all);
  auto const& table = chosen == kinds::all ? all : rational;
  static constexpr double numbers[]{0, 1, 2, 3, 5, -1, -2, -3, 0.5, -0.25, 0.1, 1.7};
  auto const below = [&](std::size_t count) { return static_cast<std::size_t>(random() % count); };

  ddx::graph g;
  std::vector<int> pool;
  for (std::string_view name : names) {
    g.inputs.push_back({.name = name});
    pool.push_back(ddx::detail::input_node(g, g.inputs.size() - 1));
  }
  auto const number = [&] {
    return ddx::detail::constant_node(g, {numbers[below(chosen == kinds::all ? 12 : 10)], 1});
  };
  auto const operand = [&] {
    if (below(5) == 0) return number();
    std::size_t const recent = std::min<std::size_t>(pool.size(), 6);
    return below(3) == 0 ? pool[below(pool.size())] : pool[pool.size() - 1 - below(recent)];
  };
  while (static_cast<int>(pool.size()) < size) {
    if (below(6) == 0) {
      int const operands[]{operand(), ddx::detail::constant_node(g, {static_cast<double>(below(6)) - 2, 1})};
      pool.push_back(ddx::detail::apply_node(g, ddx::info<ddx::pow_>, operands));
      continue;
    }
    ddx::primitive const& op = *table[below(table.size())];
    int operands[ddx::max_arity]{operand(), operand(), operand()};
    for (int k = 0; k < op.arity; ++k)
      if ((op.takes_whole >> k) & 1u) operands[k] = ddx::detail::constant_node(g, {static_cast<double>(below(4)), 1});
    pool.push_back(ddx::detail::apply_node(g, op, operands));
  }
  int last = pool.back();
  if (g.nodes[last].op->condition) last = ddx::detail::as_number(g, last);
  g.outputs.push_back(last);
  return g;
}

/// A node as it stands, name(operands), for the messages of tests.
inline std::string describe(ddx::graph_view g, int id) {
  ddx::node const& n = g.nodes[id];
  if (ddx::is<ddx::input_>(n)) return std::string(g.inputs[n.index].name);
  if (ddx::is<ddx::constant_>(n)) {
    std::string const above = std::to_string(n.constant.numerator);
    return n.constant.denominator == 1 ? above : above + "/" + std::to_string(n.constant.denominator);
  }
  std::string result = std::string(n.op->name) + "(";
  for (int k = 0; k < n.op->arity; ++k) result += (k > 0 ? ", " : "") + describe(g, n.operands[k]);
  return result.size() > 2000 ? "…" : result + ")";
}

/// A value and by how much rounding may move it.
struct estimate {
  double value;
  double error;
};

/// The output of a graph at a point with an estimate of its rounding error: it is computed again with every result moved by a few
/// units in the last place (stochastic arithmetic). Nothing where a comparison, an overflow or a pole makes an estimate
/// meaningless: IEEE arithmetic gives undefined values numbers (1/(1/0) is 0), which ones depends on the grouping.
inline std::optional<estimate> estimated(ddx::graph_view g, std::vector<double> const& at, std::mt19937& random) {
  bool extreme = false;
  auto const look = [&](ddx::node const& n, double result) {
    double const size = std::abs(result);
    extreme |= size > 1e60 || (size != 0 && size < 1e-60) || (ddx::is<ddx::divide_>(n) && std::isnan(result));
    return result;
  };
  double const exact = oracle::outputs(g, at, look)[0];
  if (extreme) return {};
  double spread = 0;
  for (int trial = 0; trial < 6; ++trial) {
    auto const nudge = [&](ddx::node const& n, double result) {
      bool const leaf = ddx::is<ddx::constant_>(n) || ddx::is<ddx::input_>(n) || n.op->condition;
      return leaf ? result : result * (1 + 2e-13 * (static_cast<double>(random() % 2001) / 1000 - 1));
    };
    double const moved = oracle::outputs(g, at, nudge)[0];
    if (std::isfinite(moved) != std::isfinite(exact)) return {};
    if (std::isfinite(exact)) spread = std::max(spread, std::abs(moved - exact));
  }
  double const error = 20 * spread + 1e-12 * std::abs(exact);
  if (std::isfinite(exact) && error > 1e-6 * (1e-3 + std::abs(exact))) return {};
  return estimate{exact, error};
}

}  // namespace random_graph

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A count and a seed enter; as many random formulas over the whole table leave, a line of JSON each, with a point and the values of
// the formula and its first and second derivatives there, for sympy_oracle.py to recompute.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <ddx/evaluate/interpret.hpp>
#include <ddx/primitive/table.hpp>
#include <ddx/transform/differentiate.hpp>
#include <ddx/transform/simplify.hpp>
#include <random>
#include <string>
#include <vector>

namespace {

using ddx::graph;
using ddx::graph_view;
using ddx::primitive;

class formulas {
 public:
  explicit formulas(unsigned seed) : random_(seed) {
    for (primitive const* p : ddx::all_primitives)
      if (p->kind == ddx::role::elementwise && p->arity > 0) table_.push_back(p);
  }

  /// Writes the next formula whose derivatives exist at its point.
  void write_next() {
    for (;;) {
      graph const written = make();
      int const output = written.outputs[0];
      graph g = written;
      ddx::differentiator d(g);
      ddx::sequence<int> inputs;
      for (int i = 0; i < 2; ++i) inputs.push_back(ddx::detail::input_node(g, i));
      ddx::sequence<int> const first = d.gradient(output, inputs);
      for (int id : first) g.outputs.push_back(id);
      for (int id : d.gradient(first[0], inputs)) g.outputs.push_back(id);
      graph const reading = simplify(g.view(), ddx::sharing::expand), running = simplify(g.view(), ddx::sharing::keep);
      std::vector<double> const got = values(reading.view());
      if (got[1] == 0 && got[2] == 0 && below(20) != 0) continue;
      if (!well_conditioned(reading.view()) || !well_conditioned(running.view())) continue;
      fmt::print("{{\"nodes\": [");
      for (int i = 0; i <= output; ++i) fmt::print("{}{}", i == 0 ? "" : ", ", described(written.view(), i));
      fmt::print("], \"at\": [\"{:a}\", \"{:a}\"], \"values\": [{}], \"again\": [{}]}}\n", at_[0], at_[1], list(got),
                 list(values(running.view())));
      return;
    }
  }

 private:
  static std::string list(std::vector<double> const& numbers) {
    std::string text;
    for (double x : numbers) text += fmt::format("{}\"{:a}\"", text.empty() ? "" : ", ", x);
    return text;
  }

  static std::string described(graph_view g, int id) {
    ddx::node const& n = g.nodes[id];
    if (ddx::is<ddx::input_>(n)) return fmt::format("[\"input\", {}]", n.index);
    if (ddx::is<ddx::constant_>(n)) return fmt::format("[\"constant\", \"{:a}\"]", n.constant.value());
    std::string text = fmt::format("[\"{}\"", n.op->name);
    for (int k = 0; k < n.op->arity; ++k) text += fmt::format(", {}", n.operands[k]);
    return text + "]";
  }

  std::size_t below(std::size_t count) { return random_() % count; }
  double uniform() { return std::uniform_real_distribution<>(0.2, 1.9)(random_); }

  /// Grows a pool of nodes with their values; an operation joins where its operands lie in its domain.
  graph make() {
    graph g;
    for (std::string_view name : {"x", "y"}) g.inputs.push_back({.name = name});
    at_[0] = uniform();
    at_[1] = uniform();
    std::vector<int> pool{ddx::detail::input_node(g, 0), ddx::detail::input_node(g, 1)};
    std::size_t const size = 3 + below(6);
    for (int tries = 0; pool.size() < 2 + size && tries < 400; ++tries) {
      primitive const& op = *table_[below(table_.size())];
      int operands[ddx::max_arity]{-1, -1, -1};
      bool sensible = true;
      for (int k = 0; k < op.arity; ++k) {
        operands[k] = operand(g, pool);
        // A number where a truth value stands is correct and tells nothing.
        sensible = sensible && g.nodes[operands[k]].op->condition == ((op.takes_conditions >> k & 1u) != 0);
      }
      if (!sensible) continue;
      int const id = ddx::detail::apply_node(g, op, operands);
      ddx::sequence<double> all;
      ddx::interpret(g.view(), at_, all);
      bool inside = std::abs(all[id]) < 50 && (op.condition || std::abs(all[id]) > 0.02);
      for (int k = 0; k < op.arity; ++k)
        inside = inside && (op.takes_conditions >> k & 1u ||
                            (all[operands[k]] >= op.domain[k].low && all[operands[k]] <= op.domain[k].high));
      if (inside && (!op.condition || below(4) == 0)) pool.push_back(id);
    }
    int last = pool.back();
    if (g.nodes[last].op->condition) last = ddx::detail::as_number(g, last);
    g.outputs.push_back(last);
    return ddx::simplifier::compacted(g.view());
  }

  int operand(graph& g, std::vector<int> const& pool) {
    static constexpr double numbers[]{1, 2, 3, 0.5, 0.25, -1, -0.75, 1.5};
    if (below(5) == 0) return ddx::detail::constant_node(g, {numbers[below(8)], 1});
    std::size_t const recent = std::min<std::size_t>(pool.size(), 4);
    return pool[pool.size() - 1 - below(recent)];
  }

  std::vector<double> values(graph_view g) const {
    ddx::sequence<double> all;
    ddx::interpret(g, at_, all);
    std::vector<double> result;
    for (int i = 0; i < g.output_count; ++i) result.push_back(all[g.outputs[i]]);
    return result;
  }

  /// Whether the outputs are finite and no intermediate value is so large that rounding decides.
  bool well_conditioned(graph_view g) const {
    ddx::sequence<double> all;
    ddx::interpret(g, at_, all);
    for (int i = 0; i < g.node_count; ++i)
      if (!(std::abs(all[i]) < 1e5)) return false;
    return true;
  }

  std::mt19937 random_;
  std::vector<primitive const*> table_;
  double at_[2]{};
};

}  // namespace

int main(int argc, char** argv) {
  int const count = argc > 1 ? std::atoi(argv[1]) : 1000;
  formulas source(argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1);
  for (int i = 0; i < count; ++i) source.write_next();
}

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A recording enters; the part of it that outputs depend on leaves as a graph.
#include <ddx/error.hpp>
#include <ddx/primitive/records.hpp>
#include <ddx/tape/tape.hpp>

#include <algorithm>
#include <mutex>
#include <set>

#include <fmt/core.h>

#include "kept_name.hpp"
#include "tape_statement.hpp"

namespace ddx {

std::string_view detail::kept_name(std::string const& name) {
  static std::mutex keeping;
  static std::set<std::string> names;
  std::lock_guard const lock(keeping);
  return *names.insert(name).first;
}

namespace {

class graph_of_recording {
 public:
  explicit graph_of_recording(detail::recording const& on)
      : on_(on), nodes_(on.used / 2 + 1, -1), needed_(on.used / 2 + 1, 0) {}

  void variable(std::size_t index, std::string const& name) {
    result_.inputs.push_back({.name = detail::kept_name(name)});
    nodes_[index / 2] = detail::input_node(result_, result_.inputs.size() - 1);
  }

  void need(std::size_t index) {
    needed_[index / 2] = 1;
    end_ = std::max(end_, index + 1);
  }

  void build() {
    mark();
    on_.each_until(end_, [&](detail::statement_at const& at) {
      if (needed_[at.index / 2] && nodes_[at.index / 2] < 0)
        nodes_[at.index / 2] = at.code->operands == 0 ? constant(on_.words[at.index]) : statement(at);
    });
  }

  void output(real const& number) {
    result_.outputs.push_back(number.recorded() ? nodes_[number.index() / 2] : constant(number.value()));
  }
  ddx::graph result() { return std::move(result_); }

 private:
  int constant(double number) { return detail::constant_node(result_, {number, 1}); }

  /// What is needed by what is needed, from the last statement to the first.
  void mark() {
    for (std::size_t end = end_; end > 0;) {
      detail::statement_at const at = on_.before(end);
      end = at.begin;
      if (!needed_[at.index / 2] || nodes_[at.index / 2] >= 0) continue;
      for (std::uint32_t i = 0; i < at.code->operands; ++i) needed_[at.operand(i) / 2] = 1;
    }
  }

  int statement(detail::statement_at const& from) {
    detail::statement_plan const& plan = plans_[from.number];
    steps_.assign(static_cast<std::size_t>(plan.code->step_count), -1);
    for (int i = 0; i < plan.code->step_count; ++i) {
      auto const at = static_cast<std::size_t>(i);
      detail::statement_step const& step = plan.code->steps[i];
      if (step.what == detail::statement_step::kind::variable) {
        steps_[at] = nodes_[from.operand(plan.places[at]) / 2];
      } else if (step.what == detail::statement_step::kind::constant) {
        steps_[at] = constant(from.constants[plan.places[at]]);
      } else {
        int operands[max_arity]{-1, -1, -1};
        for (int k = 0; k < step.op->arity; ++k)
          operands[k] = steps_[static_cast<std::size_t>(plan.operands[at][static_cast<std::size_t>(k)])];
        steps_[at] = detail::apply_node(result_, *step.op, operands);
      }
    }
    return steps_.back();
  }

  detail::recording const& on_;
  ddx::graph result_;
  detail::statement_plans plans_;
  std::vector<int> nodes_, steps_;
  std::vector<char> needed_;
  std::size_t end_ = 0;
};

}  // namespace

graph tape::graph(std::span<real const> outputs, std::span<real const> by, std::span<std::string const> names) const {
  constexpr auto caller = "ddx::tape::graph";
  detail::recording const& on = state(caller);
  if (!names.empty() && names.size() != by.size())
    throw error(fmt::format("{}: {} names are given for {} inputs", caller, names.size(), by.size()));
  std::vector<std::string> known(names.begin(), names.end());
  std::sort(known.begin(), known.end());
  if (auto const twice = std::adjacent_find(known.begin(), known.end()); twice != known.end())
    throw error(fmt::format("{}: two inputs are called {}", caller, *twice));
  auto const check = [&](real const& number) {
    if (number.recorded() && !on.owns(number))
      throw error(fmt::format(
          "{}: a number was recorded on another tape, or on this one before it was reset or rewound", caller));
  };
  graph_of_recording building(on);
  for (std::size_t i = 0; i < by.size(); ++i) {
    check(by[i]);
    if (!by[i].recorded()) throw error(fmt::format("{}: input {} does not depend on the tape", caller, i));
    building.variable(by[i].index(), names.empty() ? fmt::format("x{}", i) : names[i]);
  }
  for (real const& output : outputs) {
    check(output);
    if (output.recorded()) building.need(output.index());
  }
  building.build();
  for (real const& output : outputs) building.output(output);
  return building.result();
}

graph tape::graph(real const& output, std::span<real const> by, std::span<std::string const> names) const {
  return graph(std::span(&output, 1), by, names);
}

}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The rules of all records on dual numbers, compiled once; statements enter and are computed step by step.
#include "tape_statement.hpp"

#include <cmath>
#include <unordered_map>

#include <fmt/core.h>

#include <ddx/primitive/table.hpp>
#include <ddx/tape/statement.hpp>

namespace ddx::detail {

namespace {

template <class Records>
struct rules_by_id;
template <class... Records>
struct rules_by_id<std::tuple<Records...>> {
  static std::unordered_map<unsigned, numeric_rules const*> make() {
    return {{hash_of(Records::name), &rules_on_duals<Records>::table}...};
  }
};

}  // namespace

numeric_rules const& rules_of(statement_step const& step) {
  static auto const elementwise = rules_by_id<elementwise_records>::make();
  static auto const conditions = rules_by_id<condition_records>::make();
  if (step.own != nullptr) return *step.own;
  auto const found = elementwise.find(step.op->id);
  return found != elementwise.end() ? *found->second : *conditions.at(step.op->id);
}

statement_plan::statement_plan(statement_code const& of) : code(&of) {
  std::vector<int> stack;
  std::uint32_t next_variable = 0, next_constant = 0;
  for (int i = 0; i < of.step_count; ++i) {
    statement_step const& step = of.steps[i];
    std::array<int, max_arity> of_step{-1, -1, -1};
    std::uint32_t place = 0;
    numeric_rules const* rule = nullptr;
    if (step.what == statement_step::kind::variable) {
      place = next_variable++;
    } else if (step.what == statement_step::kind::constant) {
      place = next_constant++;
    } else {
      rule = &rules_of(step);
      auto const first = stack.size() - static_cast<std::size_t>(step.op->arity);
      std::copy(stack.begin() + static_cast<std::ptrdiff_t>(first), stack.end(), of_step.begin());
      stack.resize(first);
    }
    stack.push_back(i);
    rules.push_back(rule);
    operands.push_back(of_step);
    places.push_back(place);
  }
}

statement_plan const& statement_plans::operator[](std::uint32_t number) {
  if (number >= known_.size()) known_.resize(number + 1);
  if (!known_[number]) known_[number] = std::make_unique<statement_plan>(code_of(number));
  return *known_[number];
}

dual const* statement_walk::operands_of(int step) {
  auto const& places = plan_->operands[static_cast<std::size_t>(step)];
  for (int i = 0; i < plan_->code->steps[step].op->arity; ++i)
    operands_[i] = results_[static_cast<std::size_t>(places[static_cast<std::size_t>(i)])];
  return operands_;
}

dual statement_walk::evaluate(statement_plan const& plan, statement_at const& from, double const* slopes) {
  plan_ = &plan;
  at_ = &from;
  results_.resize(static_cast<std::size_t>(plan.code->step_count));
  for (int i = 0; i < plan.code->step_count; ++i) {
    auto const at = static_cast<std::size_t>(i);
    statement_step const& step = plan.code->steps[i];
    if (step.what == statement_step::kind::variable) {
      std::uint32_t const variable = from.operand(plan.places[at]);
      results_[at] = {from.words[variable], slopes ? slopes[variable / 2] : 0};
    } else if (step.what == statement_step::kind::constant) {
      results_[at] = from.constants[plan.places[at]];
    } else {
      results_[at] = plan.rules[at]->value(operands_of(i));
    }
  }
  return results_.back();
}

std::string call_text(primitive const& op, dual const* operands) {
  std::string text(op.name);
  for (int i = 0; i < op.arity; ++i) text += (i == 0 ? "(" : ", ") + number_text(operands[i].value);
  return text + ")";
}

std::string fault_in(statement_at const& at) {
  statement_code const& code = *at.code;
  statement_plan const plan(code);
  statement_walk walk;
  walk.evaluate(plan, at, nullptr);
  int first = code.step_count - 1;
  for (int i = code.step_count - 1; i >= 0; --i)
    if (code.steps[i].what == statement_step::kind::apply &&
        !std::isfinite(walk.results()[static_cast<std::size_t>(i)].value))
      first = i;
  return call_text(*code.steps[first].op, walk.operands_of(first)) + " is " +
         number_text(walk.results()[static_cast<std::size_t>(first)].value);
}

std::string comparison_text(statement_at const& at) {
  statement_plan const plan(*at.code);
  statement_walk walk;
  walk.evaluate(plan, at, nullptr);
  int const last = at.code->step_count - 1;
  return call_text(*at.code->steps[last].op, walk.operands_of(last));
}

}  // namespace ddx::detail

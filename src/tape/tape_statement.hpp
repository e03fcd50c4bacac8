// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A statement of a tape enters and is taken apart: its operations one by one, in dual numbers.
#pragma once

#include <ddx/tape/recording.hpp>

#include "detect_anomaly.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace ddx::detail {

/// The rules of a step's record: a user's own, or those that the library has compiled.
numeric_rules const& rules_of(statement_step const& step);

/// The parts of a kind of statement, as passes that take statements apart need them.
struct statement_plan {
  statement_code const* code = nullptr;
  std::vector<numeric_rules const*> rules;           ///< of each step; null for leaves
  std::vector<std::array<int, max_arity>> operands;  ///< of each step, as numbers of steps
  std::vector<std::uint32_t> places;                 ///< of each leaf, among the operands or constants

  explicit statement_plan(statement_code const& of);
};

/// Plans by a kernel's number, made at their first use.
class statement_plans {
 public:
  statement_plan const& operator[](std::uint32_t number);

 private:
  std::vector<std::unique_ptr<statement_plan>> known_;
};

/// One statement's steps in dual numbers.
class statement_walk {
 public:
  /// Computes all steps; `slopes` may be null. The statement must live until what follows is done.
  dual evaluate(statement_plan const& plan, statement_at const& at, double const* slopes);

  /// After evaluate: hands each variable's part of the adjoint to add(variable, part). `look(step, part)` sees each
  /// contribution.
  template <class Add, class Look>
  void accumulate(dual const& adjoint, Add const& add, Look const& look);

  std::vector<dual> const& results() const { return results_; }
  dual const* operands_of(int step);

 private:
  statement_plan const* plan_ = nullptr;
  statement_at const* at_ = nullptr;
  std::vector<dual> results_, adjoints_;
  std::vector<char> reached_;
  dual operands_[max_arity];
};

template <class Add, class Look>
void statement_walk::accumulate(dual const& adjoint, Add const& add, Look const& look) {
  int const count = plan_->code->step_count;
  adjoints_.assign(static_cast<std::size_t>(count), dual{});
  reached_.assign(static_cast<std::size_t>(count), 0);
  adjoints_.back() = adjoint;
  reached_.back() = 1;
  for (int self = count - 1; self >= 0; --self) {
    auto const at = static_cast<std::size_t>(self);
    if (!reached_[at]) continue;
    statement_step const& step = plan_->code->steps[self];
    if (step.what == statement_step::kind::variable) add(at_->operand(plan_->places[at]), adjoints_[at]);
    if (step.what != statement_step::kind::apply) continue;
    dual const* const operands = operands_of(self);
    for (int i = 0; i < step.op->arity; ++i) {
      int const operand = plan_->operands[at][static_cast<std::size_t>(i)];
      if (plan_->code->steps[operand].what == statement_step::kind::constant) continue;
      dual part;
      if (!plan_->rules[at]->contribute(i, operands, results_[at], adjoints_[at], part)) continue;
      look(self, i, part);
      adjoints_[static_cast<std::size_t>(operand)] = part;
      reached_[static_cast<std::size_t>(operand)] = 1;
    }
  }
}

/// `sqrt(-1) is nan`: the first operation of a statement whose result is not finite.
std::string fault_in(statement_at const& at);

/// `sqrt(-1)`.
std::string call_text(primitive const& op, dual const* operands);

/// `less(3, 1)`: the last operation of a statement.
std::string comparison_text(statement_at const& at);

}  // namespace ddx::detail

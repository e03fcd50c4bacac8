// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records of truth values: comparisons, and, or, not, and the choice where(c, a, b).
#pragma once

#include "arithmetic.hpp"

namespace ddx {

namespace detail {

/// What and, or and all comparisons share: a truth value with derivative zero.
struct connective {
  static constexpr bool condition = true;
  static constexpr rules partials{[](auto, auto, auto) { return 0; }, [](auto, auto, auto) { return 0; }};
};

/// What all comparisons share besides: they change where both sides are equal.
struct comparison : connective {
  static constexpr auto kink = [](double a, double b) { return a == b; };
};

/// What <, <=, > and >= share besides: they are asked of numbers.
struct ordering : comparison {
  static constexpr bool orders = true;
};

}  // namespace detail

struct less_ : detail::ordering {
  static constexpr std::string_view name = "less";
  static constexpr auto value = [](auto a, auto b) { return a < b; };
  static constexpr notation text{"{0} < {1}", precedence::comparison, precedence::sum}, latex = text, cpp = text;
};
DDX_OPERATOR(<, less_);

struct less_equal_ : detail::ordering {
  static constexpr std::string_view name = "less_equal";
  static constexpr auto value = [](auto a, auto b) { return a <= b; };
  static constexpr notation text{"{0} <= {1}", precedence::comparison, precedence::sum}, cpp = text;
  static constexpr notation unicode{"{0} ≤ {1}", precedence::comparison, precedence::sum};
  static constexpr notation latex{"{0} \\le {1}", precedence::comparison, precedence::sum};
};
DDX_OPERATOR(<=, less_equal_);

struct greater_ : detail::ordering {
  static constexpr std::string_view name = "greater";
  static constexpr auto value = [](auto a, auto b) { return a > b; };
  static constexpr notation text{"{0} > {1}", precedence::comparison, precedence::sum}, latex = text, cpp = text;
};
DDX_OPERATOR(>, greater_);

struct greater_equal_ : detail::ordering {
  static constexpr std::string_view name = "greater_equal";
  static constexpr auto value = [](auto a, auto b) { return a >= b; };
  static constexpr notation text{"{0} >= {1}", precedence::comparison, precedence::sum}, cpp = text;
  static constexpr notation unicode{"{0} ≥ {1}", precedence::comparison, precedence::sum};
  static constexpr notation latex{"{0} \\ge {1}", precedence::comparison, precedence::sum};
};
DDX_OPERATOR(>=, greater_equal_);

struct equal_ : detail::comparison {
  static constexpr std::string_view name = "equal";
  static constexpr auto value = [](auto a, auto b) { return a == b; };
  static constexpr notation text{"{0} == {1}", precedence::comparison, precedence::sum}, cpp = text;
  static constexpr notation latex{"{0} = {1}", precedence::comparison, precedence::sum};
};
DDX_OPERATOR(==, equal_);

struct not_equal_ : detail::comparison {
  static constexpr std::string_view name = "not_equal";
  static constexpr auto value = [](auto a, auto b) { return a != b; };
  static constexpr notation text{"{0} != {1}", precedence::comparison, precedence::sum}, cpp = text;
  static constexpr notation unicode{"{0} ≠ {1}", precedence::comparison, precedence::sum};
  static constexpr notation latex{"{0} \\ne {1}", precedence::comparison, precedence::sum};
};
DDX_OPERATOR(!=, not_equal_);

struct and_ : detail::connective {
  static constexpr std::string_view name = "and";
  static constexpr unsigned takes_conditions = 0b11;
  static constexpr auto value = [](auto a, auto b) { return a & b; };
  static constexpr notation text{"{0} and {1}", precedence::conjunction, precedence::comparison};
  static constexpr notation unicode{"{0} ∧ {1}", precedence::conjunction, precedence::comparison};
  static constexpr notation latex{"{0} \\land {1}", precedence::conjunction, precedence::comparison};
  static constexpr notation cpp{"{0} && {1}", precedence::conjunction, precedence::comparison};
};
DDX_OPERATOR(&&, and_);

struct or_ : detail::connective {
  static constexpr std::string_view name = "or";
  static constexpr unsigned takes_conditions = 0b11;
  static constexpr auto value = [](auto a, auto b) { return a | b; };
  static constexpr notation text{"{0} or {1}", precedence::disjunction, precedence::conjunction};
  static constexpr notation unicode{"{0} ∨ {1}", precedence::disjunction, precedence::conjunction};
  static constexpr notation latex{"{0} \\lor {1}", precedence::disjunction, precedence::conjunction};
  static constexpr notation cpp{"{0} || {1}", precedence::disjunction, precedence::conjunction};
};
DDX_OPERATOR(||, or_);

struct not_ {
  static constexpr std::string_view name = "not";
  static constexpr bool condition = true;
  static constexpr unsigned takes_conditions = 0b1;
  static constexpr auto value = [](auto a) { return !a; };
  static constexpr rules partials{[](auto, auto) { return 0; }};
  static constexpr notation unicode{"¬({0})"}, latex{"\\lnot\\left({0}\\right)"}, cpp{"!({0})"};
};
DDX_PREFIX_OPERATOR(!, not_);

/// a where the condition holds, b elsewhere. Only the branch taken contributes to the derivative, whatever the other one
/// would be (infinite or NaN).
struct where_ {
  static constexpr std::string_view name = "where";
  static constexpr bool exact_on_whole = true;
  static constexpr bool chooses = true;
  static constexpr unsigned takes_conditions = 0b001;
  static constexpr auto value = [](auto c, auto a, auto b) { return select(c, a, b); };
  static constexpr rules partials{[](auto, auto, auto, auto) { return 0; },
                                  [](auto c, auto, auto, auto) { return where(c, 1, 0); },
                                  [](auto c, auto, auto, auto) { return where(c, 0, 1); }};
  static constexpr notation latex{"\\begin{cases} {1} & {0} \\\\ {2} & \\text{otherwise} \\end{cases}",
                                  precedence::sign};
  static constexpr notation cpp{"({0} ? {1} : {2})", precedence::atom, precedence::disjunction};
};
DDX_LIBRARY_FUNCTION(where, where_);

namespace detail {

constexpr int as_number(graph& g, int id) { return where(traced(g, id), 1, 0).node_in(g); }

constexpr int as_condition(graph& g, int id) {
  if (is<constant_>(g.nodes[id])) return id;
  return (traced(g, id) != 0).node_in(g);
}

constexpr int apply_node(graph& g, primitive const& op, int const* operands) {
  node n{.op = &op};
  for (int i = 0; i < op.arity; ++i) {
    bool const wants = (op.takes_conditions >> i) & 1u;
    bool const has = g.nodes[operands[i]].op->condition;
    int operand = operands[i];
    if (wants && !has) operand = as_condition(g, operand);
    if (!wants && has) operand = as_number(g, operand);
    n.operands[i] = operand;
    n.axes |= g.nodes[operand].axes;
  }
  return g.intern(n);
}

}  // namespace detail

constexpr int algebra<traced>::reduce_node(graph& g, primitive const& op, int operand, int axis) {
  return reduce_node(g, op, &operand, axis);
}

constexpr int algebra<traced>::reduce_node(graph& g, primitive const& op, int const* operands, int axis) {
  node n{.op = &op, .index = axis};
  for (int i = 0; i < op.arity; ++i) {
    int const operand = g.nodes[operands[i]].op->condition ? detail::as_number(g, operands[i]) : operands[i];
    n.operands[i] = operand;
    n.axes |= g.nodes[operand].axes;
  }
  n.axes &= ~(axis_set{1} << axis);
  return g.intern(n);
}

}  // namespace ddx

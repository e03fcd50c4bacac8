// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Straight-line evaluation: a frozen graph of scalars enters, one inlined statement a node leaves.
#pragma once

#include <utility>

#include "../graph/frozen.hpp"
#include "../graph/inline.hpp"
#include "../primitive/reduction.hpp"

namespace ddx::detail {

inline constexpr int largest_unrolled_power =
    16;  // x^16 takes 4 multiplications, each at most half a unit in the last place off

DDX_CONTRACTED_BEGIN

/// base^exponent by repeated squaring; exact in the order of operations at compile time and run time.
template <class Number>
DDX_INLINE constexpr Number power_of(Number base, int exponent) {
  Number result = base;
  bool begun = false;
  while (exponent > 0) {
    if (exponent & 1) {
      result = begun ? result * base : base;
      begun = true;
    }
    exponent >>= 1;
    if (exponent > 0) base = base * base;
  }
  return result;
}

DDX_CONTRACTED_END

/// pow for an exponent that was written as an integer but is known only when the formula is evaluated.
template <class Number>
DDX_INLINE constexpr Number power_of_whole(Number base, Number exponent) {
  if (exponent >= Number(1) && exponent <= Number(largest_unrolled_power))
    return power_of(base, static_cast<int>(exponent));
  if (exponent == Number(0)) return Number(1);
  if (exponent >= Number(-largest_unrolled_power) && exponent < Number(0))
    return Number(1) / power_of(base, -static_cast<int>(exponent));
  return pow_::value(base, exponent);
}

/// What one node does, as a template argument: no name of the graph in it, which for a formula is as long as the formula, so that
/// the names of a step's functions stay short and programs share them.
template <class Number>
struct step {
  enum class kind { constant, input, power, whole_power, apply };

  kind what = kind::constant;
  primitive const* op = nullptr;
  int id = 0;                                 ///< the node
  int operands[max_arity]{none, none, none};  ///< nodes; no and yes for constants that are truth values
  int number = 0;                             ///< the exponent, or the input
  Number value = 0;

  static constexpr int none = -1, no = -2, yes = -3;
};

/// The whole exponent of a power node if it is to be unrolled, else 0.
constexpr int unrolled_exponent(graph_view g, int id) {
  node const& n = g.nodes[id];
  if (!is<pow_>(n) || !is<constant_>(g.nodes[n.operands[1]])) return 0;
  rational const c = g.nodes[n.operands[1]].constant;
  bool const unrolled =
      c.denominator == 1 && exact::is_integer(c.numerator) && c.numerator >= 1 && c.numerator <= largest_unrolled_power;
  return unrolled ? static_cast<int>(c.numerator) : 0;
}

template <class Number>
constexpr step<Number> step_of(graph_view g, int id) {
  using step = step<Number>;
  node const& n = g.nodes[id];
  step s{.op = n.op, .id = id};
  if (is<constant_>(n)) {
    s.value = static_cast<Number>(n.constant.value());
    return s;
  }
  if (is<input_>(n)) {
    s.what = step::kind::input;
    s.number = n.index;
    return s;
  }
  s.what = step::kind::apply;
  for (int i = 0; i < n.op->arity; ++i) {
    node const& operand = g.nodes[n.operands[i]];
    bool const known = is<constant_>(operand) && (n.op->takes_conditions >> i & 1u);
    s.operands[i] = !known ? n.operands[i] : operand.constant.numerator != 0 ? step::yes : step::no;
  }
  if (is<pow_>(n)) {
    node const& exponent = g.nodes[n.operands[1]];
    s.number = unrolled_exponent(g, id);
    if (s.number > 0) s.what = step::kind::power;
    else if (is<input_>(exponent) && g.inputs[exponent.index].is_slot() && g.inputs[exponent.index].whole)
      s.what = step::kind::whole_power;
  }
  return s;
}

template <primitive const* Op, int Operand, int Place, class Number>
DDX_INLINE constexpr auto operand_at([[maybe_unused]] Number const* values, [[maybe_unused]] bool const* conditions) {
  if constexpr ((Op->takes_conditions >> Operand & 1u) == 0) return values[Place];
  else if constexpr (Place < 0) return Place == step<Number>::yes;
  else return conditions[Place];
}

/// The result of a primitive on the values of nodes `First`, `Second` and `Third`.
template <primitive const* Op, int First, int Second, int Third, class Number>
DDX_INLINE constexpr auto apply_at(Number const* values, [[maybe_unused]] bool const* conditions) {
  using record = record_at<Op>;
  static_assert(Op->kind == role::elementwise,
                "ddx: a scalar is evaluated here, but the formula still reduces an axis");
  if constexpr (Op->arity == 0) return record::value();
  else if constexpr (Op->takes_conditions == 0 && Op->arity == 1) return record::value(values[First]);
  else if constexpr (Op->takes_conditions == 0 && Op->arity == 2) return record::value(values[First], values[Second]);
  else if constexpr (Op->arity == 1) return record::value(operand_at<Op, 0, First>(values, conditions));
  else if constexpr (Op->arity == 2)
    return record::value(operand_at<Op, 0, First>(values, conditions), operand_at<Op, 1, Second>(values, conditions));
  else
    return record::value(operand_at<Op, 0, First>(values, conditions), operand_at<Op, 1, Second>(values, conditions),
                         operand_at<Op, 2, Third>(values, conditions));
}

template <class Number, step<Number> Step>
DDX_INLINE constexpr void run_step([[maybe_unused]] Number const* inputs, Number* values,
                                   [[maybe_unused]] bool* conditions) {
  using kind = typename step<Number>::kind;
  constexpr int first = Step.operands[0], second = Step.operands[1], third = Step.operands[2];
  if constexpr (Step.what == kind::constant) values[Step.id] = Step.value;
  else if constexpr (Step.what == kind::input) values[Step.id] = inputs[Step.number];
  else if constexpr (Step.what == kind::power) values[Step.id] = power_of(values[first], Step.number);
  else if constexpr (Step.what == kind::whole_power) values[Step.id] = power_of_whole(values[first], values[second]);
  else if constexpr (Step.op->condition)
    conditions[Step.id] = apply_at<Step.op, first, second, third>(values, conditions);
  else values[Step.id] = static_cast<Number>(apply_at<Step.op, first, second, third>(values, conditions));
}

/// Evaluates the graph `Graph` in numbers of type `Number`: inputs in the graph's order, outputs in its order.
template <auto const& Graph, class Number>
class straight_line {
 public:
  DDX_INLINE static constexpr void run(Number const* inputs, Number* outputs) {
    Number values[Graph.node_count]{};
    bool conditions[Graph.node_count]{};
    steps<0>(inputs, values, conditions);
    for (int i = 0; i < Graph.output_count; ++i) {
      int const id = Graph.outputs[i];
      outputs[i] = Graph.nodes[id].op->condition ? Number(conditions[id]) : values[id];
    }
  }

 private:
  static constexpr int chunk = 128;  // fold expressions of clang stop at 256 operands

  template <int First>
  DDX_INLINE static constexpr void steps(Number const* inputs, Number* values, bool* conditions) {
    if constexpr (First < Graph.node_count) {
      constexpr int count = Graph.node_count - First < chunk ? Graph.node_count - First : chunk;
      [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
        (run_step<Number, step_of<Number>(Graph.view(), First + Is)>(inputs, values, conditions), ...);
      }(std::make_integer_sequence<int, count>{});
      steps<First + count>(inputs, values, conditions);
    }
  }
};

}  // namespace ddx::detail

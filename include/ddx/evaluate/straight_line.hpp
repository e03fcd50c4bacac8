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

/// The whole exponent of a power node if it is to be unrolled, else 0.
constexpr int unrolled_exponent(graph_view g, int id) {
  if (!is<pow_>(g.nodes[id]) || !is<constant_>(g.nodes[g.nodes[id].operands[1]])) return 0;
  rational const c = g.nodes[g.nodes[id].operands[1]].constant;
  bool const unrolled =
      c.denominator == 1 && exact::is_integer(c.numerator) && c.numerator >= 1 && c.numerator <= largest_unrolled_power;
  return unrolled ? static_cast<int>(c.numerator) : 0;
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
        (step<First + Is>(inputs, values, conditions), ...);
      }(std::make_integer_sequence<int, count>{});
      steps<First + count>(inputs, values, conditions);
    }
  }

  template <int Id>
  DDX_INLINE static constexpr void step([[maybe_unused]] Number const* inputs, Number* values,
                                        [[maybe_unused]] bool* conditions) {
    constexpr node n = Graph.nodes[Id];
    if constexpr (is<constant_>(n)) {
      constexpr auto value = static_cast<Number>(n.constant.value());
      values[Id] = value;
    } else if constexpr (is<input_>(n)) {
      values[Id] = inputs[n.index];
    } else if constexpr (unrolled_exponent(Graph.view(), Id) > 0) {
      values[Id] = power_of(values[n.operands[0]], unrolled_exponent(Graph.view(), Id));
    } else if constexpr (is_whole_slot_power(n)) {
      values[Id] = power_of_whole(values[n.operands[0]], values[n.operands[1]]);
    } else {
      static_assert(n.op->kind == role::elementwise,
                    "ddx: a scalar is evaluated here, but the formula still reduces an axis");
      [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
        using record = record_at<n.op>;
        if constexpr (n.op->condition) conditions[Id] = record::value(operand<n, Is>(values, conditions)...);
        else values[Id] = static_cast<Number>(record::value(operand<n, Is>(values, conditions)...));
      }(std::make_integer_sequence<int, n.op->arity>{});
    }
  }

  static constexpr bool is_whole_slot_power(node const& n) {
    if (!is<pow_>(n)) return false;
    node const& exponent = Graph.nodes[n.operands[1]];
    return is<input_>(exponent) && Graph.inputs[exponent.index].is_slot() && Graph.inputs[exponent.index].whole;
  }

  template <node Node, int Operand>
  DDX_INLINE static constexpr auto operand(Number const* values, bool const* conditions) {
    constexpr int id = Node.operands[Operand];
    if constexpr ((Node.op->takes_conditions >> Operand) & 1u) {
      if constexpr (is<constant_>(Graph.nodes[id])) return Graph.nodes[id].constant.numerator != 0;
      else return conditions[id];
    } else {
      return values[id];
    }
  }
};

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Values: a line with what it loads enters; the same with the nodes of its nest computed leaves.
#pragma once

#include <utility>

#include "../evaluate/straight_line.hpp"
#include "../simd/mathematics.hpp"
#include "loads.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// How the nodes of a nest are computed.
template <class Program, class Number, class... Elements>
class nest_values : public nest_loads<Program, Number, Elements...> {
  using base = nest_loads<Program, Number, Elements...>;

 public:
  static constexpr auto const& Graph = detail::program_graph<Program>;
  static constexpr auto const& Plan = detail::program_plan<Program>;

  template <int Nest, int Id, class Lines>
  DDX_INLINE static auto value_of([[maybe_unused]] line<Program, Nest, Lines> const& v,
                                  [[maybe_unused]] line<Program, Nest, Lines> const& shared) {
    using value = typename Lines::number;
    if constexpr (is<constant_>(Graph.nodes[Id])) {
      return value(static_cast<Number>(Graph.nodes[Id].constant.value()));
    } else if constexpr (constexpr int place = base::template node_place<Nest>(Id); place >= 0) {
      if constexpr (Graph.nodes[Id].op->condition)
        return simd::select(v.conditions[place], value(Number(1)), value(Number(0)));
      else return v.nodes[place];
    } else if constexpr (base::template on_each_line<Nest, Id, Lines>) {
      return v.loads[base::template load_place<Nest>(Id)];
    } else {
      return shared.loads[base::template load_place<Nest>(Id)];
    }
  }

  template <int Nest, int Id, class Lines>
  DDX_INLINE static auto condition_of([[maybe_unused]] line<Program, Nest, Lines> const& v,
                                      [[maybe_unused]] line<Program, Nest, Lines> const& shared) {
    if constexpr (is<constant_>(Graph.nodes[Id])) return Graph.nodes[Id].constant.numerator != 0;
    else if constexpr (base::template node_place<Nest>(Id) >= 0)
      return v.conditions[base::template node_place<Nest>(Id)];
    else return value_of<Nest, Id>(v, shared) != typename Lines::number(Number(0));
  }

  template <int Nest, int Id, int Operand, class Lines>
  DDX_INLINE static auto operand_of(line<Program, Nest, Lines> const& v, line<Program, Nest, Lines> const& shared) {
    constexpr node n = Graph.nodes[Id];
    if constexpr ((n.op->takes_conditions >> Operand) & 1u) return condition_of<Nest, n.operands[Operand]>(v, shared);
    else return value_of<Nest, n.operands[Operand]>(v, shared);
  }

  /// A product that only one node uses goes into its sum: a*b + c with one rounding.
  template <int Nest, int Id>
  static constexpr bool fuses =
      base::template node_place<Nest>(Id) >= 0 && is<multiply_>(Graph.nodes[Id]) && Plan.uses[Id] == 1;

  /// Computes the nodes of a nest in their order.
  template <int Nest, int First = 0, int Count = -1, class Lines>
  DDX_INLINE static void compute_all(line<Program, Nest, Lines>& v, line<Program, Nest, Lines> const& shared) {
    constexpr int count = Count < 0 ? Plan.nests[Nest].node_count : Count;
    if constexpr (count > fold_limit) {
      compute_all<Nest, First, count / 2>(v, shared);
      compute_all<Nest, First + count / 2, count - count / 2>(v, shared);
    } else {
      [&]<int... Is>(std::integer_sequence<int, Is...>)
          DDX_INLINE_LAMBDA { (compute<Nest, First + Is>(v, shared), ...); }(std::make_integer_sequence<int, count>{});
    }
  }

  template <int Nest, int Index, class Lines>
  DDX_INLINE static void compute(line<Program, Nest, Lines>& v, line<Program, Nest, Lines> const& shared) {
    constexpr int id = base::template node_at<Nest, Index>;
    constexpr node n = Graph.nodes[id];
    constexpr int a = n.operands[0], b = n.operands[1];
    if constexpr (id == Plan.nests[Nest].scan) {
      return;  // where it is stored
    } else if constexpr (n.op->condition) {
      v.conditions[Index] = apply<Nest, id>(v, shared, std::make_integer_sequence<int, n.op->arity>{});
    } else if constexpr (detail::unrolled_exponent(Graph.view(), id) > 0) {
      v.nodes[Index] = detail::power_of(value_of<Nest, a>(v, shared), detail::unrolled_exponent(Graph.view(), id));
    } else if constexpr (is<add_>(n) && fuses<Nest, b>) {
      v.nodes[Index] =
          simd::fma(operand_of<Nest, b, 0>(v, shared), operand_of<Nest, b, 1>(v, shared), value_of<Nest, a>(v, shared));
    } else if constexpr (is<add_>(n) && fuses<Nest, a>) {
      v.nodes[Index] =
          simd::fma(operand_of<Nest, a, 0>(v, shared), operand_of<Nest, a, 1>(v, shared), value_of<Nest, b>(v, shared));
    } else if constexpr (is<subtract_>(n) && fuses<Nest, b>) {
      v.nodes[Index] = simd::fma(-operand_of<Nest, b, 0>(v, shared), operand_of<Nest, b, 1>(v, shared),
                                 value_of<Nest, a>(v, shared));
    } else if constexpr (is<subtract_>(n) && fuses<Nest, a>) {
      v.nodes[Index] = simd::fma(operand_of<Nest, a, 0>(v, shared), operand_of<Nest, a, 1>(v, shared),
                                 -value_of<Nest, b>(v, shared));
    } else {
      v.nodes[Index] = static_cast<typename Lines::number>(
          apply<Nest, id>(v, shared, std::make_integer_sequence<int, n.op->arity>{}));
    }
  }

  template <int Nest, int Id, class Lines, int... Is>
  DDX_INLINE static auto apply(line<Program, Nest, Lines> const& v, line<Program, Nest, Lines> const& shared,
                               std::integer_sequence<int, Is...>) {
    return simd::value_of<record_at<Graph.nodes[Id].op>>(operand_of<Nest, Id, Is>(v, shared)...);
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop

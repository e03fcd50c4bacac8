// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A handle on a node: user algebra on handles enters, nodes of the graph leave.
#pragma once

#include <type_traits>

#include "../primitive/operand.hpp"
#include "../primitive/primitive.hpp"
#include "axis.hpp"

namespace ddx {

/// The facts of `Record`, in `value`; defined in primitive/record.hpp.
template <class Record>
struct facts;

namespace detail {

template <class Record>
constexpr double value_of(double const* operands);

}  // namespace detail

/// A node of a graph under construction, or a number that joins the graph when it meets one.
/// This is what an `x` of `ddx::fn([](auto x) {…})` is while the function is traced.
class traced {
 public:
  constexpr traced() = default;
  constexpr traced(graph& g, int id) : graph_(&g), id_(id) {}
  template <class Number>
    requires std::is_arithmetic_v<Number>
  constexpr traced(Number number) : number_(static_cast<double>(number)) {}
  template <Operand Other>
    requires(!std::is_same_v<Other, traced>)
  constexpr explicit traced(Other const&) {
    static_assert(detail::never<Other>,
                  "ddx::fn(f): f uses a formula from outside of it, which it cannot see; give f an argument for it, as "
                  "in fn(args(x, y), [](auto a, auto b) { ... })");
  }
  constexpr explicit traced(rational number) : number_(number.numerator), denominator_(number.denominator) {}

  constexpr graph* owner() const { return graph_; }
  constexpr double number() const { return rational{number_, denominator_}.value(); }

  /// The node in graph `g`; a number becomes a constant there.
  constexpr int node_in(graph& g) const;

  template <class Never = void>
  constexpr explicit operator bool() const {
    static_assert(
        detail::never<Never>,
        "ddx::fn(f): a condition on a traced value is not known yet, so it cannot steer if, while or ?:; write "
        "where(condition, a, b) instead");
    return false;
  }

  /// The elements at an offset along an axis: x[i + 1]. See ddx::axis.
  template <text Axis>
  constexpr traced operator[](place<Axis> at) const;
  template <text Axis>
  constexpr traced operator[](axis<Axis> at) const;

  template <class Other>
  constexpr traced& operator+=(Other const& other) {
    return *this = *this + other;
  }
  template <class Other>
  constexpr traced& operator-=(Other const& other) {
    return *this = *this - other;
  }
  template <class Other>
  constexpr traced& operator*=(Other const& other) {
    return *this = *this * other;
  }
  template <class Other>
  constexpr traced& operator/=(Other const& other) {
    return *this = *this / other;
  }

 private:
  graph* graph_ = nullptr;
  int id_ = -1;
  double number_ = 0;
  double denominator_ = 1;
};

namespace detail {

/// Appends an elementwise node: truth values where the primitive takes them, numbers elsewhere; axes are the operands' union.
/// Defined in primitive/logic.hpp, like the reduction below: they need its records.
constexpr int apply_node(graph& g, primitive const& op, int const* operands);

}  // namespace detail

template <>
struct algebra<traced> {
  static constexpr bool exists = true;

  template <class Record, class... Types>
  using result = traced;

  template <class Record, class... Types>
  static constexpr traced apply(Types const&... operands) {
    return on_graph<Record>(traced(operands)...);
  }

  template <class Record>
  static constexpr traced constant(traced const& near) {
    if (near.owner() == nullptr) return traced(Record::value());
    return {*near.owner(), near.owner()->intern({.op = &facts<Record>::value})};
  }

  /// A leaf that names an axis.
  template <class Record, text Axis>
  static constexpr traced along(traced const& near) {
    return {*near.owner(), leaf_node(*near.owner(), facts<Record>::value, near.owner()->axis(Axis.view()))};
  }

  /// A reduction of a traced value over an axis.
  template <class Record, text Axis, class... Types>
  static constexpr traced reduce(Types const&... operands) {
    return on_axis<Record>(Axis.view(), traced(operands)...);
  }

  static constexpr int leaf_node(graph& g, primitive const& op, int axis);

  template <text Axis>
  static constexpr traced inside(traced const& near, place<Axis> at) {
    return {*near.owner(), inside_node(*near.owner(), near.owner()->axis(Axis.view()), at.offset)};
  }
  static constexpr int inside_node(graph& g, int axis, double offset);

  template <text Axis, class Left, class Right>
  static constexpr traced scan(place<Axis> neighbour, Left const& a, Right const& b) {
    traced const operands[]{traced(a), traced(b)};
    graph& g = *(operands[0].owner() ? operands[0].owner() : operands[1].owner());
    return {g, scan_node(g, operands[0].node_in(g), operands[1].node_in(g), g.axis(Axis.view()), neighbour.offset)};
  }
  static constexpr int scan_node(graph& g, int a, int b, int axis, double offset);
  static constexpr int reduce_node(graph& g, primitive const& op, int operand, int axis);
  static constexpr int reduce_node(graph& g, primitive const& op, int const* operands, int axis);
  /// The same as a user means it: over the positions at which every index lies within the axis.
  static constexpr int reduce_within(graph& g, primitive const& op, int const* operands, int axis);

 private:
  template <class Record, class... Types>
  static constexpr traced on_axis(std::string_view axis, Types const&... operands) {
    graph* owner = nullptr;
    ((owner = owner ? owner : operands.owner()), ...);
    int const ids[]{operands.node_in(*owner)...};
    return {*owner, reduce_within(*owner, facts<Record>::value, ids, owner->axis(axis))};
  }

  template <class Record, class... Types>
  static constexpr traced on_graph(Types const&... operands) {
    graph* owner = nullptr;
    ((owner = owner ? owner : operands.owner()), ...);
    if (owner == nullptr) {
      double const numbers[]{operands.number()...};
      return traced(detail::value_of<Record>(numbers));
    } else {
      int const ids[]{operands.node_in(*owner)...};
      if constexpr (requires { requires Record::orders; })
        for (int id : ids) owner->chained |= owner->nodes[id].op->condition;  // said where the function is traced
      return {*owner, detail::apply_node(*owner, facts<Record>::value, ids)};
    }
  }
};

}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Scans along named axes: two operands, an axis and a direction enter, the node of a linear recurrence leaves; sums and products
// of all elements up to each are such.
#pragma once

#include "shift.hpp"

namespace ddx {

/// y[i] = a[i]*y[i + o] + b[i] along an axis, from the end where y[i + o] lies outside: there y is b. The offset o, 1 or -1, is the node's
/// constant.
struct recurrence_ {
  static constexpr std::string_view name = "recurrence";
  static constexpr role kind = role::scan;
  static constexpr rules partials{[](auto, auto, auto) { return 1; }, [](auto, auto, auto) { return 1; }};
  static constexpr notation text{"recurrence[{a}{o}]({0}, {1})"};
  static constexpr notation latex{"\\operatorname{recurrence}_{{a}{o}}\\left({0}, {1}\\right)"}, cpp = text;
};

/// The product of all other elements along an axis. It stands in graphs prepared for loops alone, for the two recurrences that the
/// derivative of a product has: nothing differentiates it.
struct product_of_others_ {
  static constexpr std::string_view name = "product_of_others";
  static constexpr role kind = role::scan;
  static constexpr rules partials{[](auto, auto) { return 1; }};
  static constexpr notation text{"product_of_others[{a}]({0})"}, latex = text, cpp = text;
};

namespace detail {

/// A class, so that its sentence comes before whatever else goes wrong.
template <bool Distant>
struct check_neighbour {
  static_assert(!Distant, "ddx::recurrence(i - 1, a, b): what comes before is a neighbour, at an offset of 1 or -1");
  static constexpr bool passed = !Distant;
};

constexpr int scan_node(graph& g, primitive const& op, int const* operands, int axis, double offset) {
  if (offset != 1 && offset != -1) {
    if (!std::is_constant_evaluated())
      throw error("ddx::recurrence(i - 1, a, b): what comes before is a neighbour, at an offset of 1 or -1");
    g.distant = true;  // said where the program is compiled
    offset = -1;
  }
  node n{.op = &op, .index = axis, .axes = axis_set{1} << axis, .constant = {offset, 1}};
  for (int k = 0; k < 2; ++k) {
    n.operands[k] = g.nodes[operands[k]].op->condition ? as_number(g, operands[k]) : operands[k];
    n.axes |= g.nodes[n.operands[k]].axes;
  }
  return g.intern(n);
}

constexpr int scan_node(graph& g, int a, int b, int axis, double offset) {
  int const operands[]{a, b};
  return scan_node(g, info<recurrence_>, operands, axis, offset);
}

}  // namespace detail

constexpr int algebra<traced>::scan_node(graph& g, int a, int b, int axis, double offset) {
  return detail::scan_node(g, a, b, axis, offset);
}

/// The products of all other elements: of those before and of those behind, each by a recurrence.
constexpr traced detail::along_axis::product_of_others(traced const& operand) const {
  graph& g = *owner;
  int const id = operand.node_in(g), zero = constant_node(g, {0, 1}), one = constant_node(g, {1, 1});
  int sides[2];
  for (int side = 0; side < 2; ++side) {
    int const offset = side == 0 ? -1 : 1, choice[]{inside_node(g, axis, offset), zero, one};
    sides[side] =
        detail::scan_node(g, shift_node(g, id, axis, offset), apply_node(g, info<where_>, choice), axis, offset);
  }
  return {g, apply_node(g, info<multiply_>, sides)};
}

/// The recurrence y[i] = a[i]*y[i - 1] + b[i] along an axis, from its beginning: recurrence(i - 1, a, b). With i + 1 it runs from the end. Where
/// the neighbour lies outside y is b. Exponential smoothing is recurrence(i - 1, 1 - s, s * x).
/// Derivatives are recurrences in the opposite direction, so they are computed as quickly and may be derived again.
template <text Axis, class Left, class Right>
  requires Operands<Left, Right>
constexpr auto recurrence(place<Axis> neighbour, Left const& a, Right const& b) {
  return algebra_of<Left, Right>::scan(neighbour, a, b);
}

/// The sums of all elements up to each along the axis called `Axis`.
template <text Axis, Operand Type>
constexpr auto cumsum(Type const& x) {
  return recurrence(axis<Axis>{} - 1, 1, x);
}

/// The products of all elements up to each along the axis called `Axis`.
template <text Axis, Operand Type>
constexpr auto cumprod(Type const& x) {
  place<Axis> const before{-1};
  return recurrence(before, x, where(inside(x, before), 0, x));
}

}  // namespace ddx

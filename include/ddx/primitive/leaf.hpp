// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Nodes without operands: constants, inputs, the extent of an axis and the positions along it, whether a neighbour is inside, pi.
#pragma once

#include "record.hpp"

namespace ddx {

struct constant_ {
  static constexpr std::string_view name = "constant";
  static constexpr role kind = role::constant;
  static constexpr rules<> partials{};
};

struct input_ {
  static constexpr std::string_view name = "input";
  static constexpr role kind = role::input;
  static constexpr rules<> partials{};
};

/// The number of elements along an axis.
struct extent_ {
  static constexpr std::string_view name = "size";
  static constexpr role kind = role::extent;
  static constexpr rules<> partials{};
  static constexpr notation text{"size[{a}]"}, latex{"\\left|{a}\\right|"}, cpp = text;
};

/// 0, 1, 2, … along an axis.
struct position_ {
  static constexpr std::string_view name = "position";
  static constexpr role kind = role::position;
  static constexpr rules<> partials{};
  static constexpr notation text{"position[{a}]"}, latex{"\\operatorname{position}_{{a}}"}, cpp = text;
};

/// Whether the position at an offset from the one at hand lies within the axis. The offset is the node's constant.
struct inside_ {
  static constexpr std::string_view name = "inside";
  static constexpr role kind = role::inside;
  static constexpr bool condition = true;
  static constexpr rules<> partials{};
  static constexpr notation text{"inside[{a}{o}]"}, latex{"\\operatorname{inside}_{{a}{o}}"}, cpp = text;
};

struct pi_ {
  static constexpr std::string_view name = "pi";
  static constexpr auto value = [] { return 3.141592653589793238463; };
  static constexpr rules<> partials{};
  static constexpr notation text{"pi"}, unicode{"π"}, latex{"\\pi"}, cpp{"std::numbers::pi"};
};

/// pi in the algebra of `near`.
template <Operand Type>
constexpr typename algebra<Type>::template result<pi_> pi(Type const& near) {
  return algebra<Type>::template constant<pi_>(near);
}

namespace detail {

constexpr int constant_node(graph& g, rational number) {
  return g.intern({.op = &info<constant_>, .constant = number});
}

constexpr int input_node(graph& g, int index) {
  node n{.op = &info<input_>, .index = index};
  for (int i = 0; i < g.inputs[index].rank; ++i) n.axes |= axis_set{1} << g.inputs[index].axes[i];
  return g.intern(n);
}

constexpr int extent_node(graph& g, int axis) { return algebra<traced>::leaf_node(g, info<extent_>, axis); }

constexpr int position_node(graph& g, int axis) { return algebra<traced>::leaf_node(g, info<position_>, axis); }

constexpr int inside_node(graph& g, int axis, double offset) { return algebra<traced>::inside_node(g, axis, offset); }

/// Whether a leaf of this kind has a value for each position along the axis that it names.
constexpr bool runs_along_axis(role kind) { return kind == role::position || kind == role::inside; }

/// Whether a leaf of this kind names an axis, as the extent of an axis does.
constexpr bool names_axis(role kind) { return kind == role::extent || runs_along_axis(kind); }

}  // namespace detail

constexpr int algebra<traced>::inside_node(graph& g, int axis, double offset) {
  if (offset == 0) return detail::constant_node(g, {1, 1});
  return g.intern({.op = &info<inside_>, .index = axis, .axes = axis_set{1} << axis, .constant = {offset, 1}});
}

constexpr int algebra<traced>::leaf_node(graph& g, primitive const& op, int axis) {
  return g.intern({.op = &op, .index = axis, .axes = op.kind == role::position ? axis_set{1} << axis : axis_set{0}});
}

/// A number in the algebra of `near`, so that functions of it stay what they are: the derivative of log2(x) has log(2).
template <Arithmetic Number>
constexpr traced number_like(Number number, traced const& near) {
  if (near.owner() == nullptr) return traced(number);
  return {*near.owner(), detail::constant_node(*near.owner(), {static_cast<double>(number), 1})};
}

constexpr int traced::node_in(graph& g) const {
  return graph_ ? id_ : detail::constant_node(g, {number_, denominator_});
}

}  // namespace ddx

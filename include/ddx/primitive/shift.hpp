// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Offsets along named axes: a node, an axis and an offset enter, the node of the elements at that offset leaves.
//
// A shift stands on an input, a reduction or a scan; that of anything else is the same operation on shifted operands, 0 outside of the axis.
// So neighbours are loads at an offset, and values that need no memory need none for their neighbours.
#pragma once

#include "../error.hpp"
#include "reduction.hpp"

namespace ddx {

/// The elements at an offset along an axis, 0 where that lies outside. The offset is the node's constant.
struct shift_ {
  static constexpr std::string_view name = "shift";
  static constexpr role kind = role::shift;
  static constexpr rules partials{[](auto, auto) { return 1; }};
  static constexpr notation text{"{0}[{a}{o}]", precedence::atom, precedence::atom};
  static constexpr notation latex{"{0}\\left[{a}{o}\\right]", precedence::atom, precedence::atom}, cpp = text;
};

namespace detail {

/// The node under shifts.
constexpr int shifted_base(graph_view g, int id) {
  while (g.nodes[id].op->kind == role::shift) id = g.nodes[id].operands[0];
  return id;
}

/// The offset of a node along an axis, 0 of what is no shift.
constexpr double offset_along(graph_view g, int id, int axis) {
  double offset = 0;
  for (; g.nodes[id].op->kind == role::shift; id = g.nodes[id].operands[0])
    if (g.nodes[id].index == axis) offset += g.nodes[id].constant.numerator;
  return offset;
}

/// What later reductions make of the zeros outside of an axis: an index leaves them out. Written with the zero first, which `offsets_read` tells
/// from the condition that a user writes to have them counted.
enum class outside { counts, left_out };

class shifting {
 public:
  constexpr shifting(graph& g, int axis, double offset, outside edges)
      : g_(g), axis_(axis), offset_(offset), edges_(edges) {
    g.shifted = true;
  }

  constexpr int run(int id) {
    if (offset_ == 0) return id;
    if (has_axis(id) && is_raw(id) && offset_ * offset_along(g_.view(), id, axis_) >= 0) return raw(id, axis_, offset_);
    int const inside = inside_node(g_, axis_, offset_), value = moved(id);
    int const both[]{inside, value}, zero = constant_node(g_, {0, 1});
    if (g_.nodes[id].op->condition) return apply_node(g_, info<and_>, both);
    if (edges_ == outside::left_out) {
      int const choice[]{apply_node(g_, info<not_>, both), zero, value};
      return apply_node(g_, info<where_>, choice);
    }
    int const choice[]{inside, value, zero};
    return apply_node(g_, info<where_>, choice);
  }

 private:
  constexpr bool has_axis(int id) const { return g_.nodes[id].axes >> axis_ & 1u; }
  constexpr bool is_raw(int id) const {
    role const kind = g_.nodes[id].op->kind;
    return kind == role::input || kind == role::reduction || kind == role::scan || kind == role::shift;
  }

  /// A shift of an input, a reduction or a scan; shifts along several axes stand in the order of the axes.
  constexpr int raw(int id, int axis, double offset) {
    if (offset == 0) return id;
    node const n = g_.nodes[id];
    if (n.op->kind == role::shift && n.index == axis) return raw(n.operands[0], axis, n.constant.numerator + offset);
    if (n.op->kind == role::shift && n.index > axis)
      return raw(raw(n.operands[0], axis, offset), n.index, n.constant.numerator);
    node shifted{.op = &info<shift_>, .index = axis, .axes = n.axes, .constant = {offset, 1}};
    shifted.operands[0] = id;
    return g_.intern(shifted);
  }

  /// The value at the offset, for positions where that lies within the axis.
  constexpr int moved(int id) {
    sequence<char> needed(id + 1, 0);
    needed[id] = 1;
    for (int i = id; i >= 0; --i)
      if (needed[i] && has_axis(i) && (!is_raw(i) || g_.nodes[i].op->kind == role::shift))
        for (int k = 0; k < g_.nodes[i].op->arity; ++k) needed[g_.nodes[i].operands[k]] = 1;
    sequence<int> image(id + 1, -1);
    for (int i = 0; i <= id; ++i)
      if (needed[i]) image[i] = has_axis(i) ? moved(i, image) : i;
    return image[id];
  }

  constexpr int moved(int id, sequence<int> const& image) {
    node const n = g_.nodes[id];
    if (n.op->kind == role::shift && n.index != axis_) return raw(image[n.operands[0]], n.index, n.constant.numerator);
    if (is_raw(id)) return raw(id, axis_, offset_);
    if (n.op->kind == role::inside) return inside_node(g_, axis_, n.constant.numerator + offset_);
    int operands[]{id, id, id};
    if (n.op->kind == role::position) {
      operands[1] = constant_node(g_, {offset_, 1});
      return apply_node(g_, info<add_>, operands);
    }
    for (int k = 0; k < n.op->arity; ++k) operands[k] = image[n.operands[k]];
    return apply_node(g_, *n.op, operands);
  }

  graph& g_;
  int axis_;
  double offset_;
  outside edges_;
};

/// The elements of a node at an offset along an axis, 0 (or false) outside of it.
constexpr int shift_node(graph& g, int id, int axis, double offset, outside edges = outside::counts) {
  return shifting(g, axis, offset, edges).run(id);
}

/// Offsets from `low` to `high`.
struct offset_range {
  double low = 0, high = 0;
};

/// Which offsets along an axis lie within it where a condition holds.
constexpr offset_range offsets_inside(graph const& g, int condition, int axis) {
  node const& n = g.nodes[condition];
  offset_range result;
  if (n.op->kind == role::inside && n.index == axis) {
    (n.constant.numerator < 0 ? result.low : result.high) = n.constant.numerator;
  } else if (is<and_>(n)) {
    for (int k = 0; k < 2; ++k) {
      offset_range const part = offsets_inside(g, n.operands[k], axis);
      result.low = part.low < result.low ? part.low : result.low;
      result.high = part.high > result.high ? part.high : result.high;
    }
  }
  return result;
}

/// The offset of an index of an expression along an axis, 0 of what is no such index: its zeros outside are left out.
constexpr double offset_indexed(graph const& g, node const& n, int axis) {
  if (!is<where_>(n) || !is<not_>(g.nodes[n.operands[0]])) return 0;
  node const& condition = g.nodes[g.nodes[n.operands[0]].operands[0]];
  return condition.op->kind == role::inside && condition.index == axis ? condition.constant.numerator : 0;
}

/// The offsets along an axis at which a node reads, other than where a condition keeps them within the axis.
constexpr offset_range offsets_read(graph const& g, int id, int axis) {
  sequence<offset_range> all(id + 1);
  sequence<char> complete(id + 1, 0);
  for (int derivative : g.complete)
    if (derivative <= id) complete[derivative] = 1;
  for (int i = 0; i <= id; ++i) {
    node const& n = g.nodes[i];
    if (complete[i] || !(n.axes >> axis & 1u) || (n.op->kind == role::scan && n.index == axis)) continue;
    offset_range& own = all[i];
    double const indexed = offset_indexed(g, n, axis);
    (indexed < 0 ? own.low : own.high) = indexed;
    for (int k = 0; k < n.op->arity; ++k) {
      offset_range part = all[n.operands[k]];
      if (is<where_>(n) && k == 1) {
        offset_range const safe = offsets_inside(g, n.operands[0], axis);
        if (safe.low <= part.low) part.low = 0;
        if (safe.high >= part.high) part.high = 0;
      }
      own.low = part.low < own.low ? part.low : own.low;
      own.high = part.high > own.high ? part.high : own.high;
    }
    if (n.op->kind == role::shift && n.index == axis) {
      double const low = own.low + n.constant.numerator, high = own.high + n.constant.numerator;
      own = {low < 0 ? low : 0, high > 0 ? high : 0};
    }
  }
  return all[id];
}

}  // namespace detail

constexpr int algebra<traced>::reduce_within(graph& g, primitive const& op, int const* operands, int axis) {
  if (g.shifted && op.within != nullptr) {
    detail::offset_range const read = detail::offsets_read(g, operands[0], axis);
    int const below = detail::inside_node(g, axis, read.low), above = detail::inside_node(g, axis, read.high);
    int const both[]{below, above};
    int const inside = read.low == 0 ? above : read.high == 0 ? below : detail::apply_node(g, info<and_>, both);
    if (read.low != 0 || read.high != 0) return op.within(g, operands[0], inside, axis);
  }
  return reduce_node(g, op, operands, axis);
}

/// Whether the index leads to a position within the axis, in the algebra of `near`, as pi(x) is: where(inside(x, i + 1), x[i + 1], 0) in a
/// sum over i keeps the last term, which is 0.
template <Operand Type, text Axis>
constexpr auto inside(Type const& near, place<Axis> at) {
  return algebra<Type>::inside(near, at);
}

template <text Axis>
constexpr traced traced::operator[](place<Axis> at) const {
  int const along = graph_->axis(Axis.view());
  if (!(graph_->nodes[id_].axes >> along & 1u)) graph_->misplaced = true;  // said where the function is traced
  return {*graph_, detail::shift_node(*graph_, id_, along, at.offset, detail::outside::left_out)};
}

template <text Axis>
constexpr traced traced::operator[](axis<Axis> at) const {
  return (*this)[at + 0];
}

}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What is summed over an axis enters, a sum leaves: factors that lack the axis stand outside, the others are multiplied
// grouped by axes, the smallest set first, so that work happens at the outermost loop it can.
#pragma once

#include "prepared_graph.hpp"

namespace ddx::detail {

/// Sums over axes.
class sums {
 public:
  constexpr explicit sums(prepared_graph& g) : g_(g) {}

  /// The sum of `e` over an axis, with the factors that lack the axis outside; it is used `uses` times.
  constexpr int total(int e, int axis, int uses) {
    axis_set const bit = axis_set{1} << axis;
    sequence<int> inside, outside, pending;
    double scale = 1;
    pending.push_back(e);
    while (!pending.empty()) {
      int const id = pending.back();
      pending.pop_back();
      node const n = g_.out.nodes[id];
      if (is<constant_>(n)) {
        scale *= n.constant.value();
      } else if (is<multiply_>(n)) {
        pending.push_back(n.operands[1]);
        pending.push_back(n.operands[0]);
      } else if (is<negate_>(n)) {
        scale = -scale;
        pending.push_back(n.operands[0]);
      } else if (is<divide_>(n) && !(g_.axes(n.operands[1]) & bit)) {
        if (!g_.is_constant(n.operands[0])) pending.push_back(n.operands[0]);
        else scale *= g_.value(n.operands[0]);
        outside.push_back(g_.reciprocal(n.operands[1]));
      } else {
        (g_.axes(id) & bit ? inside : outside).push_back(id);
      }
    }
    int result = -1;
    if (inside.empty()) result = extent_node(g_.out, axis);
    for (int i = 0; i < inside.size() && result < 0; ++i) result = exchanged(inside, i, axis);
    if (result < 0) result = reduced(g_.product(inside), axis, uses);
    sequence<int> wide, numbers;
    for (int id : outside) (g_.axes(id) == 0 ? numbers : wide).push_back(id);
    if (!wide.empty()) result = g_.multiply(g_.product(wide), result);
    for (int id : numbers) result = g_.scaled(id, result);
    return scale == 1 ? result : g_.scaled(g_.constant(scale), result);
  }

 private:
  constexpr int reduced(int e, int axis, int uses) {
    int const id = algebra<traced>::reduce_node(g_.out, info<sum_>, e, axis);
    while (uses_.size() <= id) uses_.push_back(0);
    uses_[id] += uses;
    return id;
  }

  /// sum[n](u*sum[k](x*t)) = sum[k](x*sum[n](u*t)) where x lacks n, u lacks k, u*t has fewer axes than x*t, and nothing
  /// else needs the inner sum: x is then multiplied once for all of n. The inner product may be guarded by a condition
  /// without n. The inner sum is factor `which`; -1 where this is not of this form.
  constexpr int exchanged(sequence<int> const& factors, int which, int axis) {
    int const inner = factors[which];
    node const sum = g_.out.nodes[inner];
    if (!is<sum_>(sum) || inner >= uses_.size() || uses_[inner] != 1) return -1;
    axis_set const bit = axis_set{1} << axis;
    node const guard = g_.out.nodes[sum.operands[0]];
    bool const is_guarded = is<where_>(guard) && g_.is_zero(guard.operands[2]) && !(g_.axes(guard.operands[0]) & bit);
    int const body = is_guarded ? guard.operands[1] : sum.operands[0];
    sequence<int> with, without, pending;
    pending.push_back(body);
    while (!pending.empty()) {
      int const id = pending.back();
      pending.pop_back();
      if (is<multiply_>(g_.out.nodes[id])) {
        pending.push_back(g_.out.nodes[id].operands[1]);
        pending.push_back(g_.out.nodes[id].operands[0]);
      } else {
        (g_.axes(id) & bit ? with : without).push_back(id);
      }
    }
    axis_set reached = 0;
    for (int i = 0; i < factors.size(); ++i) {
      if (i == which) continue;
      if (g_.axes(factors[i]) >> sum.index & 1u) return -1;
      with.push_back(factors[i]);
    }
    for (int id : with) reached |= g_.axes(id);
    if (without.empty() || reached == g_.axes(body) || (reached & ~g_.axes(body)) != 0) return -1;
    int const whole = g_.multiply(g_.product(without), reduced(g_.product(with), axis, 1));
    return reduced(is_guarded ? g_.choose(guard.operands[0], whole) : whole, sum.index, 1);
  }

  prepared_graph& g_;
  sequence<int> uses_;  // of every sum: how often those in the old graph that became it are used
};

}  // namespace ddx::detail

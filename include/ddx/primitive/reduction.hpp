// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records of reductions over a named axis: sum, mean, max. Their rules take the operand, the result and the axis reduced.
#pragma once

#include "elementary.hpp"

namespace ddx {

/// The sum over an axis.
struct sum_ {
  static constexpr std::string_view name = "sum";
  static constexpr role kind = role::reduction;
  static constexpr reducer combine = reducer::sum;
  static constexpr rules partials{[](auto, auto, auto) { return 1; }};
  static constexpr notation text{"sum[{a}]({0})"}, unicode{"Σ[{a}]({0})"},
      latex{"\\sum_{{a}} {0}", precedence::product, precedence::product};
  static constexpr notation cpp = text;
};

/// The sum over an axis divided by its extent; NaN for extent 0. The mean of what lacks the axis is itself.
struct mean_ {
  static constexpr std::string_view name = "mean";
  static constexpr role kind = role::reduction;
  static constexpr reducer combine = reducer::sum;
  static constexpr rules partials{[](auto, auto, auto along) { return 1 / along.size(); }};
  static constexpr notation text{"mean[{a}]({0})"}, latex{"\\operatorname{mean}_{{a}}\\left({0}\\right)"}, cpp = text;
};

/// The largest element along an axis, -inf for extent 0. Elements that tie share the derivative evenly.
struct max_over_ {
  static constexpr std::string_view name = "max_over";
  static constexpr role kind = role::reduction;
  static constexpr reducer combine = reducer::max;
  static constexpr rules partials{
      [](auto a, auto y, auto along) { return where(a == y, 1, 0) / along.sum(where(a == y, 1, 0)); }};
  static constexpr notation text{"max[{a}]({0})"}, latex{"\\max_{{a}}\\left({0}\\right)"}, cpp = text;
};

constexpr traced detail::along_axis::sum(traced const& operand) const {
  return {*owner, algebra<traced>::reduce_node(*owner, info<sum_>, operand.node_in(*owner), axis)};
}

constexpr traced detail::along_axis::size() const { return {*owner, extent_node(*owner, axis)}; }

}  // namespace ddx

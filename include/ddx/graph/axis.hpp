// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The name of an axis and an offset enter, an index leaves: the i + 1 of x[i + 1].
#pragma once

#include <type_traits>

#include "../primitive/operand.hpp"
#include "../text.hpp"

namespace ddx {

/// A position along the axis called `Axis`, relative to the one at hand: `i + 1` of an `axis<"i"> i`.
template <text Axis>
struct place {
  int offset = 0;
};

/// A named axis as an index: with `constexpr ddx::axis<"i"> i;`, `x[i + 1]` is the array of right neighbours, `x[i]` is x. Arrays of
/// several axes are indexed along one after the other: `image[r + 1][c - 1]`. Offsets are whole numbers of the formula.
///
/// An element outside of the array is 0. A reduction over the axis takes the positions at which every index along it lies within the
/// array: sum<"i">(x[i + 1] - x[i]) has one term less than x has elements, and what the terms left out would be (log(0), say) does not
/// matter to the value or to derivatives. Elements under a `where` that keeps them inside do not count for this.
/// The derivative of x[i + 1] is a shift by -1, so derivatives of any order are loads at offsets again.
template <text Name>
struct axis {
  constexpr axis() = default;

  template <Arithmetic Number>
  friend constexpr place<Name> operator+(axis, Number offset) {
    return at(offset);
  }
  template <Arithmetic Number>
  friend constexpr place<Name> operator+(Number offset, axis) {
    return at(offset);
  }
  template <Arithmetic Number>
  friend constexpr place<Name> operator-(axis, Number offset) {
    return {-at(offset).offset};
  }

 private:
  template <class Number>
  static constexpr place<Name> at(Number offset) {
    static_assert(std::is_integral_v<Number>, "ddx: x[i + 1]: an offset along an axis is a whole number");
    return {static_cast<int>(offset)};
  }
};

namespace detail {

template <class Type>
inline constexpr bool is_axis_index = false;
template <text Axis>
inline constexpr bool is_axis_index<place<Axis>> = true;
template <text Axis>
inline constexpr bool is_axis_index<axis<Axis>> = true;

}  // namespace detail

/// An index along a named axis: i or i + 1.
template <class Type>
concept AxisIndex = detail::is_axis_index<Type>;

}  // namespace ddx

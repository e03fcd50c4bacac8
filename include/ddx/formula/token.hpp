// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The steps of a formula in postfix order, which front ends yield and lowering turns into a graph.
#pragma once

#include "../graph/graph.hpp"

namespace ddx {

/// One step of a formula in postfix order.
struct token {
  enum class step : unsigned char {
    literal,   ///< push the next literal
    symbol,    ///< push the variable or array `name` with the `count` axes at `axes`
    apply,     ///< replace operands by the primitive's node
    reduce,    ///< replace the operands by their reduction over axis `name`
    extent,    ///< push the number of elements along axis `name`
    position,  ///< push 0, 1, 2, … along axis `name`
    inside,    ///< replace a literal, an offset, by whether it leads to a position within axis `name`
    shift,     ///< replace an operand and a literal by the operand's elements at that offset along axis `name`
    scan,  ///< replace two operands and a literal by their recurrence along axis `name`, the literal its neighbour's offset
    derivative,  ///< pop `count` variables and a formula, push the (mixed) derivative
    gradient     ///< pop `count` variables and a formula, push its derivative by each
  };

  step what = step::literal;
  bool whole = false;  ///< a literal written as an integer
  int count = 0;
  unsigned id = 0;                ///< of the primitive
  primitive const* op = nullptr;  ///< null in portable tokens of the library's primitives, which it resolves by `id`
  std::string_view name{};
  std::string_view const* axes = nullptr;
};

}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What a parser is told and what it answers: declared arrays enter, tokens, literals and axes leave, or what is wrong
// and where.
#pragma once

#include "../primitive/primitive.hpp"
#include "token.hpp"

namespace ddx {

/// An array that text may name: its axes, outermost first; no axes make it a variable, which hides a constant of that
/// name.
struct declaration {
  std::string_view name;
  int rank = 0;
  std::string_view axes[max_rank]{};
};

/// Texts are at most so long, and parentheses so deep.
inline constexpr std::size_t max_formula_text = std::size_t{16} << 20;
inline constexpr int max_formula_depth = 10000;

/// The largest offset along an axis that text may have: less than half of what a double counts.
inline constexpr double largest_offset = 1e15;

namespace detail {

enum class parse_fault {
  none,
  operand,           // an operand is expected
  operators,         // an operator is expected
  closing,           // ')' is expected
  unopened,          // ')' or ',' outside of parentheses
  too_large,         // a number that no double holds
  closing_axis,      // ']' is expected
  closing_name,      // '`' is expected behind a name
  axis,              // the name of an axis is expected
  offset,            // a whole number is expected behind the + or - of an index
  neighbour,         // the index of a recurrence's neighbour is expected
  unknown_function,  // `name` is no function
  not_over_axis,     // `name` is no function over an axis
  axis_of_none,      // a function is over the axis `name`, which no array has
  operand_count,     // the function `name` takes `expected` operands
  axes_differ,       // the array `name` had other axes before
  rank,              // more axes than an array may have
  axis_twice,        // the array `name` has the axis twice
  equality,          // '=' where '==' is meant
  character,         // a character that no formula has
  too_deep,
  too_long
};

/// What is wrong with a text: where, as an offset in bytes, and the name and count that the sentence needs.
struct parse_problem {
  parse_fault fault = parse_fault::none;
  std::size_t position = 0;
  std::string_view name{};
  int expected = 0;
};

/// The tokens and literals of a text, and the names of axes that its arrays have one after the other.
struct parsed_text {
  sequence<token> tokens;
  sequence<double> literals;
  sequence<std::string_view> axes;
  sequence<int> first_axis;  ///< for each token the place of its first axis in `axes`
  parse_problem problem;
};

}  // namespace detail
}  // namespace ddx

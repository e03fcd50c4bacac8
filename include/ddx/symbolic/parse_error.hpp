// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What is wrong with the text of a formula, as an exception.
#pragma once

#include <cstddef>

#include "../error.hpp"

namespace ddx {

/// The text is no formula. `what()` has the place, the sentence and, on two further lines, the text with a caret below the place:
///
///     1:6: expected ')'
///       sin(x
///            ^
struct parse_error : error {
  parse_error(std::size_t at_line, std::size_t at_column, std::string const& what, std::string const& around)
      : error(std::to_string(at_line) + ":" + std::to_string(at_column) + ": " + what + around),
        line(at_line),
        column(at_column),
        sentence(what),
        excerpt(around) {}

  std::size_t line;      ///< from 1
  std::size_t column;    ///< in characters, from 1
  std::string sentence;  ///< what is wrong
  std::string excerpt;   ///< the line of the text and the line with the caret, each after a line break and two spaces
};

}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The words of a command line enter: formulas, @FILE and -; each formula leaves with the place that it comes from.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ddx::command {

/// Where a formula stands: an argument, or a line of a file or of standard input.
struct place {
  std::string file = {};  ///< empty for arguments and standard input
  std::size_t line = 0;   ///< from 1; 0 for an argument
};

/// Calls `take` with each formula in turn: a word, or a line of the file after @ or of standard input for -. Lines come as they are
/// read, in constant memory; `before_wait` is called before the program may have to wait for one. A blank line, or one that begins
/// with #, is an empty text. Error: `FILE: cannot be read: why`, once the words before it are done.
void for_each_formula(std::vector<std::string> const& words, std::function<void()> const& before_wait,
                      std::function<void(std::string_view, place const&)> const& take);

}  // namespace ddx::command

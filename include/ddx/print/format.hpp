// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The forms in which formulas and functions are printed.
#pragma once

namespace ddx {

enum class format : char {
  text = 't',     ///< `2*x + y*cos(x*y)`
  unicode = 'u',  ///< the same with raised digits, Greek letters and dots
  latex = 'l',    ///< for LaTeX's mathematics mode
  cpp = 'c',      ///< an expression in C++
  dot = 'd'       ///< the graph as Graphviz draws it, shared subexpressions once
};

}  // namespace ddx

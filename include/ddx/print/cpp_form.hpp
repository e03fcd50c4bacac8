// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// How a function in C++ is to look: what users choose of it.
#pragma once

#include <string_view>

namespace ddx {

/// What a function printed in C++ returns.
enum class cpp_result {
  value,               ///< double, the first output
  values,              ///< std::array<double, N>
  value_and_gradient,  ///< std::pair<double, std::array<double, N - 1>>
  rows                 ///< std::array of rows
};

struct cpp_form {
  std::string_view name = "f";
  cpp_result returns = cpp_result::values;
  int columns = 0;       ///< of rows
  bool includes = true;  ///< the #include lines come first
};

}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas as text, and what is to be done with them.
#pragma once

#include <string>
#include <string_view>

namespace bench {

enum class task { parse, differentiate, expand, print };

struct symbolic_problem {
  static constexpr std::string_view kind = "symbolic";
  task what = task::differentiate;
  int operators = 0;
  std::string formula;        ///< of x and y
  double x = 0.75, y = 1.25;  ///< where results are evaluated and compared
};

}  // namespace bench

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The same formulas and functions as in first.cpp enter; their texts and values leave.
#include <ddx/ddx.hpp>
#include <fmt/format.h>

#include "shared.hpp"

namespace shared {

std::string second_text() { return fmt::format("{}", ddx::diff(formula, x)); }
double second_value(double at_x, double at_y) { return ddx::eval(ddx::diff(formula, x), x = at_x, y = at_y); }
std::array<double, 2> second_function(double at_x, double at_y) { return ddx::grad(function)(at_x, at_y); }
std::vector<double> second_gradient(std::vector<double> const& at) {
  return ddx::compile<ddx::diff(mean_exp, v)>()(v = at);
}

}  // namespace shared

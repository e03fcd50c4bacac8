// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The words after the options of formulas enter; names, values, formats and ranges leave, or an error that says what is taken.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ddx/symbolic/symbolic.hpp>

namespace ddx::command {

/// A variable and what it stands for: a formula, and its value where it has no variables of its own.
struct binding {
  std::string name;
  symbolic formula;
  double value = 0;
};

struct range {
  double low = -5;
  double high = 5;
};

/// `x,y`: names of variables, in order.
std::vector<std::string> variable_names(std::string_view text);

/// `x=0.5,y=pi/2`: values of variables, each a formula without variables.
std::vector<binding> values(std::string_view text);

/// `x=u+v,y=2*u`: formulas for variables.
std::vector<binding> substitutes(std::string_view text);

/// `x=0` as above, or only `pi/2` for the one variable that there is, whose name is then empty.
std::vector<binding> expansion_point(std::string_view text);

/// text, unicode, latex, cpp or dot.
format format_named(std::string_view text);
inline constexpr char const* format_names = "text|unicode|latex|cpp|dot";

/// `-1:pi`: two numbers, the smaller one first.
range range_between(std::string_view text);

}  // namespace ddx::command

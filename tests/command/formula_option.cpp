// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Words of the options of formulas enter; values and exact complaints leave.
#include "command/formula_option.hpp"

#include <cmath>
#include <numbers>

#include "../data/idx_file.hpp"

using namespace ddx::command;

TEST_CASE("names of variables are read one after the other") {
  CHECK(variable_names("x") == std::vector<std::string>{"x"});
  CHECK(variable_names("x, x,y_1") == std::vector<std::string>{"x", "x", "y_1"});
  for (auto const* text : {"", ",", "x,", "1", "x y", "x^2", "é"}) {
    CAPTURE(text);
    CHECK(complaint([&] { variable_names(text); }) ==
          "takes names of variables, such as x,y, not '" + std::string(text) + "'");
  }
}

TEST_CASE("values are numbers or formulas without variables") {
  auto const read = values("x=0.5, y = pi/2,z=atan2(1, 2),a=-1e-3");
  REQUIRE(read.size() == 4);
  CHECK(read[0].name == "x");
  CHECK(read[0].value == 0.5);
  CHECK(read[1].name == "y");
  CHECK(read[1].value == std::numbers::pi / 2);
  CHECK(read[2].value == std::atan2(1.0, 2.0));
  CHECK(read[3].value == -1e-3);
  for (auto const* text : {"", "3", "=3", "x=1,", "1=x"}) {
    CAPTURE(text);
    CHECK(complaint([&] { values(text); }) == "takes values such as x=0.5,y=pi/2, not '" + std::string(text) + "'");
  }
  CHECK(complaint([] { values("x=1,x=2"); }) == "gives x twice");
  CHECK(complaint([] { values("x=y"); }) == "x: takes a number or a formula without variables, 'y' has y");
  CHECK(complaint([] { values("x=2*"); }) == "x: '2*' is no formula: expected a number, a name or '(' at column 3");
}

TEST_CASE("substitutes may have variables") {
  auto const read = substitutes("x=u+v,y=max(u, v)");
  REQUIRE(read.size() == 2);
  CHECK(to_string(read[0].formula) == "u + v");
  CHECK(to_string(read[1].formula) == "max(u, v)");
  CHECK(complaint([] { substitutes("u+v"); }) == "takes formulas for variables, such as x=u+v, not 'u+v'");
}

TEST_CASE("a point to expand about may go without a name") {
  CHECK(expansion_point("pi/2")[0].name == "");
  CHECK(expansion_point("pi/2")[0].value == std::numbers::pi / 2);
  CHECK(expansion_point("x=1")[0].name == "x");
  CHECK(complaint([] { expansion_point("a"); }) == "takes a number or a formula without variables, 'a' has a");
}

TEST_CASE("formats are read by name") {
  CHECK(format_named("text") == ddx::format::text);
  CHECK(format_named("unicode") == ddx::format::unicode);
  CHECK(format_named("latex") == ddx::format::latex);
  CHECK(format_named("cpp") == ddx::format::cpp);
  CHECK(format_named("dot") == ddx::format::dot);
  CHECK(complaint([] { format_named("LaTeX"); }) == "takes text, unicode, latex, cpp or dot, not 'LaTeX'");
}

TEST_CASE("a range is two numbers, the smaller one first") {
  CHECK(range_between("-1:pi").low == -1);
  CHECK(range_between("-1:pi").high == std::numbers::pi);
  for (auto const* text : {"", "1", "2:1", "1:1", "0:inf", "nan:1"}) {
    CAPTURE(text);
    CHECK(complaint([&] { range_between(text); }) ==
          "takes two numbers, the smaller one first, such as -1:pi, not '" + std::string(text) + "'");
  }
  CHECK(complaint([] { range_between("a:b"); }) == "takes a number or a formula without variables, 'a' has a");
}

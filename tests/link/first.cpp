// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The same formulas and functions as in second.cpp enter; the program must link, and both must agree.
#include <catch2/catch.hpp>
#include <ddx/ddx.hpp>
#include <fmt/format.h>

#include "shared.hpp"

namespace {

TEST_CASE("two translation units that use the same formula link and agree") {
  CHECK(shared::first_text() == "2*x + y*cos(x*y)");
  CHECK(shared::first_text() == shared::second_text());
  CHECK(shared::first_value(0.5, 2.0) == shared::second_value(0.5, 2.0));
  CHECK(shared::first_function(0.5, 2.0) == shared::second_function(0.5, 2.0));
  CHECK(shared::first_gradient({0.5, 1.0, -2.0}) == shared::second_gradient({0.5, 1.0, -2.0}));
}

}  // namespace

namespace shared {

std::string first_text() { return fmt::format("{}", ddx::diff(formula, x)); }
double first_value(double at_x, double at_y) { return ddx::eval(ddx::diff(formula, x), x = at_x, y = at_y); }
std::array<double, 2> first_function(double at_x, double at_y) { return ddx::grad(function)(at_x, at_y); }
std::vector<double> first_gradient(std::vector<double> const& at) {
  return ddx::compile<ddx::diff(mean_exp, v)>()(v = at);
}

}  // namespace shared

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A formula enters; its value, its derivatives and their text leave: the first program that anybody writes.
#include <ddx/ddx.hpp>
#include <fmt/core.h>

int main() {
  constexpr ddx::var<"x"> x;
  constexpr ddx::var<"y"> y;
  constexpr auto f = x * x + sin(x * y);
  constexpr auto slope = diff(f, x);
  fmt::print("{}\n{}\n{:l}\n", f, slope, diff(f, x, y));
  fmt::print("{} {}\n", ddx::eval(f, x = 0.5, y = 2.0), ddx::eval<slope>(x = 0.5, y = 2.0));
}

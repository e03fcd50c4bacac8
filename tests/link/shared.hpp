// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A formula and a function that two translation units use as a header would hand them out.
#pragma once

#include <array>
#include <ddx/ddx.hpp>
#include <string>
#include <vector>

namespace shared {

inline constexpr ddx::var<"x"> x;
inline constexpr ddx::var<"y"> y;
inline constexpr ddx::array<"v", "n"> v;
inline constexpr auto formula = pow(x, 2) + sin(x * y);
inline constexpr auto function = ddx::fn<"x", "y">([](auto a, auto b) { return a * a + sin(a * b); });

inline constexpr auto mean_exp = ddx::mean<"n">(exp(-pow(v, 2)));

std::string first_text();
std::string second_text();
double first_value(double at_x, double at_y);
double second_value(double at_x, double at_y);
std::array<double, 2> first_function(double at_x, double at_y);
std::array<double, 2> second_function(double at_x, double at_y);
std::vector<double> first_gradient(std::vector<double> const& at);
std::vector<double> second_gradient(std::vector<double> const& at);

}  // namespace shared

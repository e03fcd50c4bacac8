// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The arrays, the data and the shapes of programs drawn at random.
#pragma once

#include "oracle.hpp"

namespace random_programs {

using ddx::grad, ddx::max, ddx::mean, ddx::sum;
using oracle::check;

inline constexpr ddx::var<"s"> s;
inline constexpr ddx::var<"t"> t;
inline constexpr ddx::array<"v", "n"> v;
inline constexpr ddx::array<"y", "n"> y;
inline constexpr ddx::array<"w", "d"> w;
inline constexpr ddx::array<"A", "n", "d"> A;
inline constexpr ddx::array<"T", "d", "n"> T;
inline constexpr ddx::array<"M", "d", "k"> M;
inline constexpr ddx::array<"X", "n", "k", "d"> X;

/// Rounding errors of all steps of a program, in units in the last place of its largest result.
inline constexpr double units = 4096;

struct elements : oracle::random_elements<double> {
  elements(unsigned seed, std::ptrdiff_t count) : random_elements(seed, count, -1.5, 1.5) {}
};

/// Extents n, k, d below, at and above the widths of vectors, tiles and groups of rows.
inline constexpr std::array<std::ptrdiff_t, 3> shapes[]{{1, 1, 1},   {7, 3, 5},   {16, 8, 8},
                                                        {33, 5, 17}, {70, 2, 37}, {3, 17, 130}};

}  // namespace random_programs

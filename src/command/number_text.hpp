// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Counts and extents enter; they leave as people write them.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace ddx::command {

/// `12,000`: the nearest whole number with its digits in groups of three.
std::string grouped(double number);
std::string grouped(std::size_t count);

/// `28 x 28`.
std::string extents(std::span<std::size_t const> shape);

}  // namespace ddx::command

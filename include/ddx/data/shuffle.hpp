// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A number of things and a seed enter; the order to take them in leaves, the same with every compiler and library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ddx::data {

/// A permutation of 0, …, count - 1, each equally likely: Fisher and Yates's shuffle driven by std::mt19937_64.
/// `stream` gives one seed several independent orders, such as one an epoch.
///
/// The result is fixed by the arguments alone: std::shuffle and std::uniform_int_distribution, whose results the
/// standard leaves to each library, take no part. Cost: one draw an element (two at most on average).
std::vector<std::size_t> permutation(std::size_t count, std::uint64_t seed, std::uint64_t stream = 0);

}  // namespace ddx::data

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Times of rounds enter; medians, spreads, and ratios pair by pair with their intervals leave.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace bench {

/// The middle of the sorted values; q = 0.25 and 0.75 are the quartiles.
inline double quantile(std::vector<double> values, double q) {
  if (values.empty()) return std::nan("");
  std::sort(values.begin(), values.end());
  double const place = q * static_cast<double>(values.size() - 1);
  auto const below = static_cast<std::size_t>(place);
  std::size_t const above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

inline double median(std::vector<double> const& values) { return quantile(values, 0.5); }

struct interval {
  double low = 0, middle = 0, high = 0;
};

/// The median and an interval that holds it with at least 95% probability, by order statistics: no distribution is
/// assumed.
inline interval median_interval(std::vector<double> values) {
  if (values.empty()) return {std::nan(""), std::nan(""), std::nan("")};
  std::sort(values.begin(), values.end());
  std::size_t const n = values.size();
  // The largest k for which fewer than k of n fair coins show heads with a probability of at most 2.5%.
  double probability = std::pow(0.5, static_cast<double>(n)), sum = probability;
  std::size_t k = 0;
  while (sum <= 0.025 && 2 * (k + 1) < n) {
    ++k;
    probability *= static_cast<double>(n - k + 1) / static_cast<double>(k);
    sum += probability;
  }
  std::size_t const low = k == 0 ? 0 : k - 1;
  return {values[low], median(values), values[n - 1 - low]};
}

/// One's time over the other's in each round: what disturbs both cancels.
inline std::vector<double> ratios(std::vector<double> const& one, std::vector<double> const& other) {
  std::vector<double> result;
  for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i) result.push_back(one[i] / other[i]);
  return result;
}

}  // namespace bench

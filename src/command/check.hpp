// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A formula and its derivative enter; how far the derivative is from central differences leaves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formula_option.hpp"

namespace ddx::command {

struct check_options {
  std::size_t points = 100;
  std::uint64_t seed = 1;
  std::optional<range> within =
      std::nullopt;  ///< where variables are drawn; several ranges around 0 and 1 where not given
};

/// What was seen of a derivative at random points.
struct check_result {
  std::size_t points = 0;  ///< points that could be judged
  double largest = 0;      ///< the largest difference at these, relative to values above 1
  std::size_t wrong = 0;   ///< points at which the two differ by more than differences may
  // The first of these:
  std::vector<std::pair<std::string, double>> where = {};
  double derivative = 0;
  double differences = 0;

  bool good() const { return wrong == 0 && points != 0; }
};

/// Compares `derivative` with central differences of `f` by `name` at random points of the domain. A point is judged where the
/// formula is defined around it and the differences settle: not beside a kink, a jump or a pole.
check_result check_derivative(symbolic const& f, symbolic const& derivative, std::string const& name,
                              check_options const& options);

}  // namespace ddx::command

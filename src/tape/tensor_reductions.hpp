// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A tensor's reduction enters, its record leaves, and the other way round.
#pragma once

#include <ddx/primitive/reduction.hpp>
#include <ddx/tape/tensor_functions.hpp>

namespace ddx::detail {

/// How a reduction of tensors is written with the records of reductions.
struct traced_reduction {
  reduction kind;
  primitive const* record;
  bool negated = false;               ///< -record(-x)
  primitive const* of_one = nullptr;  ///< what it is of one element, where that is not the element
};

inline constexpr traced_reduction traced_reductions[]{{reduction::sum, &info<sum_>},
                                                      {reduction::mean, &info<mean_>},
                                                      {reduction::max, &info<max_over_>},
                                                      {reduction::logsumexp, &info<logsumexp_>},
                                                      {reduction::norm, &info<norm_>, false, &info<abs_>},
                                                      {reduction::min, &info<max_over_>, true},
                                                      {reduction::prod, &info<prod_>}};

constexpr traced_reduction const& traced_as(reduction kind) {
  for (traced_reduction const& known : traced_reductions)
    if (known.kind == kind) return known;
  return traced_reductions[0];
}

}  // namespace ddx::detail

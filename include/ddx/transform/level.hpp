// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// How a graph is simplified: what may be taken apart, in which order sums stand, and what is assumed of variables.
#pragma once

namespace ddx {

enum class sharing {
  keep,   ///< a subexpression used twice stays one node: for evaluation
  expand  ///< sums and products are flattened through shared nodes: for reading and comparing
};

enum class sum_order {
  written,   ///< as first written
  canonical  ///< by node, so that x + y and y + x are the same
};

enum class level {
  sound,       ///< the exact value stays defined at the same points: 0*x, x - x and x/x stay
  assume_real  ///< variables are real and finite and every subexpression is defined: 0*x = 0, x - x = 0, x/x = 1
};

}  // namespace ddx

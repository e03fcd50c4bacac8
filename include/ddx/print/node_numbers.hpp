// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What a drawing of a graph may show at its nodes beside their operations.
#pragma once

namespace ddx {

/// A number for each node of a graph, in the order of the nodes; null where there are none.
struct node_numbers {
  double const* values = nullptr;
  double const* gradients = nullptr;
};

}  // namespace ddx

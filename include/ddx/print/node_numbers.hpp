// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What a drawing of a graph may show at its nodes beside their operations.
#pragma once

#include <string_view>

namespace ddx {

/// A number, or lines of text, for each node of a graph, in the order of the nodes; null where there are none.
struct node_numbers {
  double const* values = nullptr;
  double const* gradients = nullptr;
  std::string_view const* notes = nullptr;
};

}  // namespace ddx

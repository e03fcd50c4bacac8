// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The second quarter of the records enters; their loops leave.
#include "tensor_loops.hpp"

namespace ddx::detail {

template <>
std::span<operation_entry const> table_part<1>() {
  static constexpr auto entries = part_of_table<1, table_parts>();
  return entries;
}

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The third quarter of the records enters; their loops leave.
#include "tensor_loops.hpp"

namespace ddx::detail {

template <>
std::span<operation_entry const> table_part<2>() {
  static constexpr auto entries = part_of_table<2, table_parts>();
  return entries;
}

}  // namespace ddx::detail

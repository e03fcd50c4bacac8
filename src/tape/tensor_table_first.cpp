// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The first quarter of the records enters; their loops leave.
#include "tensor_loops.hpp"

namespace ddx::detail {

template <>
std::span<operation_entry const> table_part<0>() {
  static constexpr auto entries = part_of_table<0, table_parts>();
  return entries;
}

}  // namespace ddx::detail

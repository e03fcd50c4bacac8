// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What the compiled library computes with vectors, once for each instruction set it is compiled for: loops of records, products.
#pragma once

#include <span>

#include <ddx/tape/tensor_operation.hpp>

#include "tensor_product.hpp"

namespace ddx::detail {

/// The loops of a record over float and over double; null where it has none.
struct record_loops {
  unsigned id;
  element_loop value[2];
  element_loop contribution[max_arity][2];
};

/// What is compiled for one instruction set.
struct variant {
  std::span<record_loops const> records;
  products const* product;
};

/// The fastest variant that this CPU can run. Its records are empty where it is that of the library's own flags, whose loops are in
/// the table of operations.
variant const& fastest_variant();

}  // namespace ddx::detail

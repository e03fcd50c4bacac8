// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Elementwise expressions that wait, for those who use or end them.
#pragma once

#include "tensor_cell.hpp"

namespace ddx::detail {

/// Tensors up to this size are computed at once: they stay in the cache anyway.
inline constexpr index at_once = 8192;

/// As many operations wait in an expression at most, so none is computed again too often and none is too deep.
inline constexpr int expression_limit = 48;

/// Passes the elements of a waiting cell on, in order, by blocks of at most 1024: (data, start, count).
void for_waiting_blocks(cell& c, std::function<void(std::byte const*, index, index)> const& consume);

/// The same of a contiguous or waiting cell.
template <class Consume>
void for_blocks(cell& c, Consume const& consume) {
  if (c.pending) for_waiting_blocks(c, std::cref(consume));
  else consume(bytes(c), index{0}, c.count);
}

/// Computes a waiting cell into the elements of another, in one pass, if nothing stands in the way. The value then has no elements.
bool evaluate_into(cell& value, cell& to);

/// Takes a waiting cell, whose end has come, from the list of those that wait.
void stop_waiting(cell& c);

/// Computes what waits and reads these elements, which are about to change.
void evaluate_readers(storage const* elements);

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Code enters; how often it calls operator new, and for how much, leaves. Linking the source beside this header replaces operator new of the program.
#pragma once

#include <cstddef>

/// The calls of operator new in the whole program so far.
int allocations();

/// The bytes that they asked for together.
std::size_t allocated_bytes();

template <class Function>
int allocations_of(Function const& function) {
  int const before = allocations();
  function();
  return allocations() - before;
}

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Code enters; how often it calls operator new leaves. Linking the source beside this header replaces operator new of the program.
#pragma once

/// The calls of operator new in the whole program so far.
int allocations();

template <class Function>
int allocations_of(Function const& function) {
  int const before = allocations();
  function();
  return allocations() - before;
}

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Two views enter; whether they may share an element leaves, so that no result is written over what is still to be read.
#pragma once

#include <cstdint>

#include "view.hpp"

namespace ddx::detail {

/// The bytes of a view: from the first to past the last, and how its elements are spread between them.
struct footprint {
  std::uintptr_t begin = 0, end = 0;
  std::ptrdiff_t size = 0;  ///< of an element
  int rank = 0;
  std::ptrdiff_t extents[max_rank]{}, strides[max_rank]{};  ///< strides in bytes
};

template <class View>
constexpr footprint footprint_of(View const& view) {
  footprint f;
  f.size = static_cast<std::ptrdiff_t>(sizeof(typename View::element));
  f.rank = View::rank;
  auto const& strides = strides_of(view);
  std::ptrdiff_t low = 0, high = f.size;
  for (std::size_t i = 0; i < static_cast<std::size_t>(View::rank); ++i) {
    f.extents[i] = view.extents[i];
    f.strides[i] = strides[i] * f.size;
    if (view.extents[i] == 0) return footprint{};
    (f.strides[i] < 0 ? low : high) += (view.extents[i] - 1) * f.strides[i];
  }
  f.begin = reinterpret_cast<std::uintptr_t>(view.data) + static_cast<std::uintptr_t>(low);
  f.end = reinterpret_cast<std::uintptr_t>(view.data) + static_cast<std::uintptr_t>(high);
  return f;
}

/// Whether views whose ranges of bytes meet may share an element: not where their elements lie in different columns of one grid. True
/// in doubt.
bool elements_meet(footprint const& a, footprint const& b);

inline bool share_memory(footprint const& a, footprint const& b) {
  return a.begin < b.end && b.begin < a.end && elements_meet(a, b);
}

/// Whether two indices of a view may mean the same element. True in doubt.
bool meets_itself(footprint const& a);

/// `first` and `second` name what shares memory: "output 1", "the input X".
[[noreturn]] void throw_aliasing(std::string const& first, std::string const& second);
[[noreturn]] void throw_repeated_elements(std::string const& name);

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Whether views share elements.
#include <ddx/bind/overlap.hpp>

#include <algorithm>
#include <numeric>

namespace ddx::detail {

namespace {

/// One axis of a view: the distance between neighbours and how many there are.
struct step {
  std::ptrdiff_t stride, extent;
};

/// Pieces of `size` contiguous bytes at the indices of the axes, from the lowest address on.
struct pieces {
  std::ptrdiff_t size;
  int rank = 0;
  step axes[max_rank]{};
};

/// Axes along which nothing lies between neighbours become part of the pieces.
pieces pieces_of(footprint const& f) {
  pieces p{.size = f.size};
  for (int i = 0; i < f.rank; ++i) {
    if (f.extents[i] <= 1) continue;
    // Sorted as they come: std::sort of so few makes g++ 12 see writes beyond the array.
    step const axis{std::abs(f.strides[i]), f.extents[i]};
    int at = p.rank++;
    for (; at > 0 && p.axes[at - 1].stride > axis.stride; --at) p.axes[at] = p.axes[at - 1];
    p.axes[at] = axis;
  }
  int merged = 0;
  while (merged < p.rank && p.axes[merged].stride == p.size) p.size *= p.axes[merged++].extent;
  std::move(p.axes + merged, p.axes + p.rank, p.axes);
  p.rank -= merged;
  return p;
}

}  // namespace

bool elements_meet(footprint const& a, footprint const& b) {
  pieces const first = pieces_of(a), second = pieces_of(b);
  std::ptrdiff_t grid = 0;
  for (int i = 0; i < first.rank; ++i) grid = std::gcd(grid, first.axes[i].stride);
  for (int i = 0; i < second.rank; ++i) grid = std::gcd(grid, second.axes[i].stride);
  if (grid == 0) return true;
  // All pieces of a view begin at the same place between two lines of the grid.
  std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(b.begin - a.begin) % grid;
  if (offset < 0) offset += grid;
  return offset < first.size || offset + second.size > grid;
}

bool meets_itself(footprint const& a) {
  pieces const p = pieces_of(a);
  std::ptrdiff_t reach = p.size;  // of all that the axes before this one cover
  for (int i = 0; i < p.rank; ++i) {
    if (p.axes[i].stride < reach) return true;
    reach += p.axes[i].stride * (p.axes[i].extent - 1);
  }
  return false;
}

void throw_aliasing(std::string const& first, std::string const& second) {
  throw error(first + " and " + second + " share memory; give one of them memory of its own");
}

void throw_repeated_elements(std::string const& name) {
  throw error(name + " has indices that mean the same element; what is written needs an element for each");
}

}  // namespace ddx::detail

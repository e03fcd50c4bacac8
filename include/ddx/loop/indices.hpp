// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Indices of take: a graph enters, which inputs name places along which axes leaves; their elements enter, a sentence leaves where
// one lies outside of its axis.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <string>
#include <type_traits>

#include "../error.hpp"
#include "../primitive/reduction.hpp"

namespace ddx::detail {

/// The axes along which input `input` itself, not something computed from it, is an index.
constexpr axis_set indexed_axes(graph_view g, int input) {
  axis_set result = 0;
  for (int i = 0; i < g.node_count; ++i) {
    node const& n = g.nodes[i];
    if (n.op->kind != role::reduction) continue;
    for (int k = 0; k < n.op->arity; ++k) {
      node const& operand = g.nodes[n.operands[k]];
      if ((n.op->takes_whole >> k & 1u) && is<input_>(operand) && operand.index == input)
        result |= axis_set{1} << n.index;
    }
  }
  return result;
}

/// Elements of the caller `strides` apart.
template <class Element>
struct index_elements {
  Element const* data;
  std::ptrdiff_t const* extents;
  std::ptrdiff_t const* strides;
  int rank;
};

template <class Element>
constexpr bool is_place(Element element, std::ptrdiff_t extent) {
  if constexpr (std::is_floating_point_v<Element>)
    return element >= 0 && element < static_cast<Element>(extent) && std::floor(element) == element;
  else if constexpr (std::is_signed_v<Element>) return element >= 0 && static_cast<std::ptrdiff_t>(element) < extent;
  else return static_cast<std::size_t>(element) < static_cast<std::size_t>(extent);
}

[[noreturn]] inline void throw_index_error(std::string const& element, std::string const& value, bool whole,
                                           std::string_view axis, std::ptrdiff_t extent) {
  std::string const reason = "axis " + std::string(axis) + " has " + std::to_string(extent);
  throw error("take: " + element + " is " + value + ", " + (whole ? reason : "which is no whole number"));
}

template <class Element>
std::string index_text(Element element) {
  if constexpr (std::is_floating_point_v<Element>) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.*g", std::numeric_limits<Element>::digits10, static_cast<double>(element));
    return digits;
  } else {
    return std::to_string(element);
  }
}

template <class Element>
bool is_whole(Element element) {
  if constexpr (std::is_floating_point_v<Element>) return std::floor(element) == element;
  else return true;
}

/// Refuses elements that are no places along an axis of the given extent.
template <class Element>
void check_places(index_elements<Element> const& elements, std::ptrdiff_t extent, std::string_view name,
                  std::string_view axis) {
  std::ptrdiff_t place[max_rank]{};
  for (int i = 0; i < elements.rank; ++i)
    if (elements.extents[i] == 0) return;
  int const last = elements.rank - 1;
  std::ptrdiff_t const count = last < 0 ? 1 : elements.extents[last], stride = last < 0 ? 0 : elements.strides[last];
  for (;;) {
    Element const* row = elements.data;
    for (int i = 0; i < last; ++i) row += place[i] * elements.strides[i];
    bool all = true;
    for (std::ptrdiff_t i = 0; i < count; ++i) all &= is_place(row[i * stride], extent);
    if (!all) {
      std::ptrdiff_t i = 0;
      while (is_place(row[i * stride], extent)) ++i;
      std::string text(name);
      for (int k = 0; k < last; ++k) text += (k == 0 ? "[" : ", ") + std::to_string(place[k]);
      if (last >= 0) text += (last == 0 ? "[" : ", ") + std::to_string(i) + "]";
      throw_index_error(text, index_text(row[i * stride]), is_whole(row[i * stride]), axis, extent);
    }
    int k = last - 1;
    while (k >= 0 && ++place[k] == elements.extents[k]) place[k--] = 0;
    if (k < 0) return;
  }
}

/// Refuses an axis whose places the type that a kernel computes in does not tell apart.
template <class Number>
void check_countable(std::ptrdiff_t extent, std::string_view axis) {
  if (extent > std::ptrdiff_t{1} << std::numeric_limits<Number>::digits)
    throw error("take: axis " + std::string(axis) + " has " + std::to_string(extent) + ", more than " +
                (sizeof(Number) == sizeof(float) ? "float counts exactly; bind double" : "double counts exactly"));
}

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Extents enter; shapes, their text and what they broadcast to leave.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "../error.hpp"

namespace ddx {

/// The extents of a tensor, outermost first; none for a scalar. At most 8 of them.
class shape {
 public:
  static constexpr int rank_limit = 8;

  constexpr shape() = default;
  constexpr shape(std::initializer_list<std::ptrdiff_t> extents) : shape(std::span(extents.begin(), extents.size())) {}
  constexpr explicit shape(std::span<std::ptrdiff_t const> extents) {
    for (std::ptrdiff_t extent : extents) push_back(extent);
  }

  constexpr void push_back(std::ptrdiff_t extent) {
    if (rank_ == rank_limit) throw error("shape: a tensor has at most 8 axes");
    extents_[static_cast<unsigned>(rank_++)] = extent;
  }

  constexpr int rank() const { return rank_; }
  constexpr std::ptrdiff_t operator[](int axis) const { return extents_[static_cast<unsigned>(axis)]; }
  constexpr std::ptrdiff_t& operator[](int axis) { return extents_[static_cast<unsigned>(axis)]; }
  constexpr std::ptrdiff_t const* begin() const { return extents_.data(); }
  constexpr std::ptrdiff_t const* end() const { return extents_.data() + rank_; }

  /// The number of elements. Throws error where they are more than memory has addresses.
  constexpr std::ptrdiff_t count() const {
    std::ptrdiff_t result = 1;
    bool fits = true;
    for (std::ptrdiff_t extent : *this) fits = !__builtin_mul_overflow(result, extent, &result) && fits;
    if (!fits || result > count_limit) [[unlikely]]
      refuse_count();
    return result;
  }

  constexpr bool operator==(shape const& other) const {
    if (rank_ != other.rank_) return false;
    for (int axis = 0; axis < rank_; ++axis)
      if ((*this)[axis] != other[axis]) return false;
    return true;
  }

 private:
  static constexpr std::ptrdiff_t count_limit = PTRDIFF_MAX / 8;  // of elements of eight bytes
  [[noreturn]] void refuse_count() const;

  std::array<std::ptrdiff_t, rank_limit> extents_{};
  int rank_ = 0;
};

/// `[2, 3]`.
inline std::string to_string(shape const& extents) {
  std::string result = "[";
  for (int axis = 0; axis < extents.rank(); ++axis) result += (axis > 0 ? ", " : "") + std::to_string(extents[axis]);
  return result + "]";
}

inline void shape::refuse_count() const {
  throw error("shape: " + to_string(*this) + " has more elements than memory has addresses");
}

}  // namespace ddx

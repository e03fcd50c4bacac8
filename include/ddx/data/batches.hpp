// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A number of rows and a batch size enter; the ranges of contiguous rows that make the batches leave.
#pragma once

#include <cstddef>

namespace ddx::data {

/// The rows first, first + 1, …, first + count - 1.
struct row_range {
  std::size_t first = 0;
  std::size_t count = 0;

  friend constexpr bool operator==(row_range, row_range) = default;
};

/// The batches of `rows` rows in order, each of `size` contiguous rows, the last one of what is left.
/// A size of 0, or above `rows`, makes one batch of all rows. No rows make no batches.
class batches {
 public:
  constexpr batches(std::size_t rows, std::size_t size) : rows_(rows), size_(size == 0 || size > rows ? rows : size) {}

  constexpr std::size_t size() const { return size_ == 0 ? 0 : rows_ / size_ + (rows_ % size_ != 0); }

  constexpr row_range operator[](std::size_t index) const {
    std::size_t const first = index * size_;
    return {first, rows_ - first < size_ ? rows_ - first : size_};
  }

  class iterator {
   public:
    constexpr iterator(batches const& all, std::size_t index) : all_(&all), index_(index) {}
    constexpr row_range operator*() const { return (*all_)[index_]; }
    constexpr iterator& operator++() {
      ++index_;
      return *this;
    }
    friend constexpr bool operator==(iterator, iterator) = default;

   private:
    batches const* all_;
    std::size_t index_;
  };

  constexpr iterator begin() const { return {*this, 0}; }
  constexpr iterator end() const { return {*this, size()}; }

 private:
  std::size_t rows_;
  std::size_t size_;
};

}  // namespace ddx::data

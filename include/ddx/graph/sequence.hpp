// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A growable array for passes that run inside the compiler and at run time alike.
#pragma once

#include <utility>

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx {

/// The part of std::vector that graph passes need. Own code for two measured reasons: clang 19 rejects constexpr
/// std::vector::resize with libstdc++ 12, and each push_back of std::vector costs about ten nested constexpr calls, of
/// which clang allows a million an evaluation.
template <class Element>
class sequence {
 public:
  constexpr sequence() = default;
  constexpr explicit sequence(int count, Element const& fill = {}) { resize(count, fill); }
  constexpr sequence(sequence const& other) {
    if (other.size_ > 0) reserve(other.size_);
    size_ = other.size_;
    for (int i = 0; i < size_; ++i) data_[i] = other.data_[i];
  }
  constexpr sequence(sequence&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  constexpr sequence& operator=(sequence other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  constexpr ~sequence() { delete[] data_; }

  constexpr void push_back(Element const& element) {
    if (size_ == capacity_) {
      Element kept = element;
      reserve(capacity_ < 8 ? 16 : 2 * capacity_);
      data_[size_++] = kept;
    } else {
      data_[size_++] = element;
    }
  }
  constexpr void pop_back() { --size_; }
  constexpr void clear() { size_ = 0; }
  constexpr void resize(int count, Element const& fill = {}) {
    if (count > capacity_) reserve(count);
    for (int i = size_; i < count; ++i) data_[i] = fill;
    size_ = count;
  }
  constexpr void reserve(int count) {
    Element* grown = new Element[static_cast<unsigned>(count)]{};
    for (int i = 0; i < size_; ++i) grown[i] = data_[i];
    delete[] data_;
    data_ = grown;
    capacity_ = count;
  }

  constexpr Element& operator[](int i) { return data_[i]; }
  constexpr Element const& operator[](int i) const { return data_[i]; }
  constexpr Element& back() { return data_[size_ - 1]; }
  constexpr Element const& back() const { return data_[size_ - 1]; }
  constexpr Element* begin() { return data_; }
  constexpr Element* end() { return data_ + size_; }
  constexpr Element const* begin() const { return data_; }
  constexpr Element const* end() const { return data_ + size_; }
  constexpr Element const* data() const { return data_; }
  constexpr int size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }

 private:
  Element* data_ = nullptr;
  int size_ = 0;
  int capacity_ = 0;
};

namespace detail {

/// Insertion sort: stable, and lists are short or nearly sorted.
template <class Element, class Before>
constexpr void sort(sequence<Element>& elements, Before before) {
  for (int i = 1; i < elements.size(); ++i) {
    Element const moving = elements[i];
    int k = i;
    for (; k > 0 && before(moving, elements[k - 1]); --k) elements[k] = elements[k - 1];
    elements[k] = moving;
  }
}

}  // namespace detail

}  // namespace ddx

#pragma GCC diagnostic pop

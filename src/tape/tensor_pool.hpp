// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Objects of one type come and go; they stay with the thread, so that steady work allocates nothing and sets up little.
#pragma once

#include <utility>

namespace ddx::detail {

/// A thread's free objects of one type, linked by their `next_free`. They stay constructed: who gives one back leaves it as a new
/// one would be, but for what each use sets. Each is allocated on its own, so it may be freed by another thread than made it.
/// Trivially destructible: tensors may live longer than the thread's end, after which nothing is kept.
template <class Type>
class pool {
 public:
  /// A free object, or null.
  Type* find() {
    Type* const found = free_;
    if (found == nullptr) return nullptr;
    --count_;
    free_ = found->next_free;
    return found;
  }
  void give(Type* one) noexcept {
    if (room_ == count_) {
      delete one;
      return;
    }
    ++count_;
    one->next_free = std::exchange(free_, one);
  }

  void open() { room_ = limit; }
  void close() noexcept {
    room_ = 0;
    count_ = 0;
    while (free_ != nullptr) delete std::exchange(free_, free_->next_free);
  }

 private:
  static constexpr int limit = 1 << 16;
  Type* free_ = nullptr;
  int count_ = 0, room_ = 0;
};

}  // namespace ddx::detail

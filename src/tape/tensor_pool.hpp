// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Objects of one type come and go; their blocks stay with the thread, so that steady work allocates nothing.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace ddx::detail {

/// A thread's free blocks of one size. Each block is allocated on its own, so it may be freed by another thread than made it.
/// Trivially destructible: tensors may live longer than what empties it.
template <class Type>
class pool {
 public:
  void* take() {
    if (free_ == nullptr) return open_and_allocate();
    --count_;
    return std::exchange(free_, free_->next);
  }
  void give(void* block) {
    if (!open_ || count_ == limit) return drop(block);
    ++count_;
    free_ = new (block) link{free_};
  }

  static constinit thread_local pool of_thread;

 private:
  static constexpr int limit = 1 << 16;
  struct link {
    link* next;
  };
  struct closer {
    bool used = true;
    ~closer() {
      of_thread.open_ = false;
      while (of_thread.free_ != nullptr) drop(std::exchange(of_thread.free_, of_thread.free_->next));
    }
  };
  static void drop(void* block) { ::operator delete(block, std::align_val_t(alignof(Type))); }

  void* open_and_allocate() {
    if (!open_ && !closed_) {
      thread_local closer at_exit;
      open_ = closed_ = at_exit.used;
    }
    return ::operator new(sizeof(Type), std::align_val_t(alignof(Type)));
  }

  link* free_ = nullptr;
  int count_ = 0;
  bool open_ = false, closed_ = false;  ///< closed_: is or will be closed at the thread's end
};

template <class Type>
constinit thread_local pool<Type> pool<Type>::of_thread{};

template <class Type>
struct pooled {
  static void* operator new(std::size_t) { return pool<Type>::of_thread.take(); }
  static void operator delete(void* block) { pool<Type>::of_thread.give(block); }
};

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Memory for values that loops keep between nests.
#include <ddx/loop/scratch.hpp>

#include <memory>
#include <new>

namespace ddx::detail {

namespace {

constexpr std::size_t alignment = 64;

struct release {
  void operator()(std::byte* memory) const { ::operator delete(memory, std::align_val_t{alignment}); }
};

}  // namespace

std::byte* scratch(std::size_t bytes) {
  alignas(alignment) thread_local std::byte small[64 * 1024];
  thread_local std::unique_ptr<std::byte, release> large;
  thread_local std::size_t capacity = 0;
  if (bytes <= sizeof small) return small;
  if (bytes > capacity) {
    large.reset();
    capacity = 0;
    large.reset(static_cast<std::byte*>(::operator new(bytes, std::align_val_t{alignment})));
    capacity = bytes;
  }
  return large.get();
}

}  // namespace ddx::detail

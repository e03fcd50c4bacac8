// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Every allocation of the program enters and is counted. A file of its own: where g++ sees a replaced operator delete call free
// it takes the pair for mismatched.
#include "count_allocations.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::atomic<int> count = 0;
std::atomic<std::size_t> bytes = 0;

void* allocate(std::size_t size, std::size_t alignment) {
  ++count;
  bytes += size;
  void* const memory = std::aligned_alloc(alignment, (size + alignment) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

int allocations() { return count; }
std::size_t allocated_bytes() { return bytes; }

void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new[](std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
// Those that do not throw are replaced too: where a checker brings its own, theirs would meet this delete.
void* operator new(std::size_t size, std::nothrow_t const&) noexcept try {
  return operator new(size);
} catch (std::bad_alloc const&) { return nullptr; }
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept try {
  return operator new[](size);
} catch (std::bad_alloc const&) { return nullptr; }
void* operator new(std::size_t size, std::align_val_t alignment, std::nothrow_t const&) noexcept try {
  return operator new(size, alignment);
} catch (std::bad_alloc const&) { return nullptr; }
void* operator new[](std::size_t size, std::align_val_t alignment, std::nothrow_t const&) noexcept try {
  return operator new[](size, alignment);
} catch (std::bad_alloc const&) { return nullptr; }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

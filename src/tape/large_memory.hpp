// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Sizes enter; memory leaves, in large pages where it is large: passes over it look up fewer addresses and meet fewer page faults.
#pragma once

#include <cstddef>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace ddx::detail {

inline constexpr std::size_t large_page = std::size_t{1} << 21;

/// How memory of a size is aligned: to the page it may take, else to the vector and the cache line.
constexpr std::align_val_t alignment_of(std::size_t size) {
  return std::align_val_t(size >= 2 * large_page ? large_page : 64);
}

/// Asks for large pages, a wish that the system may leave unheard.
inline void ask_for_large_pages([[maybe_unused]] void* block, [[maybe_unused]] std::size_t size) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (size >= 2 * large_page) static_cast<void>(madvise(block, size / large_page * large_page, MADV_HUGEPAGE));
#endif
}

inline void* allocate(std::size_t size) {
  void* const block = ::operator new(size, alignment_of(size));
  ask_for_large_pages(block, size);
  return block;
}

inline void deallocate(void* block, std::size_t size) noexcept { ::operator delete(block, alignment_of(size)); }

}  // namespace ddx::detail

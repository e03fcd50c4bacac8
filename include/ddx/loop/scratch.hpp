// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Memory for values that loops keep between nests: one piece a thread, which grows and is used again.
#pragma once

#include <cstddef>

namespace ddx::detail {

/// At least `bytes` bytes of the calling thread, aligned to 64. Valid until the thread's next call. No allocation up to 64 KB, nor
/// when an earlier call needed as much. Throws std::bad_alloc.
std::byte* scratch(std::size_t bytes);

}  // namespace ddx::detail

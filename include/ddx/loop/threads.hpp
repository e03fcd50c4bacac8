// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Chunks of a batch enter; threads of the library compute them, and their results are put together in the order of the chunks.
#pragma once

#include <cstddef>
#include <string>

#include "../error.hpp"

namespace ddx {

/// How many threads a kernel or a step may use: compile<loss>(threads(4)), stepper<loss, w>(sgd{.lr = 0.1}, threads(4)).
///
/// The batch is cut into chunks that depend on its size and not on the number of threads, and what the chunks give is added up in
/// their order: results are the same, bit for bit, for any number of threads and without this argument. A batch that is a single chunk
/// (less than about 2 MB, or with products of matrices 1024 rows) is computed by the calling thread. More threads than processors are
/// not started.
///
/// The threads are those of oneTBB, in libddx. A call that uses them takes 1 to 2 microseconds more than its work.
///
/// Errors: `threads: 0 threads cannot work; give 1 or more`; at the call, `threads: this libddx was built without oneTBB; ...` for more
/// than one.
class threads {
 public:
  int count;

  constexpr explicit threads(int number) : count(number) {
    if (number < 1) throw error("threads: " + std::to_string(number) + " threads cannot work; give 1 or more");
  }
};

namespace detail {

/// The calling thread alone.
struct one_thread {};

/// What is done with chunks, on `context`. Only `run` is called for several workers at the same time.
struct chunk_work {
  void* context;
  void (*begin)(void* context,
                int worker);  ///< a worker starts; may run beside everything but `begin` of the same worker
  void (*run)(void* context, int worker, std::ptrdiff_t chunk);  ///< computes a chunk; may not throw
  void (*commit)(void* context, int worker);  ///< takes up what the worker's last chunk gave: once a chunk, in order
};

/// Does `chunks` pieces of work by up to `threads` threads, and returns when all are done.
void run_chunks(int threads, std::ptrdiff_t chunks, chunk_work const& work);

}  // namespace detail
}  // namespace ddx

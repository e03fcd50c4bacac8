// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Parts of a work enter; threads of the library do them.
#pragma once

#include <cstddef>
#include <string>

#include "../error.hpp"

namespace ddx {

/// How many threads a kernel or a step may use: compile<loss>(threads(4)), stepper<loss, w>(sgd{.lr = 0.1}, threads(4)).
///
/// Threads share the rows of the batch and, of what contractions over the batch give (gradients of weights), the blocks of results; how
/// is told in docs/loops.md. Sums over the batch are taken in pieces that depend on its size and not on the number of threads, and
/// added up in their order: results are the same, bit for bit, for any number of threads and without this argument. A call with less
/// than about 20 microseconds of work is computed by the calling thread. More threads than processors are not started.
///
/// The threads are those of oneTBB, in libddx. A pass over the batch takes 1 to 2 microseconds more than its work each time they wait
/// for one another: once, or with products of matrices at least twice a tile.
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

/// What is done with parts of a work, on `context`. Different workers do it at the same time; nothing may throw.
struct part_work {
  void const* context;
  void (*begin)(void const* context, int worker);  ///< a worker starts
  void (*run)(void const* context, int worker, std::ptrdiff_t part);
};

/// Does all parts of a work by up to `threads` workers, each part once, and returns when all are done.
void run_parts(int threads, std::ptrdiff_t parts, part_work const& work);

}  // namespace detail
}  // namespace ddx

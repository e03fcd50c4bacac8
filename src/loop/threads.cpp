// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Parts of a work by the threads of oneTBB.
//
// oneTBB and not OpenMP: a step of two threads costs 1.6 us beside its work against 0.9, but where other programs want the processors
// OpenMP's barrier waits for a thread that does not run (88 us on average, 10 to 1000 times its best) where oneTBB's caller does the
// work itself (1 to 10 us); one pool serves all calls of a program, whichever compiler it was built with. Measured with g++ 12 and
// clang 19 on two cores of Zen 5.
#include <ddx/loop/threads.hpp>

#ifdef DDX_TBB
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#endif

namespace ddx::detail {

#ifdef DDX_TBB

void run_parts(int threads, std::ptrdiff_t parts, part_work const& work) {
  std::atomic<std::ptrdiff_t> next = 0;
  auto const worker = [&](int number) {
    std::ptrdiff_t part = next.fetch_add(1, std::memory_order_relaxed);
    if (part >= parts) return;
    work.begin(work.context, number);
    for (; part < parts; part = next.fetch_add(1, std::memory_order_relaxed)) work.run(work.context, number, part);
  };
  int const workers = static_cast<int>(std::min<std::ptrdiff_t>(threads, parts));
  // Isolated: the caller, whose scratch is in use, does not take up other work while it waits.
  oneapi::tbb::this_task_arena::isolate(
      [&] { oneapi::tbb::parallel_for(0, workers, worker, oneapi::tbb::simple_partitioner{}); });
}

#else

void run_parts(int threads, std::ptrdiff_t, part_work const&) {
  throw error(
      "threads: this libddx was built without oneTBB; install it (libtbb-dev) and build libddx with -Dthreads=enabled, "
      "or use " +
      std::to_string(threads) + " processes");
}

#endif

}  // namespace ddx::detail

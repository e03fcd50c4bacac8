// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Parts of a work on a frame enter; they are done in their order by the calling thread, or by several with a frame
// each.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>

#include "program.hpp"
#include "threads.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// The threads that run the nests of `Loops`.
template <class Loops>
class workers {
  static constexpr auto const& Plan = Loops::Plan;
  using number = typename Loops::number_type;
  using frame_type = typename Loops::frame_type;

 public:
  /// Whether threads share each tile.
  static constexpr bool shares_tiles() { return Plan.has_contractions(); }

  static constexpr std::ptrdiff_t worker_count(frame_type const&, detail::one_thread) { return 1; }
  /// A call without memory for workers has too little work to share.
  static std::ptrdiff_t worker_count(frame_type const& f, ddx::threads threads) {
    return f.workers == nullptr ? 1 : threads.count;
  }

  /// Calls `work(frame, part)` for every part: here in their order, or by threads with a frame each.
  template <class Threads, class Work>
  static void share(frame_type& f, [[maybe_unused]] Threads threads, std::ptrdiff_t parts, Work const& work) {
    if constexpr (std::is_same_v<Threads, ddx::threads>)
      if (parts > 1 && f.parts > 1) {
        struct team {
          frame_type const& f;
          Work const& work;
        } const all{f, work};
        return detail::run_parts(
            threads.count, parts,
            {.context = &all,
             .begin = [](void const* context, int worker) { join(static_cast<team const*>(context)->f, worker); },
             .run =
                 [](void const* context, int worker, std::ptrdiff_t part) {
                   team const& t = *static_cast<team const*>(context);
                   t.work(frame_of(t.f, worker), part);
                 }});
      }
    for (std::ptrdiff_t part = 0; part < parts; ++part) work(f, part);
  }

 private:
  static frame_type& frame_of(frame_type const& f, int worker) {
    return *std::launder(reinterpret_cast<frame_type*>(f.workers + worker * f.worker_bytes));
  }

  static void join(frame_type const& f, int worker) {
    std::byte* const memory = f.workers + worker * f.worker_bytes;
    frame_type& g = *new (memory) frame_type(f);
    for (int b = 0; b < Plan.buffer_count; ++b)
      if (!shares_tiles() && Plan.buffers[b].tiled)
        g.buffers[b] = reinterpret_cast<number*>(memory + g.private_offsets[b]);
    g.panels = reinterpret_cast<number*>(memory + g.private_offsets[Plan.buffer_count]);
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop

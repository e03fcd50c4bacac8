// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Passes over the batch: a bound frame enters; a plan's nests run on one tile of rows after the other, by one thread or
// by several.
//
// Without contractions a piece of the sums over the batch is a chunk of many tiles, and threads compute chunks.
// Contractions read what they contract with again for every tile, so threads share each tile: most nests by its rows,
// of which a piece is a part; contractions over the batch (the gradients of weights) by blocks of their results, so
// that these are in registers until the update in whatever thread they are, and nothing is added up between threads.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "batch_sums.hpp"
#include "each.hpp"
#include "pieces.hpp"
#include "program.hpp"
#include "threads.hpp"
#include "workers.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// The passes of the program whose nests are those of `Loops`.
template <class Loops>
class passes {
  static constexpr auto const& Plan = Loops::Plan;
  static constexpr auto const& Graph = Loops::Graph;
  using frame_type = typename Loops::frame_type;
  using sums = batch_sums<Loops>;
  using pieces_of = pieces<Loops>;
  using team = workers<Loops>;
  template <int Item>
  using constant = std::integral_constant<int, Item>;

 public:
  /// Runs everything; the frame's leaves are set.
  template <class Threads>
  DDX_INLINE static void run(frame_type& f, Threads threads) {
    f.parts = team::worker_count(f, threads);
    if constexpr (Plan.only_loops())
      each<last_time() + 1>([&]<int Time>(constant<Time>) DDX_INLINE_LAMBDA { at_time<Time>(f, threads); });
    else times<0>(f, threads);
  }

 private:
  // ---- time: what comes before, in and after the passes over the batch

  static constexpr int last_time() { return Plan.nest_count > 0 ? Plan.nests[Plan.nest_count - 1].time : 0; }

  static constexpr int first_nest(int time) {
    int i = 0;
    while (i < Plan.nest_count && Plan.nests[i].time < time) ++i;
    return i;
  }

  template <int First, int Last, class Function>
  DDX_INLINE static void each_nest(Function const& function) {
    each<Last - First>([&]<int Item>(constant<Item>) DDX_INLINE_LAMBDA { function(constant<First + Item>{}); });
  }

  template <int Time, class Threads>
  static void times(frame_type& f, Threads threads) {
    if constexpr (Time <= last_time()) {
      at_time<Time>(f, threads);
      times<Time + 1>(f, threads);
    }
  }

  template <int Time, class Threads>
  DDX_INLINE static void at_time(frame_type& f, Threads threads) {
    constexpr int first = first_nest(Time), last = first_nest(Time + 1);
    if constexpr (first < last && Time % 2 == 0) {
      f.tile_begin = f.tile_offset = 0;
      each_nest<first, last>([&]<int Nest>(constant<Nest>) { Loops::template run_nest<Nest>(f); });
    } else if constexpr (Plan.is_single_loop(Time) && !team::shares_tiles()) {
      single_loop<first>(f, threads);
    } else if constexpr (first < last) {
      each_nest<first, last>([&]<int Nest>(constant<Nest>) { sums::template begin_pass<Nest>(f); });
      if constexpr (team::shares_tiles()) tiles<first, last>(f, threads);
      else chunks<first, last>(f, threads);
      each_nest<first, last>([&]<int Nest>(constant<Nest>) { sums::template end_pass<Nest>(f); });
    }
  }

  /// A pass that is one loop along the batch: inlined as a whole, so that a call with a few elements keeps its frame in
  /// registers.
  template <int Nest, class Threads>
  DDX_INLINE static void single_loop(frame_type& f, Threads threads) {
    if (Loops::template few_elements<Nest>(f)) return;
    sums::template begin_pass<Nest>(f);
    f.head = Loops::template head_elements<Nest>(f);
    if constexpr (std::is_same_v<Threads, ddx::threads>) chunks<Nest, Nest + 1>(f, threads);
    else chunks_of_loop<Nest>(f);
    f.head = 0;
    sums::template end_pass<Nest>(f);
  }

  /// The same sums as those of `chunks`, by one thread.
  template <int Nest>
  DDX_INLINE static void chunks_of_loop(frame_type& f) {
    std::ptrdiff_t const rows = f.extents[Plan.batch];
    std::ptrdiff_t chunk_end = f.head + f.chunk;
    for (f.tile_begin = f.head; f.tile_begin < rows; f.tile_begin += f.tile) {
      f.tile_rows = rows - f.tile_begin < f.tile ? rows - f.tile_begin : f.tile;
      Loops::template whole_loop<Nest>(f);
      if (f.slots == nullptr || (f.tile_begin + f.tile < chunk_end && f.tile_begin + f.tile < rows)) continue;
      chunk_end += f.chunk;
      sums::template commit<Nest>(f);
    }
  }

  // ---- chunks of tiles

  /// As many chunks at a time as there are slots for their sums.
  template <int First, int Last, class Threads>
  static void chunks(frame_type& f, Threads threads) {
    std::ptrdiff_t const rows = f.extents[Plan.batch] - f.head;
    if (f.extents[Plan.batch] <= f.chunk) return run_tiles<First, Last>(f, 0, rows);
    for (std::ptrdiff_t first = 0, count = f.slot_count; first * f.chunk < rows; first += count) {
      std::ptrdiff_t const left = (rows + f.chunk - 1) / f.chunk - first;
      if (left < count) count = left;
      team::share(f, threads, count, [first, rows](frame_type& g, std::ptrdiff_t i) {
        std::ptrdiff_t const begin = (first + i) * g.chunk;
        each_nest<First, Last>([&]<int Nest>(constant<Nest>) { sums::template begin_piece<Nest>(g, i); });
        run_tiles<First, Last>(g, begin, rows - begin < g.chunk ? rows : begin + g.chunk);
        each_nest<First, Last>([&]<int Nest>(constant<Nest>) { sums::template end_piece<Nest>(g, i); });
      });
      each_nest<First, Last>([&]<int Nest>(constant<Nest>) { sums::template add_pieces<Nest>(f, count); });
    }
  }

  /// Not inlined: it is called for a whole batch and for chunks.
  template <int First, int Last>
  [[gnu::noinline]] static void run_tiles(frame_type& f, std::ptrdiff_t begin, std::ptrdiff_t end) {
    end += f.head;
    for (f.tile_begin = f.head + begin; f.tile_begin < end; f.tile_begin += f.tile) {
      f.tile_rows = end - f.tile_begin < f.tile ? end - f.tile_begin : f.tile;
      each_nest<First, Last>([&]<int Nest>(constant<Nest>) { Loops::template run_nest<Nest>(f); });
    }
  }

  // ---- shared tiles

  /// An empty batch is one empty tile: what follows a contraction in its epilogue is computed.
  template <int First, int Last, class Threads>
  static void tiles(frame_type& f, Threads threads) {
    std::ptrdiff_t const rows = f.extents[Plan.batch];
    f.last_tile = false;
    for (std::ptrdiff_t begin = 0; !f.last_tile; begin += f.tile) {
      f.last_tile = rows - begin <= f.tile;
      f.shared_begin = begin;
      f.shared_rows = f.last_tile ? rows - begin : f.tile;
      if (f.last_tile)
        each_nest<First, Last>([&]<int Nest>(constant<Nest>) { sums::template bring_together<Nest>(f); });
      pieces_of::see(f, 0, pieces_of::piece_count(f.shared_rows));
      phases<First, Last>(f, threads);
      if (!f.last_tile && (begin + f.tile) % f.chunk == 0)
        each_nest<First, Last>([&]<int Nest>(constant<Nest>) { sums::template add_chunk<Nest>(f); });
    }
    f.last_tile = false;
  }

  /// Phases of a tile: what threads do at the same time.
  template <int First, int Last, class Threads>
  static void phases(frame_type& f, Threads threads) {
    if constexpr (First < Last) {
      constexpr int next = end_of_phase(First, Last);
      if constexpr (sums::by_results(First)) {
        team::share(f, threads, f.parts, [](frame_type& g, std::ptrdiff_t part) {
          g.part = part;
          each_nest<First, next>([&]<int Nest>(constant<Nest>) { Loops::template run_nest<Nest>(g); });
        });
      } else {
        std::ptrdiff_t const pieces = pieces_of::piece_count(f.shared_rows),
                             spans = f.parts < pieces ? f.parts : pieces;
        team::share(f, threads, spans, [pieces, spans](frame_type& g, std::ptrdiff_t i) {
          run_pieces<First, next>(g, i * pieces / spans, (i + 1) * pieces / spans);
        });
        pieces_of::see(f, 0, pieces);
        if (f.slots != nullptr)
          each_nest<First, next>([&]<int Nest>(constant<Nest>) { sums::template add_pieces<Nest>(f, pieces); });
      }
      phases<next, Last>(f, threads);
    }
  }

  /// Nests of one kind, up to one that changes what another one loads.
  static constexpr int end_of_phase(int first, int last) {
    int i = first + 1;
    while (i < last && sums::by_results(i) == sums::by_results(first) && !disturbs(i, first)) ++i;
    return i;
  }

  /// Whether the update in a contraction's epilogue changes what a nest from `first` on loads before.
  static constexpr bool disturbs(int contraction, int first) {
    nest const& n = Plan.nests[contraction];
    if (n.epilogue < 0 || !sums::by_results(contraction)) return false;
    for (int r = 0; r < Plan.nests[n.epilogue].root_count; ++r) {
      nest_root const& root = Plan.roots[Plan.nests[n.epilogue].first_root + r];
      if (root.to != destination::parameter) continue;
      for (int i = first; i < contraction; ++i)
        if (loads_input(i, root.index) ||
            (Plan.nests[i].epilogue >= 0 && loads_input(Plan.nests[i].epilogue, root.index)))
          return true;
    }
    return false;
  }

  static constexpr bool loads_input(int i, int input) {
    nest const& n = Plan.nests[i];
    for (int l = 0; l < n.load_count; ++l) {
      node const& loaded = Graph.nodes[Loops::base_of(Plan.loads[n.first_load + l])];
      if (is<input_>(loaded) && loaded.index == input) return true;
    }
    return false;
  }

  /// Some pieces of a tile, nest by nest. A contraction takes all of them at once, so that its panels are packed once.
  template <int First, int Last>
  static void run_pieces(frame_type& f, std::ptrdiff_t first, std::ptrdiff_t last) {
    each_nest<First, Last>([&]<int Nest>(constant<Nest>) {
      constexpr int epilogue = Plan.nests[Nest].epilogue;
      if constexpr (Plan.nests[Nest].into < 0 && sums::sums_rows(Nest)) {
        for (std::ptrdiff_t piece = first; piece < last; ++piece) {
          pieces_of::see(f, piece, piece + 1);
          sums::template begin_piece<Nest>(f, piece);
          Loops::template run_nest<Nest>(f);
          sums::template end_piece<Nest>(f, piece);
        }
      } else if constexpr (Plan.nests[Nest].into < 0) {
        if constexpr (epilogue >= 0)
          for (std::ptrdiff_t piece = first; piece < last; ++piece) sums::template begin_piece<epilogue>(f, piece);
        pieces_of::see(f, first, last);
        Loops::template run_nest<Nest>(f);
      }
    });
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop

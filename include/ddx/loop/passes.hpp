// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Passes over the batch: a bound frame enters; a plan's nests run on one tile of rows after the other, by one thread or by several.
//
// Sums over the batch are taken piece by piece and added up in the order of the pieces, in double, so that they do not depend on who
// computes a piece. Without contractions a piece is a chunk of many tiles, and threads compute chunks. Contractions read what they
// contract with again for every tile, so threads share each tile: most nests by its rows, of which a piece is a part; contractions
// over the batch (the gradients of weights) by blocks of their results, so that these are in registers until the update in whatever
// thread they are, and nothing is added up between threads.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "../simd/across.hpp"
#include "program.hpp"
#include "threads.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

// Loops over all elements of sums, compiled once for all nests.

template <class Number>
[[gnu::noinline]] void set_elements(Number* elements, std::ptrdiff_t count, Number value) {
  for (std::ptrdiff_t i = 0; i < count; ++i) elements[i] = value;
}

/// Elements go on in double.
template <class Number>
[[gnu::noinline]] void add_elements(double* wide, Number const* elements, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; ++i) wide[i] += static_cast<double>(elements[i]);
}

/// Elements are brought together with what went on in double.
template <class Number>
[[gnu::noinline]] void join_elements(Number* elements, double* wide, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    elements[i] = static_cast<Number>(wide[i] + static_cast<double>(elements[i]));
    wide[i] = 0;
  }
}

/// The passes of the program whose nests are those of `Loops`.
template <class Loops>
class passes {
  static constexpr auto const& Plan = Loops::Plan;
  static constexpr auto const& Graph = Loops::Graph;
  using number = typename Loops::number_type;
  using frame_type = typename Loops::frame_type;
  using total = simd::pack<double>;
  template <int Item>
  using constant = std::integral_constant<int, Item>;

  static constexpr bool over_batch(nest_root const& root) { return root.axis >= 0 && root.axis == Plan.batch; }

  /// A serial float sum of a million equal terms is off by a part in 300; with a double every 1024 rows by a part in 200,000.
  static constexpr bool is_wide(nest_root const& root) {
    return over_batch(root) && root.to == destination::buffer && root.combine == reducer::sum;
  }

  /// Whether a nest is a contraction over the batch, which threads share by its results.
  static constexpr bool by_results(int i) {
    nest const& n = Plan.nests[i];
    return n.time % 2 == 1 && n.reduced_axis >= 0 && n.reduced_axis == Plan.batch;
  }

  /// Whether a nest itself has sums over the batch.
  static constexpr bool sums_rows(int i) {
    for (int r = 0; r < Plan.nests[i].root_count; ++r)
      if (over_batch(Plan.roots[Plan.nests[i].first_root + r])) return true;
    return false;
  }

 public:
  /// Whether threads share each tile.
  static constexpr bool shares_tiles() { return Loops::panel_bytes() > 0; }

  /// Runs everything; the frame's leaves are set.
  template <class Threads>
  DDX_INLINE static void run(frame_type& f, Threads threads) {
    f.parts = worker_count(f, threads);
    if constexpr (Plan.only_loops())
      Loops::template each<last_time() + 1>([&]<int Time>(constant<Time>)
                                                DDX_INLINE_LAMBDA { at_time<Time>(f, threads); });
    else times<0>(f, threads);
  }

  // ---- pieces: rows whose sums over the batch are one term of the whole sums

  /// Where pieces end: multiples of these rows, so that vectors lie in them, and blocks of a contraction whose epilogue sums them.
  static constexpr std::ptrdiff_t piece_step() {
    if (simd::registers == 32) return 16;
    for (int i = 0; i < Plan.nest_count; ++i)
      if (Plan.nests[i].into >= 0 && sums_rows(i)) return 24;
    return 8;
  }

  /// The number of pieces of a tile that threads share: a power of two, each of about 32 to 64 rows, at most 16.
  static constexpr std::ptrdiff_t piece_count(std::ptrdiff_t rows) {
    std::ptrdiff_t count = 1;
    while (count < 16 && count * 64 <= rows + 8) count *= 2;
    return count;
  }

  /// The row of a shared tile with which piece `i` begins.
  [[gnu::noinline]] static std::ptrdiff_t piece_begin(frame_type const& f, std::ptrdiff_t i) {
    std::ptrdiff_t const count = piece_count(f.shared_rows);
    return i == count ? f.shared_rows : (i * f.shared_rows / count + piece_step() / 2) / piece_step() * piece_step();
  }

  /// The sums over the batch of a nest go to the slot of a piece, or without slots to where they end.
  template <int Nest>
  static void aim(frame_type& f, std::ptrdiff_t piece) {
    if (f.slots == nullptr) return;
    each_sum<Nest>([&]<int Root>(constant<Root>) {
      constexpr nest_root root = Plan.roots[Root];
      if constexpr (root.to == destination::buffer)
        f.buffers[root.index] = reinterpret_cast<number*>(slot(f, piece) + f.slot_offsets[root.index]);
    });
  }

  // ---- what a call keeps memory for

  /// What a buffer is to passes.
  struct buffer_role {
    bool has_slot = false;       ///< it holds sums over the batch that pieces add to
    bool is_contracted = false;  ///< it is the result of a contraction over the batch, which tiles add to
    bool needs_wide = false;     ///< sums in it are added up in double
  };
  struct buffer_roles {
    buffer_role of[Plan.buffer_count + 1]{};
  };
  static constexpr buffer_roles roles = [] {
    buffer_roles all;
    for (int i = 0; i < Plan.nest_count; ++i)
      for (int r = 0; r < Plan.nests[i].root_count; ++r) {
        nest_root const& root = Plan.roots[Plan.nests[i].first_root + r];
        if (!over_batch(root) || root.to != destination::buffer) continue;
        buffer_role& role = all.of[root.index];
        (by_results(i) ? role.is_contracted : role.has_slot) = true;
        role.needs_wide = is_wide(root);
      }
    return all;
  }();

  /// Whether there are sums over the batch in pieces: then a call needs slots for them.
  static constexpr bool has_sums() {
    for (int i = 0; i < Plan.nest_count; ++i)
      if (!by_results(i) && sums_rows(i)) return true;
    return false;
  }

  /// Bytes at the beginning of a slot: sums that are numbers.
  static constexpr std::ptrdiff_t total_bytes =
      (Plan.root_count * static_cast<std::ptrdiff_t>(sizeof(total)) + 63) / 64 * 64;

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
    Loops::template each<Last - First>([&]<int Item>(constant<Item>)
                                           DDX_INLINE_LAMBDA { function(constant<First + Item>{}); });
  }

  /// Calls `function` with each sum over the batch of a nest.
  template <int Nest, class Function>
  DDX_INLINE static void each_sum(Function const& function) {
    Loops::template each<Plan.nests[Nest].root_count>([&]<int Item>(constant<Item>) DDX_INLINE_LAMBDA {
      constexpr int r = Plan.nests[Nest].first_root + Item;
      if constexpr (over_batch(Plan.roots[r])) function(constant<r>{});
    });
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
    } else if constexpr (Plan.is_single_loop(Time) && !shares_tiles()) {
      single_loop<first>(f, threads);
    } else if constexpr (first < last) {
      each_nest<first, last>([&]<int Nest>(constant<Nest>) { begin_pass<Nest>(f); });
      if constexpr (shares_tiles()) tiles<first, last>(f, threads);
      else chunks<first, last>(f, threads);
      each_nest<first, last>([&]<int Nest>(constant<Nest>) { end_pass<Nest>(f); });
    }
  }

  /// A pass that is one loop along the batch: inlined as a whole, so that a call with a few elements keeps its frame in registers.
  template <int Nest, class Threads>
  DDX_INLINE static void single_loop(frame_type& f, Threads threads) {
    if (Loops::template few_elements<Nest>(f)) return;
    begin_pass<Nest>(f);
    f.head = Loops::template head_elements<Nest>(f);
    if constexpr (std::is_same_v<Threads, ddx::threads>) chunks<Nest, Nest + 1>(f, threads);
    else chunks_of_loop<Nest>(f);
    f.head = 0;
    end_pass<Nest>(f);
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
      each_sum<Nest>([&]<int Root>(constant<Root>) DDX_INLINE_LAMBDA {
        using combine = simd::combining<Plan.roots[Root].combine>;
        f.committed[Root] = combine::apply(f.committed[Root], f.totals[Root]);
        f.totals[Root] = total(combine::template neutral<double>);
      });
    }
  }

  // ---- threads

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

  // ---- chunks of tiles

  /// As many chunks at a time as there are slots for their sums.
  template <int First, int Last, class Threads>
  static void chunks(frame_type& f, Threads threads) {
    std::ptrdiff_t const rows = f.extents[Plan.batch] - f.head;
    if (f.extents[Plan.batch] <= f.chunk) return run_tiles<First, Last>(f, 0, rows);
    for (std::ptrdiff_t first = 0, count = f.slot_count; first * f.chunk < rows; first += count) {
      std::ptrdiff_t const left = (rows + f.chunk - 1) / f.chunk - first;
      if (left < count) count = left;
      share(f, threads, count, [first, rows](frame_type& g, std::ptrdiff_t i) {
        std::ptrdiff_t const begin = (first + i) * g.chunk;
        each_nest<First, Last>([&]<int Nest>(constant<Nest>) { begin_piece<Nest>(g, i); });
        run_tiles<First, Last>(g, begin, rows - begin < g.chunk ? rows : begin + g.chunk);
        each_nest<First, Last>([&]<int Nest>(constant<Nest>) { end_piece<Nest>(g, i); });
      });
      each_nest<First, Last>([&]<int Nest>(constant<Nest>) { add_pieces<Nest>(f, count); });
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
      if (f.last_tile) each_nest<First, Last>([&]<int Nest>(constant<Nest>) { bring_together<Nest>(f); });
      see(f, 0, piece_count(f.shared_rows));
      phases<First, Last>(f, threads);
      if (!f.last_tile && (begin + f.tile) % f.chunk == 0)
        each_nest<First, Last>([&]<int Nest>(constant<Nest>) { add_chunk<Nest>(f); });
    }
    f.last_tile = false;
  }

  /// Lets nests work on some pieces of a tile.
  [[gnu::noinline]] static void see(frame_type& f, std::ptrdiff_t first, std::ptrdiff_t last) {
    f.first_piece = first;
    f.last_piece = last;
    f.tile_offset = piece_begin(f, first);
    f.tile_begin = f.shared_begin + f.tile_offset;
    f.tile_rows = piece_begin(f, last) - f.tile_offset;
  }

  /// Phases of a tile: what threads do at the same time.
  template <int First, int Last, class Threads>
  static void phases(frame_type& f, Threads threads) {
    if constexpr (First < Last) {
      constexpr int next = end_of_phase(First, Last);
      if constexpr (by_results(First)) {
        share(f, threads, f.parts, [](frame_type& g, std::ptrdiff_t part) {
          g.part = part;
          each_nest<First, next>([&]<int Nest>(constant<Nest>) { Loops::template run_nest<Nest>(g); });
        });
      } else {
        std::ptrdiff_t const pieces = piece_count(f.shared_rows), spans = f.parts < pieces ? f.parts : pieces;
        share(f, threads, spans, [pieces, spans](frame_type& g, std::ptrdiff_t i) {
          run_pieces<First, next>(g, i * pieces / spans, (i + 1) * pieces / spans);
        });
        see(f, 0, pieces);
        if (f.slots != nullptr) each_nest<First, next>([&]<int Nest>(constant<Nest>) { add_pieces<Nest>(f, pieces); });
      }
      phases<next, Last>(f, threads);
    }
  }

  /// Nests of one kind, up to one that changes what another one loads.
  static constexpr int end_of_phase(int first, int last) {
    int i = first + 1;
    while (i < last && by_results(i) == by_results(first) && !disturbs(i, first)) ++i;
    return i;
  }

  /// Whether the update in a contraction's epilogue changes what a nest from `first` on loads before.
  static constexpr bool disturbs(int contraction, int first) {
    nest const& n = Plan.nests[contraction];
    if (n.epilogue < 0 || !by_results(contraction)) return false;
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
      if constexpr (Plan.nests[Nest].into < 0 && sums_rows(Nest)) {
        for (std::ptrdiff_t piece = first; piece < last; ++piece) {
          see(f, piece, piece + 1);
          begin_piece<Nest>(f, piece);
          Loops::template run_nest<Nest>(f);
          end_piece<Nest>(f, piece);
        }
      } else if constexpr (Plan.nests[Nest].into < 0) {
        if constexpr (epilogue >= 0)
          for (std::ptrdiff_t piece = first; piece < last; ++piece) begin_piece<epilogue>(f, piece);
        see(f, first, last);
        Loops::template run_nest<Nest>(f);
      }
    });
  }

  // ---- sums over the batch

  static std::byte* slot(frame_type const& f, std::ptrdiff_t piece) { return f.slots + piece * f.slot_bytes; }
  static total* totals(frame_type const& f, std::ptrdiff_t piece) { return reinterpret_cast<total*>(slot(f, piece)); }

  /// The number of elements of a result of a reduction over the batch.
  template <int Buffer>
  static std::ptrdiff_t element_count(frame_type const& f) {
    std::ptrdiff_t count = 1;
    for (int i = 0; i < Plan.buffers[Buffer].order.rank; ++i) count *= f.extents[Plan.buffers[Buffer].order.axes[i]];
    return count;
  }
  /// The same for a sum; none where it is a single term.
  template <int Buffer>
  static std::ptrdiff_t wide_elements(frame_type const& f) {
    return f.wide[Buffer] == nullptr ? 0 : element_count<Buffer>(f);
  }

  /// Sums begin at the neutral element. A contraction writes over its results in the first tile.
  template <int Nest>
  DDX_INLINE static void clear(frame_type& f) {
    if constexpr (!by_results(Nest))
      each_sum<Nest>([&]<int Root>(constant<Root>) DDX_INLINE_LAMBDA {
        constexpr nest_root root = Plan.roots[Root];
        using combine = simd::combining<root.combine>;
        f.totals[Root] = total(combine::template neutral<double>);
        if constexpr (root.to == destination::buffer)
          set_elements(f.buffers[root.index], element_count<root.index>(f), combine::template neutral<number>);
      });
  }

  template <int Nest>
  DDX_INLINE static void begin_pass(frame_type& f) {
    clear<Nest>(f);
    each_sum<Nest>([&]<int Root>(constant<Root>) DDX_INLINE_LAMBDA {
      constexpr nest_root root = Plan.roots[Root];
      f.committed[Root] = total(simd::combining<root.combine>::template neutral<double>);
      if constexpr (is_wide(root)) set_elements(f.wide[root.index], wide_elements<root.index>(f), 0.0);
    });
  }

  template <int Nest>
  static void begin_piece(frame_type& f, std::ptrdiff_t piece) {
    if (f.slots == nullptr) return;
    aim<Nest>(f, piece);
    clear<Nest>(f);
  }
  template <int Nest>
  static void end_piece(frame_type& f, std::ptrdiff_t piece) {
    if (f.slots == nullptr) return;
    each_sum<Nest>([&]<int Root>(constant<Root>) { totals(f, piece)[Root] = f.totals[Root]; });
  }

  /// Adds what pieces gave to what those before gave, in their order.
  template <int Nest>
  static void add_pieces(frame_type& f, std::ptrdiff_t pieces) {
    if constexpr (!by_results(Nest))
      each_sum<Nest>([&]<int Root>(constant<Root>) {
        constexpr nest_root root = Plan.roots[Root];
        using combine = simd::combining<root.combine>;
        for (std::ptrdiff_t piece = 0; piece < pieces; ++piece) {
          if constexpr (root.to != destination::buffer) {
            f.committed[Root] = combine::apply(f.committed[Root], totals(f, piece)[Root]);
          } else {
            auto const* const sums = reinterpret_cast<number const*>(slot(f, piece) + f.slot_offsets[root.index]);
            std::ptrdiff_t const count = element_count<root.index>(f);
            if constexpr (is_wide(root)) add_elements(f.wide[root.index], sums, count);
            else
              for (std::ptrdiff_t i = 0; i < count; ++i)
                f.results[root.index][i] = combine::apply(f.results[root.index][i], sums[i]);
          }
        }
      });
  }

  /// What tiles have added to the results of a contraction goes on in double.
  template <int Nest>
  static void add_chunk(frame_type& f) {
    if constexpr (by_results(Nest))
      each_sum<Nest>([&]<int Root>(constant<Root>) {
        constexpr int b = Plan.roots[Root].index;
        if constexpr (is_wide(Plan.roots[Root])) {
          add_elements(f.wide[b], f.buffers[b], wide_elements<b>(f));
          set_elements(f.buffers[b], wide_elements<b>(f), number(0));
        }
      });
  }

  /// A sum that an epilogue uses in registers is brought together before the last tile is added.
  template <int Nest>
  static void bring_together(frame_type& f) {
    if constexpr (by_results(Nest) && Plan.nests[Nest].epilogue >= 0)
      each_sum<Nest>([&]<int Root>(constant<Root>) {
        constexpr int b = Plan.roots[Root].index;
        if constexpr (is_wide(Plan.roots[Root])) join_elements(f.buffers[b], f.wide[b], wide_elements<b>(f));
      });
  }

  template <int Nest>
  DDX_INLINE static void end_pass(frame_type& f) {
    each_sum<Nest>([&]<int Root>(constant<Root>) DDX_INLINE_LAMBDA {
      constexpr nest_root root = Plan.roots[Root];
      if constexpr (root.to == destination::number) {
        f.numbers[root.index] =
            static_cast<number>(simd::across<root.combine>(f.slots == nullptr ? f.totals[Root] : f.committed[Root]));
      } else if constexpr (root.to == destination::buffer) {
        if constexpr (!by_results(Nest)) f.buffers[root.index] = f.results[root.index];
        if constexpr (is_wide(root))
          join_elements(f.buffers[root.index], f.wide[root.index], wide_elements<root.index>(f));
      }
    });
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop

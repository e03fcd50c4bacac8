// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A frame enters whose inputs and extents are bound; it leaves with the batch cut into tiles and chunks, and with
// memory for what nests keep, for sums of pieces, panels and threads.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "../simd/instruction_set.hpp"
#include "batch_sums.hpp"
#include "pieces.hpp"
#include "program.hpp"
#include "scratch.hpp"
#include "threads.hpp"
#include "tiling.hpp"
#include "workers.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::detail {

// What calls the loops is as much one an instruction set as they are: the linker would merge two calls of the same
// program.
inline namespace DDX_ISA {

/// Where the frame of a call of `Program` has its memory. `Loops` are its loops, computing in `Number`; `Elements` are
/// the element types of its inputs.
template <class Program, class Number, class Loops, class... Elements>
class call_memory {
  static constexpr auto const& graph_ = program_graph<Program>;
  static constexpr auto const& plan_ = program_plan<Program>;
  using number = Number;
  using loops = Loops;
  using sums = loop::batch_sums<Loops>;
  using pieces = loop::pieces<Loops>;
  using frame_type = typename Loops::frame_type;

 public:
  /// The strides of elements in one piece, in an order of axes; `tiled`: of the batch there are `tile` rows.
  static void set_strides(frame_type const& f, axis_order const& order, std::ptrdiff_t* strides, bool tiled = false,
                          std::ptrdiff_t tile = 0) {
    std::ptrdiff_t stride = 1;
    for (int i = order.rank - 1; i >= 0; --i) {
      strides[i] = stride;
      stride *= tiled && order.axes[i] == plan_.batch ? tile : f.extents[order.axes[i]];
    }
  }

  /// Cuts the batch into tiles and chunks.
  static void cut(frame_type& f) {
    row_memory const bytes = memory_of_row(f);
    std::ptrdiff_t const rows = batch_rows(f);
    if constexpr (plan_.only_loops()) {
      f.tile = tiles.rows > 0 ? tiles.rows : loops::rows_of_loops();
    } else {
      f.tile = detail::tile_rows(bytes, rows, loop::workers<Loops>::shares_tiles());
      f.fetches = bytes.all * rows > tiles.second_cache;
    }
    constexpr std::ptrdiff_t least = columns_of_batch() ? 18 * least_tile : 0;
    if (f.tile < least && tiles.rows == 0) f.tile = least;
    f.chunk = f.tile;
    if (rows <= f.tile) return;
    if constexpr (loop::workers<Loops>::shares_tiles()) f.chunk = (rows_of_float_sum + f.tile - 1) / f.tile * f.tile;
    else f.chunk = chunk_rows(bytes.all, rows, f.tile, sizeof(number) == sizeof(float) && has_wide());
  }

  /// Lays out scratch: the buffers, each with room for a whole vector at its end, sums of pieces of the batch and their
  /// totals in double, and what threads have for themselves.
  template <class Threads>
  static void place_buffers(frame_type& f, Threads threads) {
    constexpr int count = plan_.buffer_count;
    constexpr auto number_size = static_cast<std::ptrdiff_t>(sizeof(number)),
                   wide_size = static_cast<std::ptrdiff_t>(sizeof(double));
    bool const pieces = has_pieces(f), many_tiles = batch_rows(f) > f.chunk;
    std::ptrdiff_t offsets[count + 1]{}, wide_offsets[count + 1]{}, total = 0, slot = sums::total_bytes;
    std::ptrdiff_t own = rounded(static_cast<std::ptrdiff_t>(sizeof(frame_type)));  // of a thread
    for (int b = 0; b < count; ++b) {
      buffer const& kept = plan_.buffers[b];
      set_strides(f, kept.order, f.buffer_strides[b], kept.tiled, f.tile);
      std::ptrdiff_t size = 1;
      for (int i = 0; i < kept.order.rank; ++i)
        size *= kept.tiled && kept.order.axes[i] == plan_.batch ? f.tile : f.extents[kept.order.axes[i]];
      std::ptrdiff_t const bytes = rounded(size * number_size) + rounded(DDX_VECTOR_BYTES);
      offsets[b] = total;
      if (kept.output < 0) total += bytes;
      wide_offsets[b] = -1;
      constexpr auto const& roles = sums::roles.of;
      if (roles[b].needs_wide && (roles[b].is_contracted ? many_tiles : pieces)) {
        wide_offsets[b] = total;
        total += rounded(size * wide_size);
      }
      f.slot_offsets[b] = slot;
      if (roles[b].has_slot) slot += bytes;
      f.private_offsets[b] = own;
      if (kept.tiled && !loop::workers<Loops>::shares_tiles()) own += bytes;
    }
    f.private_offsets[count] = own;
    std::ptrdiff_t const panels = total;
    if constexpr (loops::panel_bytes() > 0) {
      f.depth = depth_of_panel(loops::panel_bytes());
      total += rounded(f.depth * loops::panel_bytes());
    }
    f.worker_bytes = own + (total - panels);
    std::ptrdiff_t workers = 1;
    if constexpr (std::is_same_v<Threads, ddx::threads>)
      if (threads.count > 1 && is_worth_threads(f)) workers = threads.count;
    std::ptrdiff_t const slots = total;
    f.slot_bytes = slot;
    if (pieces || many_tiles) f.slot_count = slot_count(f, workers);
    if (pieces) total += f.slot_count * slot;
    std::ptrdiff_t const first_worker = total;
    if (workers > 1) total += workers * f.worker_bytes;
    std::byte* const memory = total > 0 ? scratch(static_cast<std::size_t>(total)) : nullptr;
    f.panels = reinterpret_cast<number*>(memory + panels);
    f.slots = pieces ? memory + slots : nullptr;
    f.workers = workers > 1 ? memory + first_worker : nullptr;
    for (int b = 0; b < count; ++b) {
      int const output = plan_.buffers[b].output;
      f.buffers[b] =
          output >= 0 ? static_cast<number*>(f.outputs[output]) : reinterpret_cast<number*>(memory + offsets[b]);
      f.results[b] = f.buffers[b];
      f.wide[b] = wide_offsets[b] >= 0 ? reinterpret_cast<double*>(memory + wide_offsets[b]) : nullptr;
    }
  }

 private:
  /// The memory that a row of the batch touches in a pass.
  static row_memory memory_of_row(frame_type const& f) {
    row_memory bytes;
    auto const add = [&](std::ptrdiff_t& sum, axis_order const& order, std::ptrdiff_t size) {
      constexpr axis_set batch = plan_.batch < 0 ? 0 : axis_set{1} << (plan_.batch < 0 ? 0 : plan_.batch);
      if (!(order.set() & batch)) return;
      for (int i = 0; i < order.rank; ++i)
        if (order.axes[i] != plan_.batch) size *= f.extents[order.axes[i]];
      sum += size;
    };
    [&]<int... Is>(std::integer_sequence<int, Is...>) {
      (add(bytes.all, axis_order::of(graph_.inputs[Is]), static_cast<std::ptrdiff_t>(sizeof(Elements))), ...);
    }(std::make_integer_sequence<int, graph_.input_count>{});
    for (int b = 0; b < plan_.buffer_count; ++b) add(bytes.kept, plan_.buffers[b].order, sizeof(number));
    bytes.all += bytes.kept;
    return bytes;
  }

  static std::ptrdiff_t batch_rows(frame_type const& f) {
    return plan_.batch < 0 ? 0 : f.extents[plan_.batch < 0 ? 0 : plan_.batch];
  }

  /// Whether the batch is the innermost axis of a matrix: then a tile takes a piece of every column, which is to be a
  /// few cache lines long.
  static constexpr bool columns_of_batch() {
    for (int i = 0; i < graph_.input_count; ++i)
      if (graph_.inputs[i].rank > 1 && graph_.inputs[i].axes[graph_.inputs[i].rank - 1] == plan_.batch) return true;
    return false;
  }

  /// Whether sums over the batch are taken in several pieces.
  static bool has_pieces(frame_type const& f) {
    if constexpr (!sums::has_sums()) return false;
    else if constexpr (loop::workers<Loops>::shares_tiles())
      return batch_rows(f) > f.tile || pieces::piece_count(batch_rows(f)) > 1;
    else return batch_rows(f) > f.chunk;
  }

  /// Whether a call has work for several threads: of 10 to 20 microseconds or more. It takes what nests compute at each
  /// point of their axes for equally long.
  static bool is_worth_threads(frame_type const& f) {
    double work = 0;
    for (int i = 0; i < plan_.nest_count; ++i) {
      nest const& n = plan_.nests[i];
      if (n.time % 2 == 0) continue;
      double points = n.node_count + n.root_count;
      for (int a = 0; a < graph_.axis_count; ++a)
        if (n.axes >> a & 1u) points *= static_cast<double>(f.extents[a]);
      work += points;
    }
    return work > 5e5 && batch_rows(f) > (loop::workers<Loops>::shares_tiles() ? 1 : f.chunk);
  }

  static std::ptrdiff_t rounded(std::ptrdiff_t bytes) { return (bytes + 63) / 64 * 64; }

  /// How many pieces are summed before they are added up: those of a tile, or chunks by the number of threads and 4 MB
  /// of sums.
  static std::ptrdiff_t slot_count(frame_type const& f, std::ptrdiff_t workers) {
    if constexpr (loop::workers<Loops>::shares_tiles())
      return pieces::piece_count(f.tile < batch_rows(f) ? f.tile : batch_rows(f));
    std::ptrdiff_t const chunks = (batch_rows(f) + f.chunk - 1) / f.chunk;
    if constexpr (!sums::has_sums()) return chunks;
    if (workers == 1) return 1;
    std::ptrdiff_t const fitting = 4 * 1024 * 1024 / f.slot_bytes, most = fitting < 64 ? fitting : 64,
                         least = 2 * workers;
    std::ptrdiff_t const wanted = most < least ? least : most;
    return wanted < chunks ? wanted : chunks;
  }

  static constexpr bool has_wide() {
    for (int b = 0; b < plan_.buffer_count; ++b)
      if (sums::roles.of[b].needs_wide) return true;
    return false;
  }
};

}  // namespace DDX_ISA
}  // namespace ddx::detail

#pragma GCC diagnostic pop

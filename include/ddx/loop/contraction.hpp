// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Contractions: a nest that reduces an axis which is neither its vector nor its row axis enters; loops over blocks of
// its results leave. The expression that is reduced is whatever the nest computes.
#pragma once

#include <cstddef>
#include <tuple>
#include <utility>

#include "batch_sums.hpp"
#include "contraction_block.hpp"
#include "contraction_loads.hpp"
#include "contraction_results.hpp"
#include "contraction_shape.hpp"
#include "pieces.hpp"
#include "program.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// The loops of contraction `Nest` of the program whose loops are `Loops`.
template <class Loops, int Nest>
class contraction {
  static constexpr auto const& Plan = Loops::Plan;
  static constexpr nest n = Plan.nests[Nest];
  using number = typename Loops::number_type;
  using frame_type = typename Loops::frame_type;
  static constexpr int width = simd::width<number>;
  using shape = contraction_shape<Loops, Nest>;
  using loads = contraction_loads<Loops, Nest>;
  using block = contraction_block<Loops, Nest>;
  using results = contraction_results<Loops, Nest>;

 public:
  /// Bytes of scratch that packed panels need.
  static constexpr std::ptrdiff_t panel_bytes(std::ptrdiff_t depth) { return loads::panel_bytes(depth); }

  static void run(frame_type& f, std::ptrdiff_t const* outer) {
    std::ptrdiff_t const lanes = Loops::extent(f, n, n.vector_axis), depth = Loops::extent(f, n, n.reduced_axis);
    std::ptrdiff_t const most = shape::over_batch && f.depth > shape::most_rows ? shape::most_rows : f.depth,
                         parts = depth > most ? (depth + most - 1) / most : 1;
    std::ptrdiff_t const part = (depth + parts - 1) / parts;
    std::ptrdiff_t const row_count = Loops::extent(f, n, n.row_axis);
    bool const by_rows = row_count * shape::panel_width >= lanes * shape::rows;
    range const all_lanes = shape::over_batch && !by_rows ? share_of(f, lanes, shape::panel_width) : range{0, lanes};
    range const all = shape::over_batch && by_rows ? share_of(f, row_count, shape::rows) : range{0, row_count};
    [&]<int... Ls, int... Rs>(std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) {
      std::tuple const sources{loads::template source<Ls>(f, outer)...};
      std::ptrdiff_t begin = 0;
      do {
        std::ptrdiff_t const end = begin + part < depth ? begin + part : depth;
        for (std::ptrdiff_t lane = all_lanes.begin; lane < all_lanes.end; lane += shape::panel_width) {
          std::ptrdiff_t const count = lanes - lane < shape::panel_width ? lanes - lane : shape::panel_width;
          panel<number> panels[n.load_count + 1];
          (loads::template prepare<Ls>(f, std::get<Ls>(sources), lane, count, begin, end, panels[Ls]), ...);
          section const s{lane,
                          count,
                          begin,
                          end - begin,
                          begin == 0 && !shape::adds_to_earlier_tiles(f),
                          end >= depth && (!shape::over_batch || f.last_tile)};
          each_piece(f, all, [&](range some) {
            block_targets const targets{std::tuple{Loops::template root_cursor<Nest, n.first_root + Rs>(f, outer)...},
                                        results::epilogue_sources(f, outer), results::epilogue_targets(f, outer)};
            if (count > width) block::template all_rows<shape::columns>(f, sources, targets, panels, s, some);
            else block::template all_rows<1>(f, sources, targets, panels, s, some);
          });
        }
        begin = end;
      } while (begin < depth);
    }(std::make_integer_sequence<int, n.load_count>{}, std::make_integer_sequence<int, n.root_count>{});
  }

 private:
  /// What one of the threads that share a contraction over the batch computes of an axis: whole blocks.
  static range share_of(frame_type const& f, std::ptrdiff_t extent, std::ptrdiff_t step) {
    std::ptrdiff_t const blocks = (extent + step - 1) / step, end = blocks * (f.part + 1) / f.parts * step;
    return {blocks * f.part / f.parts * step, end < extent ? end : extent};
  }

  /// Calls `function` with rows: all of them, or where the epilogue sums them those of each piece of the batch.
  template <class Function>
  static void each_piece(frame_type& f, range all, Function const& function) {
    if constexpr (results::epilogue_sums_rows) {
      for (std::ptrdiff_t piece = f.first_piece; piece < f.last_piece; ++piece) {
        batch_sums<Loops>::template aim<n.epilogue>(f, piece);
        function(range{pieces<Loops>::piece_begin(f, piece) - f.tile_offset,
                       pieces<Loops>::piece_begin(f, piece + 1) - f.tile_offset});
      }
    } else {
      function(all);
    }
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A tile that threads share enters, the rows of its pieces leave: those whose sums over the batch are one term of the
// whole sums.
#pragma once

#include <cstddef>

#include "../simd/pack.hpp"
#include "batch_sums.hpp"
#include "program.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// The pieces of the tiles of the program whose nests are those of `Loops`.
template <class Loops>
class pieces {
  static constexpr auto const& Plan = Loops::Plan;
  using frame_type = typename Loops::frame_type;

 public:
  /// Where pieces end: multiples of these rows, so that vectors lie in them, and blocks of a contraction whose epilogue
  /// sums them.
  static constexpr std::ptrdiff_t piece_step() {
    if (simd::registers == 32) return 16;
    for (int i = 0; i < Plan.nest_count; ++i)
      if (Plan.nests[i].into >= 0 && batch_sums<Loops>::sums_rows(i)) return 24;
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

  /// Lets nests work on some pieces of a tile.
  [[gnu::noinline]] static void see(frame_type& f, std::ptrdiff_t first, std::ptrdiff_t last) {
    f.first_piece = first;
    f.last_piece = last;
    f.tile_offset = piece_begin(f, first);
    f.tile_begin = f.shared_begin + f.tile_offset;
    f.tile_rows = piece_begin(f, last) - f.tile_offset;
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop

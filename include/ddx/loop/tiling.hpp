// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The cost model of tiles: the sizes of caches enter, how many rows of the batch and how much of a reduced axis go together leaves.
#pragma once

#include <cstddef>

namespace ddx {

/// How loops are cut into pieces. Results differ with it only by rounding, within the bounds of docs/loops.md.
struct tiling {
  /// Rows of the batch that a pass takes through all its nests before the next ones; 0: as many as the caches hold.
  std::ptrdiff_t rows = 0;
  /// Elements of a reduced axis that a contraction takes at a time; 0: as many as half of the first cache holds.
  std::ptrdiff_t depth = 0;
  /// Bytes of a core's first and second data cache.
  std::ptrdiff_t first_cache = 32 * 1024, second_cache = 1024 * 1024;
};

/// The tiling of every kernel: read when a kernel is called, so it is changed while none runs.
inline tiling tiles;

namespace detail {

inline constexpr std::ptrdiff_t least_tile = 8, most_tile = 2048;

/// The rows of a tile, of which each touches `bytes` bytes. Without contractions a tile stays in the first cache from one nest to the
/// next. Contractions read what they contract with again for every tile, so theirs fills half of the second cache; its rows are a
/// multiple of every number of rows that go together.
inline std::ptrdiff_t tile_rows(std::ptrdiff_t bytes, bool contracts) {
  if (tiles.rows > 0) return tiles.rows;
  std::ptrdiff_t const step = contracts ? 3 * least_tile : least_tile;
  std::ptrdiff_t const room = contracts ? tiles.second_cache / 2 : tiles.first_cache;
  std::ptrdiff_t const rows = bytes > 0 ? room / bytes : most_tile;
  return rows < step ? step : rows > most_tile ? most_tile / step * step : rows / step * step;
}

/// The part of a reduced axis that a contraction takes at a time, of which each element needs `bytes` bytes of a panel.
inline std::ptrdiff_t depth_of_panel(std::ptrdiff_t bytes) {
  if (tiles.depth > 0) return tiles.depth;
  std::ptrdiff_t const depth = tiles.first_cache / 4 * 3 / bytes;
  return depth < 32 ? 32 : depth;
}

}  // namespace detail
}  // namespace ddx

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
  /// Elements of a reduced axis that a contraction takes at a time; 0: as many as make a panel of twice the first cache.
  std::ptrdiff_t depth = 0;
  /// Bytes of a core's first and second data cache.
  std::ptrdiff_t first_cache = 32 * 1024, second_cache = 1024 * 1024;
};

/// The tiling of every kernel: read when a kernel is called, so it is changed while none runs.
inline tiling tiles;

namespace detail {

inline constexpr std::ptrdiff_t least_tile = 8, most_tile = 2048;

/// Bytes that a row of the batch touches in a pass, and those of them that nests keep for one another.
struct row_memory {
  std::ptrdiff_t all = 0, kept = 0;
};

/// The rows of a tile. Without contractions a tile stays in the first cache from one nest to the next. Contractions read what they
/// contract with again for every tile, and threads share each: theirs fill the second caches of two processors and have enough rows to
/// share; the tiles of a batch are then about equal, and their rows a multiple of every number of rows that go together. Measured on
/// Zen 5 on a network 784-128-10 of 256 rows, one tile instead of two: 0.98 of the time by one thread, 0.94 by two; of 3024 rows, 384
/// rows a tile instead of 192: the same by one, 0.86 by two. What nests keep for one another leaves room for what they read beside it in
/// one second cache: a mixture of 25 Gaussians in 10 dimensions, whose products are small and whose kept values are many, takes 0.87 of
/// the time with 96 rows a tile instead of 264.
inline std::ptrdiff_t tile_rows(row_memory const& bytes, std::ptrdiff_t batch, bool contracts) {
  if (tiles.rows > 0) return tiles.rows;
  std::ptrdiff_t const step = contracts ? 3 * least_tile : least_tile, least = contracts ? 4 * step : step;
  std::ptrdiff_t const most = contracts ? most_tile / 2 : most_tile;
  std::ptrdiff_t const room = contracts ? 2 * tiles.second_cache : tiles.first_cache;
  auto const rows_in = [most](std::ptrdiff_t memory, std::ptrdiff_t row) { return row > 0 ? memory / row : most; };
  std::ptrdiff_t fitting = rows_in(room, bytes.all);
  if (std::ptrdiff_t const kept = rows_in(tiles.second_cache * 5 / 8, bytes.kept); kept < fitting) fitting = kept;
  std::ptrdiff_t const rows = fitting < least ? least : (fitting > most ? most : fitting) / step * step;
  if (!contracts || batch <= rows) return rows;
  std::ptrdiff_t const count = (batch + rows - 1) / rows, equal = (batch + count - 1) / count;
  return (equal + step - 1) / step * step;
}

/// Rows whose float sums may go on in double.
inline constexpr std::ptrdiff_t rows_of_float_sum = 1024;

/// The rows of a chunk: sums over the batch are taken chunk by chunk and added up in double. Large enough to be worth a thread and the
/// addition of all gradients (2 MB of data; a quarter of that where there are few), small enough for float sums, and as many as many
/// numbers of threads share evenly. Whole tiles, and whole vectors of any type.
inline std::ptrdiff_t chunk_rows(std::ptrdiff_t bytes, std::ptrdiff_t batch, std::ptrdiff_t tile, bool float_sums) {
  constexpr std::ptrdiff_t chunk_bytes = 2 * 1024 * 1024, small_bytes = 512 * 1024, least = 128, even = 8;
  auto const rows_in = [bytes](std::ptrdiff_t size) { return bytes < 1 ? size : size < bytes ? 1 : size / bytes; };
  std::ptrdiff_t const most = rows_in(chunk_bytes), large = (batch + most - 1) / most,
                       small = batch / rows_in(small_bytes);
  std::ptrdiff_t const count = large > even / 2   ? (large + even - 1) / even * even
                               : small < even / 2 ? small
                                                  : even / 2;
  std::ptrdiff_t rows = count > 1 ? (batch + count - 1) / count : batch;
  if (float_sums && rows > rows_of_float_sum) rows = rows_of_float_sum;
  if (rows < least) rows = least;
  std::ptrdiff_t step = tile;
  while (step % (2 * least_tile) != 0) step += tile;
  return (rows + step - 1) / step * step;
}

/// The part of a reduced axis that a contraction takes at a time, of which each element needs `bytes` bytes of a panel. Measured on
/// Zen 5 on a network 784-128-10 with 32-byte vectors: a panel of twice the first cache 1.03 of hand-written code, of three quarters
/// of it 1.07.
inline std::ptrdiff_t depth_of_panel(std::ptrdiff_t bytes) {
  if (tiles.depth > 0) return tiles.depth;
  std::ptrdiff_t const depth = 2 * tiles.first_cache / bytes;
  return depth < 32 ? 32 : depth;
}

}  // namespace detail
}  // namespace ddx

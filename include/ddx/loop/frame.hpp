// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A frame: the memory, strides and extents of a call, and which rows its nests work on.
#pragma once

#include <cstddef>

#include "../graph/graph.hpp"
#include "../simd/pack.hpp"

namespace ddx::loop::inline DDX_ISA {

/// What the loops of a call work on. Strides are in elements.
template <int Nodes, int Inputs, int Buffers, int Outputs, int Roots, class Number>
struct frame {
  std::ptrdiff_t extents[max_axes];
  void const* inputs[Inputs + 1];
  std::ptrdiff_t input_strides[Inputs + 1][max_rank];
  Number* buffers[Buffers + 1];
  std::ptrdiff_t buffer_strides[Buffers + 1][max_rank];
  void* outputs[Outputs + 1];
  std::ptrdiff_t output_strides[Outputs + 1][max_rank];
  Number numbers[Nodes + 1];                     ///< values of nodes without axes
  simd::pack<double> totals[Roots + 1];          ///< reductions to a number, in double: a float sum of many is wrong
  simd::pack<double> committed[Roots + 1];       ///< those of the pieces of the batch before
  double* wide[Buffers + 1];                     ///< what buffers summed over the batch held after the pieces before
  Number* results[Buffers + 1];                  ///< where buffers are when no piece is being summed
  Number* panels = nullptr;                      ///< room for packed panels of contractions
  std::ptrdiff_t depth = 0;                      ///< at most so much of a reduced axis goes into a panel
  std::ptrdiff_t tile = 0;                       ///< rows of a full tile
  std::ptrdiff_t chunk = 0;                      ///< rows, in tiles, whose sums are added to those of others as one
  std::ptrdiff_t head = 0;                       ///< rows of a pass that come before its first tile
  bool fetches = false;                          ///< rows are fetched before their turn
  std::ptrdiff_t tile_begin = 0, tile_rows = 0;  ///< the rows that nests see
  std::ptrdiff_t tile_offset = 0;                ///< rows before them in what buffers hold of a tile
  std::ptrdiff_t shared_begin = 0, shared_rows = 0;
  std::ptrdiff_t first_piece = 0, last_piece = 0;  ///< of a shared tile: what nests see of it
  bool last_tile = false;
  std::ptrdiff_t part = 0, parts = 1;  ///< which of the blocks of a contraction over the batch are computed
  std::byte* slots = nullptr;          ///< memory for the sums of some pieces; nullptr where the batch is a single one
  std::ptrdiff_t slot_count = 0, slot_bytes = 0;
  std::ptrdiff_t slot_offsets[Buffers + 1];  ///< of sums in a slot
  std::byte* workers = nullptr;  ///< memory of the threads of a pass: a frame each, then its buffers and its panels
  std::ptrdiff_t worker_bytes = 0;
  std::ptrdiff_t private_offsets[Buffers + 1];  ///< of buffers, and behind them of panels
};

}  // namespace ddx::loop::inline DDX_ISA

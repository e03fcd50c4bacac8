// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// An IDX file, gzipped or plain, enters; its unsigned bytes leave with their shape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace ddx::data {

/// Unsigned bytes in row-major order with their extents, such as {60000, 28, 28}.
struct idx_array {
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> values;
};

/// Reads an IDX file of unsigned bytes, the format of MNIST and its relatives: two zero bytes, the element type, the
/// number of dimensions, the extents as 32-bit big-endian numbers, the elements.
///
/// Gzipped files are recognised by their content. Memory grows with the bytes that really arrive, and extents that the
/// file cannot hold (deflate shrinks by at most 1032) are refused first, so a forged header costs nothing.
///
/// Errors, each `path: what is wrong`: no such file, a folder, wrong magic number, another element
/// type than unsigned bytes, no or more than 8 dimensions, extents too large for the file, truncated, damaged, bytes
/// left over. What follows the end of a gzip stream without being one is passed over, as gzip does.
idx_array read_idx(std::filesystem::path const& path);

}  // namespace ddx::data

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Files of images and labels enter; rows of bytes with a label each leave: chosen by class, shuffled, split, in
// batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include "batches.hpp"

namespace ddx::data {

/// Images as contiguous rows of bytes, with a label each. A batch is a view of its rows:
/// `ddx::view(set.rows(batch), batch.count, set.features())`.
struct dataset {
  std::vector<std::uint8_t> images;      ///< size() rows of features() bytes
  std::vector<std::uint8_t> labels;      ///< size() of them
  std::vector<std::size_t> image_shape;  ///< such as {28, 28}; features() is its product

  std::size_t size() const { return labels.size(); }
  std::size_t features() const;

  /// The images and the labels of these rows, valid as long as the vectors are not changed.
  std::span<std::uint8_t const> rows(row_range range) const;
  std::span<std::uint8_t const> labels_of(row_range range) const;
};

/// Reads an IDX file of images and an IDX file of their labels.
/// Errors: those of `read_idx`; images of fewer than 2 dimensions or of no bytes, labels of other than 1; and
/// `images-path has 3 images but labels-path has 4 labels`.
dataset load_images(std::filesystem::path const& images, std::filesystem::path const& labels);

/// Reads an IDX file of images alone; every label is 0.
dataset load_images(std::filesystem::path const& images);

/// The samples of the given classes, in their order; the new label is the position of the old one in `classes`, so that
/// of two classes the first is 0 and the second 1. A class may be absent from the set; one given twice is an error.
dataset select_classes(dataset const& set, std::span<std::uint8_t const> classes);

/// The samples in the order of `permutation(set.size(), seed)`.
dataset shuffled(dataset const& set, std::uint64_t seed);

/// The samples but the last `held_out`, and these.
std::pair<dataset, dataset> split(dataset const& set, std::size_t held_out);

}  // namespace ddx::data

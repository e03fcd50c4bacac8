// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Labelled images enter; a classifier leaves that names the class whose mean image is nearest: the naive baseline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataset.hpp"

namespace ddx::data {

/// Names the class whose mean image has the least Euclidean distance. Every learned model is to beat it: it takes one
/// pass over the training images and has nothing to tune.
class nearest_mean {
 public:
  /// Learns the mean images of labels 0, …, max(labels). Sums of bytes are exact. A label that no image has is never
  /// named. Error: the set is empty.
  explicit nearest_mean(dataset const& train);

  /// The label of the nearest mean, the lowest one where several are equally near.
  /// Error: the image has another number of bytes than those learned from.
  std::uint8_t operator()(std::span<std::uint8_t const> image) const;

  /// The mean image of a label, of features() values.
  std::span<double const> mean(std::uint8_t label) const;

 private:
  std::size_t features_;
  std::vector<double> means_;
  std::vector<bool> present_;
};

/// The share of images whose label the classifier names. Error: the set is empty.
double accuracy(nearest_mean const& classifier, dataset const& test);

}  // namespace ddx::data

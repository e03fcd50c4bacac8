// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Labelled images enter; their class means leave, and the nearest of them for an image.
#include <ddx/data/nearest_mean.hpp>

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <ddx/error.hpp>

namespace ddx::data {

nearest_mean::nearest_mean(dataset const& train) : features_(train.features()) {
  if (train.size() == 0) throw error("nearest_mean: needs images to learn from, the set is empty");
  std::size_t const classes = std::size_t{*std::max_element(train.labels.begin(), train.labels.end())} + 1;
  std::vector<std::size_t> counts(classes);
  means_.resize(classes * features_);
  for (std::size_t i = 0; i < train.size(); ++i) {
    auto const image = train.rows({i, 1});
    double* const sum = means_.data() + train.labels[i] * features_;
    for (std::size_t d = 0; d < features_; ++d) sum[d] += image[d];
    ++counts[train.labels[i]];
  }
  present_.resize(classes);
  for (std::size_t label = 0; label < classes; ++label) {
    present_[label] = counts[label] != 0;
    for (std::size_t d = 0; d < features_ && present_[label]; ++d)
      means_[label * features_ + d] /= static_cast<double>(counts[label]);
  }
}

std::uint8_t nearest_mean::operator()(std::span<std::uint8_t const> image) const {
  if (image.size() != features_)
    throw error(fmt::format("nearest_mean: learned from images of {} bytes, this one has {}", features_, image.size()));
  std::size_t nearest = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t label = 0; label < present_.size(); ++label) {
    if (!present_[label]) continue;
    double const* const mean = means_.data() + label * features_;
    double squares = 0;
    for (std::size_t d = 0; d < features_; ++d) squares += (image[d] - mean[d]) * (image[d] - mean[d]);
    if (squares < least) least = squares, nearest = label;
  }
  return static_cast<std::uint8_t>(nearest);
}

std::span<double const> nearest_mean::mean(std::uint8_t label) const {
  return std::span(means_).subspan(label * features_, features_);
}

double accuracy(nearest_mean const& classifier, dataset const& test) {
  if (test.size() == 0) throw error("accuracy: needs images to judge by, the set is empty");
  std::size_t right = 0;
  for (std::size_t i = 0; i < test.size(); ++i) right += classifier(test.rows({i, 1})) == test.labels[i];
  return static_cast<double>(right) / static_cast<double>(test.size());
}

}  // namespace ddx::data

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// IDX arrays enter; data sets leave, whole or not at all.
#include <ddx/data/dataset.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

#include <fmt/format.h>

#include <ddx/data/idx.hpp>
#include <ddx/data/shuffle.hpp>
#include <ddx/error.hpp>

namespace ddx::data {
namespace {

std::size_t product(std::span<std::size_t const> extents) {
  return std::accumulate(extents.begin(), extents.end(), std::size_t{1}, std::multiplies<>());
}

idx_array read_images(std::filesystem::path const& path) {
  idx_array array = read_idx(path);
  if (array.shape.size() < 2)
    throw error(fmt::format("{}: holds a list of {} bytes, not images", path.string(), array.shape[0]));
  if (array.values.empty()) throw error(fmt::format("{}: holds no images", path.string()));
  return array;
}

// The samples at these positions, with the labels that `label` gives them.
dataset gather(dataset const& set, std::span<std::size_t const> positions,
               std::function<std::uint8_t(std::uint8_t)> const& label) {
  std::size_t const width = set.features();
  dataset chosen{std::vector<std::uint8_t>(positions.size() * width), {}, set.image_shape};
  chosen.labels.reserve(positions.size());
  auto to = chosen.images.begin();
  for (std::size_t const position : positions) {
    auto const from = set.rows({position, 1});
    to = std::copy(from.begin(), from.end(), to);
    chosen.labels.push_back(label(set.labels[position]));
  }
  return chosen;
}

std::uint8_t unchanged(std::uint8_t label) { return label; }

}  // namespace

std::size_t dataset::features() const { return product(image_shape); }

std::span<std::uint8_t const> dataset::rows(row_range range) const {
  return std::span(images).subspan(range.first * features(), range.count * features());
}

std::span<std::uint8_t const> dataset::labels_of(row_range range) const {
  return std::span(labels).subspan(range.first, range.count);
}

dataset load_images(std::filesystem::path const& images) {
  idx_array array = read_images(images);
  return {
      std::move(array.values), std::vector<std::uint8_t>(array.shape[0]), {array.shape.begin() + 1, array.shape.end()}};
}

dataset load_images(std::filesystem::path const& images, std::filesystem::path const& labels) {
  // The labels first: they are the small file.
  idx_array names = read_idx(labels);
  if (names.shape.size() != 1)
    throw error(fmt::format("{}: has {} dimensions, a file of labels has 1", labels.string(), names.shape.size()));
  dataset set = load_images(images);
  if (set.size() != names.values.size())
    throw error(fmt::format("{} has {} images but {} has {} labels", images.string(), set.size(), labels.string(),
                            names.values.size()));
  set.labels = std::move(names.values);
  return set;
}

dataset select_classes(dataset const& set, std::span<std::uint8_t const> classes) {
  std::array<int, 256> position{};
  position.fill(-1);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (position[classes[i]] >= 0) throw error(fmt::format("select_classes: class {} is given twice", classes[i]));
    position[classes[i]] = static_cast<int>(i);
  }
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < set.size(); ++i)
    if (position[set.labels[i]] >= 0) wanted.push_back(i);
  return gather(set, wanted, [&](std::uint8_t label) { return static_cast<std::uint8_t>(position[label]); });
}

dataset shuffled(dataset const& set, std::uint64_t seed) {
  return gather(set, permutation(set.size(), seed), unchanged);
}

std::pair<dataset, dataset> split(dataset const& set, std::size_t held_out) {
  if (held_out > set.size())
    throw error(fmt::format("split: {} samples cannot be held out of {}", held_out, set.size()));
  std::vector<std::size_t> order(set.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::span const all(order);
  return {gather(set, all.first(set.size() - held_out), unchanged), gather(set, all.last(held_out), unchanged)};
}

}  // namespace ddx::data

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Files of images and labels enter; sets of rows that keep images and labels together leave.
#include <ddx/data/dataset.hpp>

#include <algorithm>
#include <array>

#include "idx_file.hpp"

using namespace ddx::data;

namespace {

// Image i is filled with i, its label is i % 5.
dataset numbered(std::size_t count, std::size_t features = 6) {
  dataset set{{}, {}, {2, features / 2}};
  for (std::size_t i = 0; i < count; ++i) {
    set.images.insert(set.images.end(), features, static_cast<std::uint8_t>(i));
    set.labels.push_back(static_cast<std::uint8_t>(i % 5));
  }
  return set;
}

std::vector<int> numbers(dataset const& set) {
  std::vector<int> all;
  for (std::size_t i = 0; i < set.size(); ++i) {
    auto const row = set.rows({i, 1});
    CHECK(std::all_of(row.begin(), row.end(), [&](auto byte) { return byte == row[0]; }));
    all.push_back(row[0]);
  }
  return all;
}

}  // namespace

TEST_CASE("images and labels are loaded together") {
  temporary_folder const folder;
  write_bytes(folder / "images", idx_bytes({4, 2, 3}));
  write_gzip(folder / "labels", idx_bytes({4}));
  dataset const set = load_images(folder / "images", folder / "labels");
  CHECK(set.size() == 4);
  CHECK(set.features() == 6);
  CHECK(set.image_shape == std::vector<std::size_t>{2, 3});
  CHECK(set.labels == std::vector<std::uint8_t>{0, 1, 2, 3});
  CHECK(set.rows({1, 2}).size() == 12);
  CHECK(set.rows({1, 2})[0] == 6);
  CHECK(set.labels_of({2, 2})[0] == 2);
  CHECK(load_images(folder / "images").labels == std::vector<std::uint8_t>{0, 0, 0, 0});
}

TEST_CASE("images and labels that do not belong together are refused") {
  temporary_folder const folder;
  std::string const images = (folder / "images").string(), labels = (folder / "labels").string();
  write_bytes(images, idx_bytes({4, 2, 3}));
  write_bytes(labels, idx_bytes({3}));
  CHECK(complaint([&] { load_images(images, labels); }) == images + " has 4 images but " + labels + " has 3 labels");
  CHECK(complaint([&] { load_images(images, images); }) == images + ": has 3 dimensions, a file of labels has 1");
  CHECK(complaint([&] { load_images(labels, labels); }) == labels + ": holds a list of 3 bytes, not images");
  CHECK(complaint([&] { load_images(images, folder / "none"); }) == (folder / "none").string() + ": no such file");
  write_bytes(images, idx_bytes({0, 2, 3}));
  CHECK(complaint([&] { load_images(images); }) == images + ": holds no images");
}

TEST_CASE("classes are selected in order and labelled by position") {
  std::array<std::uint8_t, 2> const classes{3, 1};
  dataset const set = select_classes(numbered(12), classes);
  CHECK(numbers(set) == std::vector<int>{1, 3, 6, 8, 11});
  CHECK(set.labels == std::vector<std::uint8_t>{1, 0, 1, 0, 1});
  CHECK(set.image_shape == std::vector<std::size_t>{2, 3});
}

TEST_CASE("an absent class selects nothing and a repeated one is refused") {
  std::array<std::uint8_t, 1> const absent{200};
  CHECK(select_classes(numbered(12), absent).size() == 0);
  std::array<std::uint8_t, 2> const twice{3, 3};
  CHECK(complaint([&] { select_classes(numbered(12), twice); }) == "select_classes: class 3 is given twice");
}

TEST_CASE("shuffling keeps every image with its label and follows the seed") {
  dataset const set = numbered(100), a = shuffled(set, 1), b = shuffled(set, 1), c = shuffled(set, 2);
  auto order = numbers(a);
  for (std::size_t i = 0; i < 100; ++i) CHECK(a.labels[i] == order[i] % 5);
  CHECK(order == numbers(b));
  CHECK(order != numbers(c));
  std::sort(order.begin(), order.end());
  CHECK(order == numbers(set));
}

TEST_CASE("a set is split into its first and its last samples") {
  auto const [train, held_out] = split(numbered(10), 3);
  CHECK(numbers(train) == std::vector<int>{0, 1, 2, 3, 4, 5, 6});
  CHECK(numbers(held_out) == std::vector<int>{7, 8, 9});
  CHECK(held_out.labels == std::vector<std::uint8_t>{2, 3, 4});
  CHECK(split(numbered(10), 0).second.size() == 0);
  CHECK(complaint([] { split(numbered(10), 11); }) == "split: 11 samples cannot be held out of 10");
}

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Few labelled images enter; their means, and the nearest mean of others, leave.
#include <ddx/data/nearest_mean.hpp>

#include <array>

#include "idx_file.hpp"

using namespace ddx::data;
using image = std::array<std::uint8_t, 2>;

namespace {

// Means: label 0 (1, 2), label 2 (200, 101); no image has label 1.
dataset const train{{0, 2, 2, 2, 200, 100, 200, 102}, {0, 0, 2, 2}, {2}};

}  // namespace

TEST_CASE("the nearest mean image names the class") {
  nearest_mean const classify(train);
  CHECK(classify.mean(0)[0] == 1);
  CHECK(classify.mean(2)[1] == 101);
  CHECK(classify(image{1, 3}) == 0);
  CHECK(classify(image{255, 255}) == 2);
}

TEST_CASE("a label without images is never named") { CHECK(nearest_mean(train)(image{0, 0}) == 0); }

TEST_CASE("the accuracy is the share of images named right") {
  dataset const test{{0, 0, 255, 255, 3, 3, 250, 90}, {0, 2, 2, 2}, {2}};
  CHECK(accuracy(nearest_mean(train), test) == 0.75);
}

TEST_CASE("empty sets and other images are refused") {
  dataset const empty{{}, {}, {2}};
  CHECK(complaint([&] { nearest_mean{empty}; }) == "nearest_mean: needs images to learn from, the set is empty");
  nearest_mean const classify(train);
  CHECK(complaint([&] { accuracy(classify, empty); }) == "accuracy: needs images to judge by, the set is empty");
  std::array<std::uint8_t, 3> const other{};
  CHECK(complaint([&] { classify(other); }) == "nearest_mean: learned from images of 2 bytes, this one has 3");
}

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas with offsets along several axes, and of what is reduced, enter; kernels must compute what the oracle does.
#include "oracle.hpp"

namespace {

using ddx::grad, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::axis<"r"> r;
constexpr ddx::axis<"c"> c;
constexpr ddx::axis<"n"> n;
constexpr ddx::array<"image", "r", "c"> image;
constexpr ddx::array<"images", "n", "r", "c"> images;
constexpr ddx::array<"weights", "r", "c"> weights;
constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"s"> s;

constexpr auto blurred = 0.25 * image[r - 1][c] + s * image + image[r + 1][c + 2] - image[c - 1];

TEST_CASE("windows on two axes, and on three with the batch in front") {
  constexpr auto loss = sum<"r">(sum<"c">(weights * pow(blurred, 2)));
  constexpr auto batch = sum<"n">(sum<"r">(sum<"c">(pow(images[r + 1][c - 1] * s - images[n + 1], 2))));
  for (std::ptrdiff_t rows : {0, 1, 2, 9, 17})
    for (std::ptrdiff_t columns : {1, 7, 8, 16, 31}) {
      random_elements<double> a(1, 3 * rows * columns), b(2, rows * columns);
      CAPTURE(rows, columns);
      CHECK(check<blurred, loss, grad(loss, image, weights, s)>::within(
                256, image = a.view(rows, columns), weights = b.view(rows, columns), s = 0.75) == "");
      CHECK(check<batch, grad(batch, images, s)>::within(256, images = a.view(3, rows, columns), s = -0.5) == "");
    }
}

TEST_CASE("neighbours of what is reduced, also along the batch, and of what stands on fewer axes") {
  constexpr auto score = sum<"d">(X * w);
  constexpr auto rough = sum<"n">(pow(score[n + 1] - 2 * score + score[n - 1], 2) * exp(score / 8));
  for (std::ptrdiff_t rows : {0, 1, 2, 3, 9, 100, 2500}) {
    random_elements<double> a(1, rows * 5), b(2, 5);
    CAPTURE(rows);
    CHECK(check<rough, grad(rough, X, w), score[n + 2]>::within(1024, X = a.view(rows, 5), w = b.view(5)) == "");
  }
}

TEST_CASE("neighbours in columns of bytes") {
  for (std::ptrdiff_t rows : {1, 9, 17}) {
    random_elements<std::uint8_t> bytes(1, rows * 11, 0, 200);
    CAPTURE(rows);
    CHECK(check<blurred>::within(16, image = ddx::view(bytes.data(), rows, 11).column_major(), s = 2.0) == "");
  }
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Networks of two and three layers enter; every step must do what the oracle does of loss, gradients and updates.
#include "step_oracle.hpp"

namespace {

using ddx::mean, ddx::sum;
using oracle::random_elements;
using oracle::step_check;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::array<"W1", "d", "h"> W1;
constexpr ddx::array<"b1", "h"> b1;
constexpr ddx::array<"W2", "h"> W2;
constexpr ddx::var<"b2"> b2;

template <class Data, class Number>
void network_learns(double units) {
  constexpr auto logit = sum<"h">(tanh(sum<"d">(X * W1) + b1) * W2) + b2;
  constexpr auto loss = mean<"n">(softplus(logit) - y * logit);
  for (std::ptrdiff_t n : {1, 9, 33})
    for (std::ptrdiff_t h : {1, 8, 19}) {
      std::ptrdiff_t const d = 17;
      random_elements<Data> x(1, n * d, 0, 1);
      random_elements<Number> first(2, d * h, -0.5, 0.5), bias(3, h, -0.5, 0.5), second(4, h, -0.5, 0.5);
      random_elements<std::uint8_t> labels(5, n, 0, 1);
      Number last = Number(0.125);
      CAPTURE(n, h);
      CHECK(step_check<loss, W1, b1, W2, b2>::within(units, 0.125, 3, X = x.view(n, d), y = labels.view(n),
                                                     W1 = first.view(d, h), b1 = bias.view(h), W2 = second.view(h),
                                                     b2 = last) == "");
    }
}

TEST_CASE("steps of a network of two layers, bytes and float") { network_learns<std::uint8_t, float>(64); }

constexpr ddx::array<"label", "n"> label;
constexpr ddx::array<"U", "h", "d"> U;  // weights with the outputs first, as other libraries keep them
constexpr ddx::array<"V", "g", "h"> V;
constexpr ddx::array<"c", "g"> c;
constexpr ddx::array<"T", "g", "k"> T;

/// Sets the tiling of kernels for as long as it lives.
struct tiles_of {
  ddx::tiling before = ddx::tiles;
  explicit tiles_of(std::ptrdiff_t rows, std::ptrdiff_t depth) {
    ddx::tiles.rows = rows;
    ddx::tiles.depth = depth;
  }
  ~tiles_of() { ddx::tiles = before; }
  tiles_of(tiles_of const&) = delete;
  tiles_of& operator=(tiles_of const&) = delete;
};

TEST_CASE("steps of three layers with softmax cross-entropy are the same for all tiles") {
  constexpr auto first = relu(sum<"d">(X * U) + b1);
  constexpr auto second = tanh(sum<"h">(first * V) + c);
  constexpr auto scores = sum<"g">(second * T);
  constexpr auto loss =
      mean<"n">(ddx::logsumexp<"k">(scores) - ddx::take<"k">(scores, label)) + 0.01 * sum<"h">(sum<"d">(U * U));
  struct shape {
    std::ptrdiff_t n, d, h, g, k, rows, depth;
  };
  for (shape const& s : {shape{1, 1, 1, 1, 1, 0, 0},
                         {7, 8, 9, 15, 17, 0, 0},
                         {23, 31, 13, 29, 3, 8, 5},
                         {70, 17, 40, 33, 10, 24, 16},
                         {1200, 5, 7, 3, 2, 100, 64},
                         {64, 67, 37, 16, 11, 1, 1}}) {
    tiles_of const tiles(s.rows, s.depth);
    random_elements<float> x(1, s.n * s.d, -1, 1), u(2, s.h * s.d, -0.5, 0.5), b(3, s.h, -0.5, 0.5),
        v(4, s.g * s.h, -0.5, 0.5), e(5, s.g, -0.5, 0.5), t(6, s.g * s.k, -0.5, 0.5);
    random_elements<std::uint8_t> labels(7, s.n, 0, static_cast<double>(s.k - 1));
    CAPTURE(s.n, s.d, s.h, s.g, s.k, s.rows, s.depth);
    CHECK(step_check<loss, U, b1, V, c, T>::within(64, 0.25, 3, X = x.view(s.n, s.d), label = labels.view(s.n),
                                                   U = u.view(s.h, s.d), b1 = b.view(s.h), V = v.view(s.g, s.h),
                                                   c = e.view(s.g), T = t.view(s.g, s.k)) == "");
  }
}

}  // namespace

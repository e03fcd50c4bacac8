// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A model and its data enter; a fused step of learning leaves: what a first loop costs to compile.
#include <ddx/ddx.hpp>
#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"b"> b;

constexpr auto logit = ddx::sum<"d">(X * w) + b;
constexpr auto loss = ddx::mean<"n">(softplus(logit) - y * logit);

float step(std::vector<float> const& samples, std::vector<float> const& labels, std::vector<float>& weights,
           float& bias, long rows) {
  auto const descend = ddx::stepper<loss, w, b>(ddx::sgd{.lr = 0.1});
  return descend(X = ddx::view(samples, rows, static_cast<long>(weights.size())), y = labels, w = weights, b = bias);
}

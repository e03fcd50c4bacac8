// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Batches of bytes enter; trained weights, losses, probabilities and the formulas behind them leave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ddx/data/dataset.hpp>

namespace ddx::command {

/// The weights of the linear model: one for each byte of an image, and the bias.
struct weights {
  std::vector<float> w;
  float b = 0;
};

/// Which loss is trained: bce, the binary cross-entropy, or mnist, the mean probability of the wrong class.
enum class loss_kind { bce, mnist };

std::string_view name(loss_kind loss);

/// The loss of this name. Error: `takes bce or mnist, not 'mse'`.
loss_kind loss_named(std::string_view text);

/// The model and a loss as the library prints them.
struct formulas {
  std::string prediction;
  std::string loss;
  std::string loss_by_weights;
  std::string loss_by_bias;
};

formulas formulas_of(loss_kind loss);

/// A step on a batch: predicts, takes the loss and its gradient and updates the weights in one fused pass; returns the
/// loss before the update.
using step_function = std::function<double(data::dataset const&, data::row_range, weights&)>;

step_function make_step(loss_kind loss, double lr);

/// The same step as a program on tensors, which records its operations and walks back over them.
step_function make_tape_step(loss_kind loss, double lr);

/// What computes the steps: one fused pass compiled from the formulas, or the tape.
enum class engine_kind { compiled, tape };

std::string_view name(engine_kind engine);

/// The engine of this name. Error: `takes static or tape, not 'eager'`.
engine_kind engine_named(std::string_view text);

/// The probability of the second class (label 1) for each row.
std::vector<float> probabilities(weights const& trained, data::dataset const& images);

/// The share of images whose label the weights name.
double accuracy(weights const& trained, data::dataset const& labelled);

}  // namespace ddx::command

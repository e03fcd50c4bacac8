// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Batches of bytes enter; weights that a training loop on tensors has changed leave, and the loss before.
#include <algorithm>
#include <span>

#include <ddx/tape.hpp>

#include "model.hpp"

namespace ddx::command {
namespace {

/// Bytes as numbers in a shape.
tensor<float> numbers(std::span<std::uint8_t const> bytes, shape const& sizes) {
  auto result = zeros<float>(sizes);
  std::copy(bytes.begin(), bytes.end(), result.data());
  return result;
}

/// The formulas of model.cpp once more, as programs on tensors.
tensor<float> loss_of(loss_kind kind, tensor<float> const& logit, tensor<float> const& y) {
  if (kind == loss_kind::bce) return (softplus(logit) - y * logit).mean();
  auto const p = sigmoid(logit);
  return where(y == 1, 1 - p, p).mean();
}

}  // namespace

step_function make_tape_step(loss_kind kind, double lr) {
  return [kind, learning_rate = static_cast<float>(lr)](data::dataset const& set, data::row_range rows,
                                                        command::weights& trained) {
    auto const count = static_cast<std::ptrdiff_t>(rows.count), features = static_cast<std::ptrdiff_t>(set.features());
    auto const X = numbers(set.rows(rows), {count, features}) / 255;
    auto const y = numbers(set.labels_of(rows), {count});

    auto weights = tensor(trained.w).requires_grad_();
    auto bias = tensor(trained.b).requires_grad_();
    auto const loss = loss_of(kind, X.mv(weights) + bias, y);
    loss.backward();
    {
      no_grad const off;
      weights -= weights.grad() * learning_rate;
      bias -= bias.grad() * learning_rate;
    }
    std::copy_n(weights.data(), trained.w.size(), trained.w.begin());
    trained.b = bias.item();
    return static_cast<double>(loss.item());
  };
}

}  // namespace ddx::command

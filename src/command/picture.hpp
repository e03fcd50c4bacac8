// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The history of a training and its weights enter; PNG pictures leave, drawn by gnuplot.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ddx::command {

/// What there is to see of a training: a value an epoch.
struct history {
  std::vector<double> train_loss = {};
  std::vector<double> test_accuracy = {};
  std::vector<double> validation_accuracy = {};  ///< empty where nothing was held out
  double baseline_accuracy = 0;
  std::string title = {};
};

/// Draws the loss and the accuracy over the epochs. gnuplot, since axes, ticks and fonts are what a library is for and
/// Debian has no smaller one for C++.
///
/// Returns nothing, or why there is no picture, such as `gnuplot is not installed (Debian: gnuplot-nox)`: a training is
/// complete without its pictures. Written beside the path, then renamed.
std::optional<std::string> draw_history(std::filesystem::path const& path, history const& seen);

/// Draws weights as an image, rows by columns: negative blue, 0 white, positive red.
std::optional<std::string> draw_weights(std::filesystem::path const& path, std::span<float const> weights,
                                        std::size_t columns, std::string const& negative, std::string const& positive);

}  // namespace ddx::command

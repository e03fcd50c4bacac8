// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The history of a training, its weights or curves enter; pictures in files or in characters leave, drawn by gnuplot.
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

/// Values of one function; those that are not finite are gaps.
struct curve {
  std::string title;
  std::vector<double> y;
};

/// Curves over the same places.
struct curves {
  std::string name;  ///< of the horizontal axis
  std::vector<double> x;
  std::vector<curve> drawn;
};

/// Whether a path ends in .png or .svg, the formats that curves are drawn in.
bool is_picture(std::filesystem::path const& path);

/// Draws curves into a PNG or SVG file, by the end of its name. The vertical range leaves out what shoots up beside poles.
std::optional<std::string> draw_curves(std::filesystem::path const& path, curves const& seen);

struct terminal {
  std::size_t columns = 79;
  std::size_t rows = 24;
  bool colour = false;
};

/// Draws curves in characters, into `text`.
std::optional<std::string> draw_curves(std::string& text, terminal const& shape, curves const& seen);

}  // namespace ddx::command

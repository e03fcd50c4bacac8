// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A trained model enters and a JSON file leaves; the file enters and the model leaves, checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "model.hpp"

namespace ddx::command {

/// What `ddx train` keeps of a training.
struct saved_model {
  weights trained;
  std::vector<std::uint8_t> classes;     ///< class numbers of labels 0 and 1
  std::vector<std::string> class_names;  ///< their names
  std::vector<std::size_t> image_shape;  ///< such as {28, 28}
  std::string prediction;                ///< the model as a formula
  loss_kind loss = loss_kind::bce;
  double lr = 0;
  std::uint64_t batch = 0;
  std::uint64_t epochs = 0;  ///< epochs that were run
  std::uint64_t seed = 0;
};

/// Writes the model as JSON, so that any language reads it (nlohmann-json reads it here):
///
///     {"format": "ddx weights", "version": 1,
///      "model": "sigmoid(…)", "classes": [2, 3], "class_names": ["pullover", "dress"], "image_shape": [28, 28],
///      "loss": "bce", "lr": 0.1, "batch": 256, "epochs": 10, "seed": 1,
///      "b": -0.5, "w": [784 numbers, an image row a line]}
///
/// Numbers have 9 digits and come back as the same floats. Written beside the path, then renamed.
void write_weights(std::filesystem::path const& path, saved_model const& model);

/// Reads a model back. Errors, each `path: what is wrong`: no such file, too large, not JSON (with line and column),
/// not weights of ddx, another version, a field missing or of the wrong kind, a number that is not finite as a float,
/// other counts than the image shape and the two classes require.
saved_model read_weights(std::filesystem::path const& path);

}  // namespace ddx::command

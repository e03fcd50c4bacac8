// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The folder of the Fashion-MNIST files and names of its classes enter; its images and the class numbers leave.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "dataset.hpp"

namespace ddx::data {

/// 60,000 training and 10,000 test images of 28 x 28 grey bytes in ten classes.
/// Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
/// algorithms", 2017.
namespace fashion_mnist {

/// Where Debian's package dataset-fashion-mnist puts the files.
inline constexpr char const* default_folder = "/usr/share/datasets/fashion-mnist";

inline constexpr std::array<std::string_view, 10> class_names{
    "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"};

/// The number of a class given by its name, whatever the case, or by its number. Spaces, hyphens and underscores count
/// as the same; "T-shirt" and "top" name T-shirt/top. Error: `unknown class 'pulover': did you mean pullover? (0
/// T-shirt/top, 1 trouser, …)`.
std::uint8_t class_number(std::string_view name);

/// The samples of `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, with or without `.gz`.
dataset load_train(std::filesystem::path const& folder = default_folder);

/// The samples of `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, with or without `.gz`.
dataset load_test(std::filesystem::path const& folder = default_folder);

}  // namespace fashion_mnist
}  // namespace ddx::data

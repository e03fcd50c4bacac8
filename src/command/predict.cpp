// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Options of `ddx predict` enter; trained weights name the class of images, with its probability and, given labels, the
// accuracy.
#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <ddx/data/dataset.hpp>
#include <ddx/data/fashion_mnist.hpp>
#include <ddx/error.hpp>

#include "command.hpp"
#include "model.hpp"
#include "number_text.hpp"
#include "option.hpp"
#include "weights_file.hpp"

namespace ddx::command {
namespace {

struct predict_options {
  std::filesystem::path weights = "ddx-train/weights.json";
  std::filesystem::path data = data::fashion_mnist::default_folder;
  std::filesystem::path images, labels;
  std::vector<std::size_t> index;
};

// What the labels call a class: by the weights' names, else by Fashion-MNIST's, else its number.
std::string class_name(saved_model const& model, std::uint8_t number) {
  for (std::size_t i = 0; i < model.classes.size(); ++i)
    if (model.classes[i] == number) return model.class_names[i];
  namespace fashion = data::fashion_mnist;
  return number < fashion::class_names.size() ? std::string(fashion::class_names[number])
                                              : fmt::format("class {}", number);
}

// Right and wrong answers, by what the image is and what it is named. Images of other classes have no right answer.
class score {
 public:
  void add(std::size_t label, std::size_t named) { ++counts_[label][named]; }

  std::size_t total() const { return counts_[0][0] + counts_[0][1] + counts_[1][0] + counts_[1][1]; }

  void print(saved_model const& model) const {
    if (total() == 0) return;
    std::size_t const right = counts_[0][0] + counts_[1][1];
    fmt::print("accuracy {:.4f}: {} of {} images right\n", static_cast<double>(right) / static_cast<double>(total()),
               grouped(right), grouped(total()));
    for (std::size_t label = 0; label < 2; ++label)
      fmt::print("  {}: {} named {}, {} named {}\n", model.class_names[label], counts_[label][0], model.class_names[0],
                 counts_[label][1], model.class_names[1]);
  }

 private:
  std::array<std::array<std::size_t, 2>, 2> counts_{};
};

void predict(predict_options const& options) {
  auto const model = read_weights(options.weights);
  bool const own = !options.images.empty();
  bool const labelled = !own || !options.labels.empty();
  if (!own && !options.labels.empty()) throw usage_error("--labels: needs --images, the images that they label");
  auto const set = !own       ? data::fashion_mnist::load_test(options.data)
                   : labelled ? data::load_images(options.images, options.labels)
                              : data::load_images(options.images);
  std::string const source = own ? options.images.string() : "the test set in " + options.data.string();
  if (set.image_shape != model.image_shape)
    throw error(fmt::format("{}: images of {}, the weights are for {}", source, extents(set.image_shape),
                            extents(model.image_shape)));

  std::vector<std::size_t> chosen = options.index;
  for (std::size_t const position : chosen)
    if (position >= set.size())
      throw usage_error(
          fmt::format("--index: there is no image {}; {} has images 0 to {}", position, source, set.size() - 1));
  if (chosen.empty()) {
    chosen.resize(set.size());
    std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  }
  // Thousands of lines nobody asked for would hide the accuracy of the test set.
  bool const each = own || !options.index.empty();

  std::vector<float> const second = probabilities(model.trained, set);
  score result;
  if (each) fmt::print("{:>7}  {:<11}  {:>11}{}\n", "image", "class", "probability", labelled ? "  label" : "");
  for (std::size_t const position : chosen) {
    std::size_t const named = second[position] > 0.5f;
    float const probability = named == 1 ? second[position] : 1 - second[position];
    std::string remark;
    if (labelled) {
      std::uint8_t const label = set.labels[position];
      auto const known = std::find(model.classes.begin(), model.classes.end(), label);
      bool const is_known = known != model.classes.end();
      auto const truth = static_cast<std::size_t>(known - model.classes.begin());
      if (is_known) result.add(truth, named);
      remark = fmt::format("  {}{}", class_name(model, label),
                           !is_known        ? ", neither of the two"
                           : truth != named ? ", so wrong"
                                            : "");
    }
    if (each) fmt::print("{:>7}  {:<11}  {:>11.4f}{}\n", position, model.class_names[named], probability, remark);
  }
  result.print(model);
  if (labelled && result.total() == 0 && !each)
    fmt::print("{} has no images of {} or {}\n", source, model.class_names[0], model.class_names[1]);
}

}  // namespace

void add_predict(CLI::App& program) {
  auto* const command =
      program.add_subcommand("predict", "Names the class of images with the weights that ddx train wrote");
  command->group("Training");
  auto const options = std::make_shared<predict_options>();
  auto& o = *options;
  add_option(*command, "--weights", "FILE", o.weights.string(), "weights.json of ddx train",
             [&o](std::string const& text) { o.weights = text; });
  add_option(*command, "--data", "FOLDER", o.data.string(),
             "folder of the Fashion-MNIST files, whose test set is named",
             [&o](std::string const& text) { o.data = text; });
  add_option(*command, "--images", "FILE", "", "instead: an IDX file of images, gzipped or not",
             [&o](std::string const& text) { o.images = text; });
  add_option(*command, "--labels", "FILE", "", "IDX file of their class numbers, to tell the accuracy",
             [&o](std::string const& text) { o.labels = text; });
  add_option(*command, "--index", "LIST", "",
             "only these images, a line each: positions from 0 and ranges, such as 3,17,40-44",
             [&o](std::string const& text) { o.index = positions(text); });
  command->callback([options] { predict(*options); });
}

}  // namespace ddx::command

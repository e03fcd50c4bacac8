// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Options of `ddx train` enter; a linear classifier is trained on two classes of Fashion-MNIST, told step by step;
// weights and pictures leave.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <ddx/data/dataset.hpp>
#include <ddx/data/fashion_mnist.hpp>
#include <ddx/data/nearest_mean.hpp>
#include <ddx/step/fit.hpp>

#include "command.hpp"
#include "interrupt.hpp"
#include "model.hpp"
#include "number_text.hpp"
#include "option.hpp"
#include "picture.hpp"
#include "progress_bar.hpp"
#include "weights_file.hpp"
#include "write_file.hpp"

namespace ddx::command {
namespace {

struct train_options {
  std::filesystem::path data = data::fashion_mnist::default_folder;
  std::vector<std::uint8_t> classes{2, 3};
  loss_kind loss = loss_kind::bce;
  engine_kind engine = engine_kind::compiled;
  double lr = 0.1;
  std::size_t batch = 256;
  std::size_t epochs = 10;
  std::uint64_t seed = 1;
  std::optional<stop_rules> stop;
  std::filesystem::path out = "ddx-train";
};

// Prints a line at once, so that a pipe's reader sees each epoch as it ends.
template <class... Values>
void tell(fmt::format_string<Values...> words, Values&&... values) {
  fmt::print("{}\n", fmt::format(words, std::forward<Values>(values)...));
  std::fflush(stdout);
}

// The data of a training: rows shuffled by the seed, a tenth held out where a rule stops by the accuracy, since the
// test images would flatter what they had a say in.
struct samples {
  data::dataset train, validation, test;
};

samples load(train_options const& options) {
  namespace fashion = data::fashion_mnist;
  samples all{data::select_classes(fashion::load_train(options.data), options.classes),
              {},
              data::select_classes(fashion::load_test(options.data), options.classes)};
  for (auto const* set : {&all.train, &all.test})
    if (set->size() == 0)
      throw error(fmt::format("{}: no images of {} and {}", options.data.string(),
                              fashion::class_names[options.classes[0]], fashion::class_names[options.classes[1]]));
  if (all.train.image_shape != all.test.image_shape)
    throw error(fmt::format("{}: training and test images differ in size", options.data.string()));
  all.train = data::shuffled(all.train, options.seed);
  if (options.stop && options.stop->uses_accuracy) {
    auto [rest, held_out] = data::split(all.train, (all.train.size() + 9) / 10);
    if (rest.size() == 0) throw error(fmt::format("{}: too few images to hold some out", options.data.string()));
    all.train = std::move(rest);
    all.validation = std::move(held_out);
  }
  return all;
}

void tell_epoch(epoch_record const& epoch, std::size_t epochs, double test_accuracy) {
  auto const digits = fmt::formatted_size("{}", epochs);
  tell("              epoch {:>{}}/{}  train loss {:.4f}  {}test accuracy {:.4f}  {} images/s", epoch.epoch, digits,
       epochs, epoch.loss, epoch.metric ? fmt::format("validation accuracy {:.4f}  ", *epoch.metric) : "",
       test_accuracy, grouped(static_cast<double>(epoch.rows) / epoch.step_seconds));
}

void train(train_options const& options) {
  auto const set = load(options);
  make_folder(options.out);
  std::size_t const features = set.train.features();
  std::string const first(data::fashion_mnist::class_names[options.classes[0]]);
  std::string const second(data::fashion_mnist::class_names[options.classes[1]]);
  auto const formula = formulas_of(options.loss);

  tell("{} (y = 0) or {} (y = 1): {} training{} and {} test images of {} bytes", first, second,
       grouped(set.train.size()),
       set.validation.size() == 0 ? "" : fmt::format(", {} validation", grouped(set.validation.size())),
       grouped(set.test.size()), extents(set.train.image_shape));
  double const baseline = accuracy(data::nearest_mean(set.train), set.test);
  tell("baseline: the class whose mean image is nearest has test accuracy {:.4f}\n", baseline);

  weights trained{std::vector<float>(features), 0};
  auto const step = options.engine == engine_kind::tape ? make_tape_step(options.loss, options.lr)
                                                        : make_step(options.loss, options.lr);
  history seen{.baseline_accuracy = baseline,
               .title = fmt::format("{} or {}: {}, learning rate {}, batches of {}", first, second, name(options.loss),
                                    options.lr, std::min(options.batch, set.train.size()))};

  tell("1 initialise  w and b uniform within 1/sqrt({}) = {:.4f}, seed {}", features,
       1 / std::sqrt(static_cast<double>(features)), options.seed);
  tell("2 predict     p = {}", formula.prediction);
  tell("3 loss        {} = {}", name(options.loss), formula.loss);
  tell("4 gradient    d {}/dw = {}", name(options.loss), formula.loss_by_weights);
  tell("              d {}/db = {}", name(options.loss), formula.loss_by_bias);
  tell("5 step        w -= {0} * d {1}/dw, b -= {0} * d {1}/db", options.lr, name(options.loss));
  std::size_t const steps = data::batches(set.train.size(), options.batch).size();
  tell("6 repeat      {} step{} an epoch, each {} over a batch of {} images", steps, steps == 1 ? "" : "s",
       options.engine == engine_kind::tape ? "recorded on a tape and walked back" : "one fused pass",
       grouped(std::min(options.batch, set.train.size())));

  fit_options fitting{.rows = set.train.size(),
                      .batch = options.batch,
                      .parameters = {{trained.w, features}, {trained.b, features}},
                      .seed = options.seed,
                      .metric_name = "validation accuracy",
                      .stop = stop::epochs(options.epochs),
                      .lr = options.lr};
  if (options.stop) fitting.stop = std::move(fitting.stop) || options.stop->rule;
  if (set.validation.size() != 0) fitting.metric = [&] { return accuracy(trained, set.validation); };
  progress_bar bar(options.epochs);
  fitting.on_step = [&](step_record const& now) { bar.show(now); };
  fitting.on_epoch = [&](epoch_record const& epoch) {
    seen.train_loss.push_back(epoch.loss);
    seen.test_accuracy.push_back(accuracy(trained, set.test));
    if (epoch.metric) seen.validation_accuracy.push_back(*epoch.metric);
    bar.clear();
    tell_epoch(epoch, options.epochs, seen.test_accuracy.back());
  };
  fit_report report;
  {
    interrupt_guard const guard;
    fitting.interrupt = &guard.flag();
    report = fit([&](data::row_range rows) { return step(set.train, rows, trained); }, std::move(fitting));
  }
  bar.clear();
  tell("7 stop        {}", report.why);
  if (!report.advice.empty()) tell("              {}", report.advice);

  auto const wrong = std::lround((1 - accuracy(trained, set.test)) * static_cast<double>(set.test.size()));
  tell("\ntest accuracy {:.4f}: {} of {} images wrong; the baseline has {:.4f}", accuracy(trained, set.test), wrong,
       grouped(set.test.size()), baseline);

  auto const weights_path = options.out / "weights.json";
  write_weights(weights_path, {.trained = trained,
                               .classes = options.classes,
                               .class_names = {first, second},
                               .image_shape = set.train.image_shape,
                               .prediction = formula.prediction,
                               .loss = options.loss,
                               .lr = options.lr,
                               .batch = options.batch,
                               .epochs = report.epochs.size(),
                               .seed = options.seed});
  tell("wrote {}{}", weights_path.string(), report.how == outcome::interrupted ? ", although interrupted" : "");
  for (auto const& [file, draw] :
       {std::pair<char const*, std::function<std::optional<std::string>(std::filesystem::path const&)>>(
            "history.png", [&](std::filesystem::path const& path) { return draw_history(path, seen); }),
        {"weights.png", [&](std::filesystem::path const& path) {
           return draw_weights(path, trained.w, set.train.image_shape.back(), first, second);
         }}}) {
    auto const problem = draw(options.out / file);
    tell("{} {}{}", problem ? "no" : "wrote", (options.out / file).string(), problem ? ": " + *problem : "");
  }
  // All is told and written; the status tells scripts.
  if (report.how == outcome::diverged) throw CLI::RuntimeError(1);
}

}  // namespace

void add_train(CLI::App& program) {
  auto* const command = program.add_subcommand(
      "train", "Trains a linear classifier on two classes of Fashion-MNIST and tells the seven steps as it does them");
  command->group("Training");
  auto const options = std::make_shared<train_options>();
  auto& o = *options;
  add_option(*command, "--data", "FOLDER", o.data.string(), "folder of the Fashion-MNIST files, gzipped or not",
             [&o](std::string const& text) { o.data = text; });
  add_option(*command, "--classes", "A,B", "pullover,dress", "two classes by name or number, y = 0 and y = 1",
             [&o](std::string const& text) { o.classes = two_classes(text); });
  add_option(*command, "--loss", "bce|mnist", "bce",
             "bce (binary cross-entropy) or mnist (mean probability of the wrong class)",
             [&o](std::string const& text) { o.loss = loss_named(text); });
  add_option(*command, "--engine", "static|tape", "static",
             "static (one fused pass, compiled from the formulas) or tape (tensors whose operations are recorded)",
             [&o](std::string const& text) { o.engine = engine_named(text); });
  add_option(*command, "--lr", "NUMBER", "0.1", "learning rate, a number above 0",
             [&o](std::string const& text) { o.lr = positive_number(text); });
  add_option(*command, "--batch", "IMAGES", "256", "images a step, a whole number from 1 up",
             [&o](std::string const& text) { o.batch = whole_number(text, 1); });
  add_option(*command, "--epochs", "NUMBER", "10", "passes over the data at most, a whole number from 1 up",
             [&o](std::string const& text) { o.epochs = whole_number(text, 1); });
  add_option(*command, "--seed", "NUMBER", "1",
             "a whole number that fixes the first weights and the order of the images",
             [&o](std::string const& text) { o.seed = whole_number(text, 0); });
  add_option(*command, "--stop", "RULES", "", "rules to stop earlier by, see below",
             [&o](std::string const& text) { o.stop = parse_stop_rules(text); });
  add_option(*command, "--out", "FOLDER", o.out.string(), "folder for weights.json, history.png and weights.png",
             [&o](std::string const& text) { o.out = text; });
  command->footer(
      "Rules of --stop, joined by , (either) or + (both), looked at after each epoch:\n"
      "  loss:NUMBER            the train loss is at most this\n"
      "  worse:EPOCHS           the train loss has not fallen for so long\n"
      "  accuracy:NUMBER        the validation accuracy is at least this\n"
      "  accuracy-worse:EPOCHS  the validation accuracy has not risen for so long\n"
      "  time:SECONDS           so much time is spent\n"
      "A tenth of the training images is held out for the validation accuracy when a rule asks for it.\n"
      "Ctrl-C finishes the epoch and saves.\n");
  command->callback([options] { train(*options); });
}

}  // namespace ddx::command

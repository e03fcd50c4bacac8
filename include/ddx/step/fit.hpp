// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A step on a batch, rules to stop by and the parameters enter; trained parameters and a report leave: the seven steps.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "../data/batches.hpp"
#include "initialise.hpp"
#include "stop.hpp"

namespace ddx {

/// What one epoch came to.
struct epoch_record {
  std::size_t epoch = 0;              ///< 1 for the first
  double loss = 0;                    ///< `fit_options::loss()` after it, or the mean of the steps' losses by rows
  std::optional<double> metric = {};  ///< `fit_options::metric()` after it
  std::size_t rows = 0;               ///< rows that the steps of this epoch saw
  double step_seconds = 0;            ///< time in the steps alone; rows / step_seconds is the speed of training
};

/// What a step came to, for whoever draws a progress bar.
struct step_record {
  std::size_t epoch = 1;       ///< the epoch under way, from 1
  std::size_t steps_done = 0;  ///< of this epoch
  std::size_t steps = 0;       ///< of an epoch
  std::size_t rows_done = 0;   ///< of this epoch
  double loss = 0;             ///< mean of this epoch so far
  double step_seconds = 0;     ///< of this epoch so far
};

enum class outcome {
  stopped,      ///< a stopping rule held
  interrupted,  ///< `fit_options::interrupt` was set
  diverged      ///< the loss was not finite, or exploded
};

/// Which parameters a fit ends with.
enum class keep {
  best,  ///< those with the highest metric, at equal or no metrics the lowest loss
  last   ///< those after the last epoch; after divergence nevertheless the best
};

struct fit_options {
  std::size_t rows = 1;   ///< rows of data
  std::size_t batch = 0;  ///< rows a step; 0: all of them

  /// What the step trains. Without them a fit can neither initialise nor keep the best.
  std::vector<parameter> parameters = {};

  /// Initialises the parameters that have a fan_in and takes the batches in a new order each epoch. Without a seed the
  /// parameters start as they are and the batches keep their order.
  std::optional<std::uint64_t> seed = {};

  std::function<double()> loss = {};    ///< the loss of all data, asked before the first epoch and after each
  std::function<double()> metric = {};  ///< a validation metric, larger is better, asked after each epoch
  std::string metric_name = "metric";   ///< what sentences call it

  stop_rule stop = stop::epochs(10);
  stop_rule diverged = stop::diverged();
  enum keep keep = keep::best;

  std::optional<double> lr = {};  ///< the learning rate, so that advice can name a better one

  std::function<void(step_record const&)> on_step = {};
  std::function<void(epoch_record const&)> on_epoch = {};

  /// Once true, the fit ends with the epoch under way. May be set by another thread or by a signal handler.
  std::atomic<bool> const* interrupt = nullptr;
};

struct fit_report {
  std::vector<epoch_record> epochs;  ///< one for each finished epoch; a divergence may break off the last one
  double first_loss = 0;             ///< before any weight changed: `fit_options::loss()`, or that of the first step
  std::size_t best_epoch = 0;        ///< the epoch of the best parameters; 0: the initial ones
  outcome how = outcome::stopped;
  std::string why;     ///< why it stopped, a sentence
  std::string advice;  ///< what to try: a sentence where the learning rate was too high or low, or nothing
  double seconds = 0;
};

/// The loop behind `fit`: compiled once, for steps of every kind.
fit_report fit_with(std::function<double(data::row_range)> const& step, fit_options options);

/// Trains: 1 initialise, then for each batch 2 predict, 3 loss, 4 gradient, 5 step, 6 repeat, 7 stop.
///
/// `step` does 2 to 5 for a batch of contiguous rows, in one fused pass where it is a `stepper`, and returns the loss
/// before the update; it is called with a `data::row_range`, or with nothing when it takes no argument. It may be
/// anything: a kernel compiled from a formula, a tape, or code by hand.
///
/// Divergence is seen at the step whose loss is not finite, or after an epoch by `fit_options::diverged`; the best
/// parameters are then put back. Where neither `loss` nor `metric` is given, the best are judged by the steps' losses,
/// which tell of the parameters before each update: with one step an epoch those before the epoch of least loss are the
/// best, unless it was the last one, and after a divergence so they are with several. Cost over the loop written out:
/// one indirect call and two reads of the clock a step, well below a microsecond; up to two copies of the parameters an
/// epoch, into memory allocated before the first (none where `parameters` is empty).
///
/// Errors: `fit: there are no rows to train on`; whatever a step or a callback throws passes through, and the
/// parameters stay as the last step left them.
template <class Step>
  requires std::invocable<Step&, data::row_range> || std::invocable<Step&>
fit_report fit(Step&& step, fit_options options = {}) {
  if constexpr (std::invocable<Step&, data::row_range>) {
    return fit_with([&](data::row_range rows) { return static_cast<double>(step(rows)); }, std::move(options));
  } else {
    return fit_with([&](data::row_range) { return static_cast<double>(step()); }, std::move(options));
  }
}

}  // namespace ddx

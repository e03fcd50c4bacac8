// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Steps, rules and parameters enter; the seven steps run; a report leaves that says why they ended.
#include <ddx/step/fit.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include <ddx/data/shuffle.hpp>
#include <ddx/error.hpp>

namespace ddx {
namespace {

using clock = std::chrono::steady_clock;

double seconds_since(clock::time_point start) { return std::chrono::duration<double>(clock::now() - start).count(); }

// A copy of all parameters as they were after an epoch, allocated once.
class snapshot {
 public:
  explicit snapshot(std::vector<parameter> const& parameters) : parameters_(&parameters) {
    std::size_t size = 0;
    for (auto const& one : parameters) size += one.bytes().size();
    copy_.resize(size);
    take(0);
  }

  std::size_t epoch() const { return epoch_; }

  void take(std::size_t epoch) {
    epoch_ = epoch;
    each([](std::span<std::byte> values, std::byte* copy) { std::memcpy(copy, values.data(), values.size()); });
  }
  void put_back() {
    each([](std::span<std::byte> values, std::byte* copy) { std::memcpy(values.data(), copy, values.size()); });
  }

 private:
  void each(auto&& action) {
    std::byte* copy = copy_.data();
    for (auto const& one : *parameters_) {
      auto const values = one.bytes();
      if (!values.empty()) action(values, copy);
      copy += values.size();
    }
  }

  std::vector<parameter> const* parameters_;
  std::vector<std::byte> copy_;
  std::size_t epoch_ = 0;
};

std::string too_high(std::optional<double> lr) {
  return lr ? fmt::format("The learning rate {:g} is too high: try {:g}, or scale the inputs to about 1.", *lr,
                          *lr / 10)
            : "The learning rate is too high: try a tenth of it, or scale the inputs to about 1.";
}

std::string too_low(std::optional<double> lr) {
  return lr ? fmt::format("the learning rate {:g} is too low: try {:g}", *lr, *lr * 10)
            : "the learning rate is too low: try ten times as much";
}

// A loss that moved by less than 5% in all, and no slower at the end than at the beginning, is still far from any
// minimum. One that did not move at all may be at its minimum, so both are said. `exact` tells losses of all rows from
// means over the steps of an epoch: those contain the way down, and the first step alone is a noisy witness of where it
// began.
std::string advice_on(fit_report const& report, bool exact, std::optional<double> lr) {
  if (report.epochs.empty()) return {};
  double const first = report.first_loss, after = report.epochs.back().loss, scale = std::abs(first);
  if (after > first + (exact ? 0.01 : 0.5) * scale)
    return fmt::format("The loss ended above where it began ({:.4g}, now {:.4g}). {}", first, after, too_high(lr));
  double best = after;
  for (auto const& epoch : report.epochs) best = std::min(best, epoch.loss);
  if (after - best > 0.05 * scale)
    return fmt::format("The loss swings (best {:.4g}, {:.4g} at the end). {}", best, after, too_high(lr));
  double const before = exact ? first : report.epochs.front().loss;
  double const fall = before - after;
  if (std::abs(fall) > 0.05 * scale || (!exact && std::abs(first - after) > 0.2 * scale)) return {};
  std::string const moved = fmt::format("The loss hardly moved, from {:.6g} to {:.6g}", before, after);
  if (std::abs(fall) <= 1e-4 * scale)
    return fmt::format("{}: {}, unless the parameters were at their best from the start.", moved, too_low(lr));
  double const middle = report.epochs[(report.epochs.size() - 1) / 2].loss;
  bool const steady = report.epochs.size() > 1 && middle - after >= 0.25 * (before - middle);
  return steady ? fmt::format("{}, and is still falling: {}.", moved, too_low(lr)) : std::string();
}

}  // namespace

fit_report fit_with(std::function<double(data::row_range)> const& step, fit_options options) {
  data::batches const batches(options.rows, options.batch);
  if (batches.size() == 0) throw error("fit: there are no rows to train on");

  // 1 initialise
  if (options.seed) initialise(options.parameters, *options.seed);

  // A step tells the loss before its update. Unless the loss or a metric is asked for after an epoch, what an epoch
  // came to speaks for the parameters on its way, with one step an epoch for exactly those before it: these are kept
  // too.
  bool const exact = options.loss || options.metric;
  snapshot before(options.parameters), best_before(options.parameters), best_after(options.parameters);
  fit_report report;
  std::optional<std::pair<double, double>> best_score;
  auto const start = clock::now();
  if (options.loss) report.first_loss = options.loss();

  auto stop_because = [&](outcome how, std::size_t epoch, std::string const& reason) {
    report.how = how;
    report.why = fmt::format("{} {} epoch {}: {}.", how == outcome::diverged ? "Diverged" : "Stopped",
                             how == outcome::diverged ? "in" : "after", epoch, reason);
  };

  // 6 repeat
  for (std::size_t epoch = 1; report.why.empty(); ++epoch) {
    // Rows were shuffled once, if at all; a new order of the batches costs nothing, moving the rows twice the step
    // itself.
    auto const order =
        options.seed ? data::permutation(batches.size(), *options.seed, epoch) : std::vector<std::size_t>();
    if (!exact) before.take(epoch - 1);
    step_record now{.epoch = epoch, .steps = batches.size()};
    double sum = 0;
    for (std::size_t i = 0; i < batches.size() && report.why.empty(); ++i) {
      auto const rows = batches[order.empty() ? i : order[i]];
      auto const began = clock::now();
      double const loss = step(rows);  // 2 predict, 3 loss, 4 gradient, 5 step
      now.step_seconds += seconds_since(began);
      if (epoch == 1 && i == 0 && !options.loss) report.first_loss = loss;
      if (!std::isfinite(loss)) {
        stop_because(outcome::diverged, epoch, fmt::format("the loss of step {} is {}", i + 1, loss));
        if (epoch == 1 && i == 0) {
          report.advice =
              "It was so before any step: look at the data and the initial parameters, not at the learning rate.";
        } else {
          report.advice = too_high(options.lr);
        }
        break;
      }
      sum += loss * static_cast<double>(rows.count);
      now.steps_done = i + 1;
      now.rows_done += rows.count;
      now.loss = sum / static_cast<double>(now.rows_done);
      if (options.on_step) options.on_step(now);
    }
    if (!report.why.empty()) break;

    epoch_record record{epoch, now.loss, {}, now.rows_done, now.step_seconds};
    if (options.loss) record.loss = options.loss();
    if (options.metric) record.metric = options.metric();
    report.epochs.push_back(record);
    if (options.on_epoch) options.on_epoch(record);

    progress const seen{epoch,       seconds_since(start), report.first_loss,
                        record.loss, record.metric,        options.metric_name};
    if (auto const reason = options.diverged(seen)) {
      stop_because(outcome::diverged, epoch, *reason);
      report.advice = too_high(options.lr);
      break;
    }
    std::pair const score(record.metric.value_or(0),
                          -record.loss);  // equal metrics, as shares often are: the lower loss
    if (!best_score || score > *best_score) {
      best_score = score;
      report.best_epoch = epoch;
      if (!exact) std::swap(best_before, before);
      if (exact || batches.size() > 1) best_after.take(epoch);
    }
    // 7 stop
    auto const reason = options.stop(seen);
    if (options.interrupt && options.interrupt->load()) {
      stop_because(outcome::interrupted, epoch, "interrupted");
    } else if (reason) {
      stop_because(outcome::stopped, epoch, *reason);
    }
  }

  bool const diverged = report.how == outcome::diverged;
  if (diverged || report.best_epoch != report.epochs.size()) {
    // After a divergence the parameters at the end of even the best epoch may be those that were about to explode.
    snapshot& best = !exact && (diverged || batches.size() == 1) ? best_before : best_after;
    report.best_epoch = best.epoch();
    if ((diverged || options.keep == keep::best) && !options.parameters.empty()) {
      best.put_back();
      report.why.back() = ';';
      report.why += best.epoch() == 0 ? " the initial parameters are put back."
                                      : fmt::format(" the parameters of epoch {} are put back.", best.epoch());
    }
  }
  if (!diverged) report.advice = advice_on(report, options.loss != nullptr, options.lr);
  report.seconds = seconds_since(start);
  return report;
}

}  // namespace ddx

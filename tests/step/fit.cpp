// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Steps written by hand enter; trained parameters and reports that say why they ended leave.
#include <ddx/step/fit.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include <ddx/error.hpp>

using ddx::data::row_range;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// y = 2x + 1 on eight points, squared error, gradient by hand.
struct line {
  std::vector<double> weight{0.0};
  double bias = 0;
  double lr = 0.03;

  double operator()(row_range rows) {
    double loss = 0, dw = 0, db = 0;
    for (std::size_t i = rows.first; i < rows.first + rows.count; ++i) {
      double const x = static_cast<double>(i), error = weight[0] * x + bias - (2 * x + 1);
      loss += error * error, dw += 2 * error * x, db += 2 * error;
    }
    auto const n = static_cast<double>(rows.count);
    weight[0] -= lr * dw / n, bias -= lr * db / n;
    return loss / n;
  }
};

// Returns the given losses in turn and counts the steps in a parameter, so that parameters tell their step.
struct script {
  std::vector<double> losses;
  float steps = 0;

  double operator()() { return losses.at(static_cast<std::size_t>(steps++)); }
};

}  // namespace

TEST_CASE("fit trains a line by full batches") {
  line model;
  auto const report =
      ddx::fit(model, {.rows = 8, .parameters = {model.weight, model.bias}, .stop = ddx::stop::epochs(2000)});
  CHECK(model.weight[0] == Approx(2).epsilon(1e-6));
  CHECK(model.bias == Approx(1).epsilon(1e-5));
  CHECK(report.epochs.size() == 2000);
  CHECK(report.first_loss == Approx(85));  // mean of (2x + 1)^2
  CHECK(report.epochs.back().loss < 1e-9);
  CHECK(report.how == ddx::outcome::stopped);
  // The loss hovers at the rounding error, where the least of equals is put back.
  CHECK(report.why.find("Stopped after epoch 2000: 2000 epochs are done") == 0);
  CHECK(report.advice == "");
}

TEST_CASE("fit gives each step its batch and weighs the losses by rows") {
  std::vector<row_range> seen;
  auto const report = ddx::fit(
      [&](row_range rows) {
        seen.push_back(rows);
        return rows.count == 4 ? 1.0 : 4.0;
      },
      {.rows = 10, .batch = 4, .stop = ddx::stop::epochs(2)});
  CHECK(seen == std::vector<row_range>{{0, 4}, {4, 4}, {8, 2}, {0, 4}, {4, 4}, {8, 2}});
  CHECK(report.epochs[0].loss == Approx(1.6));
  CHECK(report.epochs[0].rows == 10);
}

TEST_CASE("fit with a seed initialises and takes the batches in another order each epoch") {
  auto run = [](std::uint64_t seed) {
    std::vector<std::size_t> seen;
    std::vector<float> w(5);
    ddx::fit(
        [&](row_range rows) {
          seen.push_back(rows.first);
          return 1;
        },
        {.rows = 20, .parameters = {{w, 5}}, .seed = seed, .stop = ddx::stop::epochs(2)});
    ddx::fit(
        [&](row_range rows) {
          seen.push_back(rows.first);
          return 1;
        },
        {.rows = 20, .batch = 1, .seed = seed, .stop = ddx::stop::epochs(2)});
    return std::pair(seen, w);
  };
  auto const [seen, w] = run(4);
  CHECK(run(4) == std::pair(seen, w));
  CHECK(run(5).first != seen);
  CHECK(run(5).second != w);
  CHECK(std::all_of(w.begin(), w.end(), [](float x) { return x != 0 && std::abs(x) <= 1 / std::sqrt(5.0f); }));
  std::vector<std::size_t> first(seen.begin() + 2, seen.begin() + 22), second(seen.begin() + 22, seen.end());
  CHECK(first != second);
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  CHECK(first == second);
  CHECK(first.back() == 19);
}

TEST_CASE("fit ends with the best parameters or with the last") {
  for (auto const keep : {ddx::keep::best, ddx::keep::last}) {
    script model{{5, 3, 4, 4.5}};  // the loss 3 is that of the parameters after the first step
    auto const report = ddx::fit(model, {.parameters = {model.steps}, .stop = ddx::stop::epochs(4), .keep = keep});
    CHECK(report.best_epoch == 1);
    CHECK(model.steps == (keep == ddx::keep::best ? 1 : 4));
    CHECK(report.why == (keep == ddx::keep::best
                             ? "Stopped after epoch 4: 4 epochs are done; the parameters of epoch 1 are put back."
                             : "Stopped after epoch 4: 4 epochs are done."));
  }
}

TEST_CASE("fit of several steps an epoch ends with the parameters after the best epoch") {
  script model{{5, 5, 3, 3, 4, 4}};
  auto const report = ddx::fit([&](row_range) { return model(); },
                               {.rows = 2, .batch = 1, .parameters = {model.steps}, .stop = ddx::stop::epochs(3)});
  CHECK(report.best_epoch == 2);
  CHECK(model.steps == 4);
}

TEST_CASE("fit that is told the loss ends with the parameters that had the least") {
  script model{{9, 9, 9, 9}};
  std::vector<double> const losses{5, 4, 2, 3, 3};  // before the first epoch and after each
  auto const report = ddx::fit(model, {.parameters = {model.steps},
                                       .loss = [&] { return losses[static_cast<std::size_t>(model.steps)]; },
                                       .stop = ddx::stop::epochs(4)});
  CHECK(report.best_epoch == 2);
  CHECK(model.steps == 2);
}

TEST_CASE("fit that still falls ends with the last parameters") {
  script model{{5, 4, 3}};
  auto const report = ddx::fit(model, {.parameters = {model.steps}, .stop = ddx::stop::epochs(3)});
  CHECK(report.best_epoch == 3);
  CHECK(model.steps == 3);
}

TEST_CASE("fit judges by the metric where there is one, and by the loss among equals") {
  script model{{5, 4, 3, 2, 1}};
  std::vector<double> const metrics{0.5, 0.9, 0.9, 0.7, 0.7};
  auto const report = ddx::fit(model, {.parameters = {model.steps},
                                       .metric = [&] { return metrics[static_cast<std::size_t>(model.steps) - 1]; },
                                       .metric_name = "accuracy",
                                       .stop = ddx::stop::metric_worse(3)});
  CHECK(model.steps == 3);
  CHECK(report.epochs[1].metric == 0.9);
  CHECK(report.why ==
        "Stopped after epoch 5: the accuracy has not risen for 3 epochs (best 0.9, epoch 2); the parameters of "
        "epoch 3 are put back.");
}

TEST_CASE("fit stops in the step whose loss is not finite and puts the best parameters back") {
  script model{{5, 3, not_a_number, 1}};
  auto const report = ddx::fit(model, {.parameters = {model.steps}, .lr = 0.5});
  CHECK(report.how == ddx::outcome::diverged);
  CHECK(report.epochs.size() == 2);
  CHECK(model.steps == 1);
  CHECK(report.why == "Diverged in epoch 3: the loss of step 1 is nan; the parameters of epoch 1 are put back.");
  CHECK(report.advice == "The learning rate 0.5 is too high: try 0.05, or scale the inputs to about 1.");
}

TEST_CASE("fit stops when the loss explodes and puts the best parameters back even when asked for the last") {
  script model{{1, 2, 50, 1}};
  auto const report = ddx::fit(model, {.parameters = {model.steps}, .keep = ddx::keep::last});
  CHECK(report.how == ddx::outcome::diverged);
  CHECK(model.steps == 0);
  CHECK(report.why == "Diverged in epoch 3: the loss has grown from 1 to 50; the initial parameters are put back.");
  CHECK(report.advice == "The learning rate is too high: try a tenth of it, or scale the inputs to about 1.");
}

TEST_CASE("a real divergence of gradient descent leaves the initial parameters") {
  line model{.lr = 1};
  auto const report = ddx::fit(model, {.rows = 8, .parameters = {model.weight, model.bias}, .lr = 1});
  CHECK(report.how == ddx::outcome::diverged);
  CHECK(report.best_epoch == 0);
  CHECK(model.weight[0] == 0);
  CHECK(model.bias == 0);
  CHECK(report.advice == "The learning rate 1 is too high: try 0.1, or scale the inputs to about 1.");
}

TEST_CASE("a loss that is not finite before any step is no matter of the learning rate") {
  script model{{not_a_number}};
  auto const report = ddx::fit(model, {.parameters = {model.steps}});
  CHECK(report.why == "Diverged in epoch 1: the loss of step 1 is nan; the initial parameters are put back.");
  CHECK(report.advice ==
        "It was so before any step: look at the data and the initial parameters, not at the learning rate.");
  CHECK(model.steps == 0);
  CHECK(report.epochs.empty());
}

TEST_CASE("fit says when the learning rate is too low") {
  line model{.lr = 1e-6};
  auto const report = ddx::fit(model, {.rows = 8, .parameters = {model.weight, model.bias}, .lr = 1e-6});
  CHECK(report.advice ==
        "The loss hardly moved, from 85 to 84.9444, and is still falling: the learning rate 1e-06 is too low: try "
        "1e-05.");
  line still{.lr = 1e-12};
  CHECK(ddx::fit(still, {.rows = 8, .lr = 1e-12}).advice ==
        "The loss hardly moved, from 85 to 85: the learning rate 1e-12 is too low: try 1e-11, unless the parameters "
        "were at "
        "their best from the start.");
}

TEST_CASE("fit says nothing of the learning rate where it is right") {
  CHECK(ddx::fit(line(), {.rows = 8}).advice == "");
  CHECK(ddx::fit(script{{1, 0.98, 0.9799, 0.97989, 0.979889}}, {.stop = ddx::stop::epochs(5)}).advice == "");
}

TEST_CASE("fit says when the loss swings or ends above its beginning") {
  CHECK(ddx::fit(script{{1, 0.2, 0.5}}, {.stop = ddx::stop::epochs(3)}).advice ==
        "The loss swings (best 0.2, 0.5 at the end). The learning rate is too high: try a tenth of it, or scale the "
        "inputs to "
        "about 1.");
  CHECK(ddx::fit(script{{1, 2, 3}}, {.stop = ddx::stop::epochs(3)}).advice ==
        "The loss ended above where it began (1, now 3). The learning rate is too high: try a tenth of it, or scale "
        "the inputs "
        "to about 1.");
}

TEST_CASE("fit asks for the loss of all data where it can") {
  line model;
  std::size_t asked = 0;
  auto const report = ddx::fit(model, {.rows = 8, .loss = [&] { return 10.0 - static_cast<double>(asked++); }});
  CHECK(asked == 11);
  CHECK(report.first_loss == 10);
  CHECK(report.epochs[0].loss == 9);
}

TEST_CASE("an interrupt finishes the epoch") {
  std::atomic<bool> flag = false;
  std::size_t steps = 0;
  auto const report = ddx::fit(
      [&](row_range) {
        if (++steps == 5) flag = true;
        return 1.0;
      },
      {.rows = 12, .batch = 4, .stop = ddx::stop::epochs(100), .interrupt = &flag});
  CHECK(steps == 6);
  CHECK(report.how == ddx::outcome::interrupted);
  CHECK(report.why == "Stopped after epoch 2: interrupted.");
}

TEST_CASE("fit tells of steps and epochs as they end") {
  std::vector<std::size_t> rows_done, epochs;
  ddx::fit([](row_range) { return 2.0; }, {.rows = 10,
                                           .batch = 4,
                                           .stop = ddx::stop::epochs(2),
                                           .on_step = [&](auto const& now) { rows_done.push_back(now.rows_done); },
                                           .on_epoch = [&](auto const& now) { epochs.push_back(now.epoch); }});
  CHECK(rows_done == std::vector<std::size_t>{4, 8, 10, 4, 8, 10});
  CHECK(epochs == std::vector<std::size_t>{1, 2});
}

TEST_CASE("fit without rows is refused and what a step throws passes through") {
  CHECK_THROWS_WITH(ddx::fit([] { return 1.0; }, {.rows = 0}), "fit: there are no rows to train on");
  CHECK_THROWS_WITH(ddx::fit([]() -> double { throw ddx::error("axis d: X has 4, w has 2"); }),
                    "axis d: X has 4, w has 2");
}

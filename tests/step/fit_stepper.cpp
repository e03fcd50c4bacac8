// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A stepper compiled from a formula enters fit; trained parameters leave.
#include <ddx/ddx.hpp>
#include <ddx/step/fit.hpp>

#include <vector>

#include <catch2/catch.hpp>

namespace {

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::var<"b"> b;
constexpr auto loss = ddx::mean<"n">(pow(ddx::sum<"d">(X * w) + b - y, 2));

}  // namespace

TEST_CASE("fit trains the parameters of a stepper in batches") {
  std::vector<double> points{0, 1, 2, 3, 4, 5, 6},
      labels{1, 3, 5, 7, 9, 11, 13};  // y = 2x + 1, a last batch of one row
  std::vector<double> weights(1);
  double bias = 0;
  auto const step = ddx::stepper<loss, w, b>(ddx::sgd{.lr = 0.02});
  auto const report = ddx::fit(
      [&](ddx::data::row_range rows) {
        return step(X = ddx::view(points.data() + rows.first, rows.count, 1),
                    y = ddx::view(labels.data() + rows.first, rows.count), w = weights, b = bias);
      },
      {.rows = 7,
       .batch = 3,
       .parameters = {{weights, 1}, {bias, 1}},
       .seed = 1,
       .stop = ddx::stop::loss(1e-12) || ddx::stop::epochs(5000),
       .lr = 0.02});
  CHECK(weights[0] == Approx(2).epsilon(1e-5));
  CHECK(bias == Approx(1).epsilon(1e-5));
  CHECK(report.how == ddx::outcome::stopped);
  CHECK(report.epochs.size() < 5000);
  CHECK(report.epochs.back().loss <= 1e-12);
}

TEST_CASE("fit sees a stepper diverge and puts its parameters back") {
  std::vector<double> points{0, 1, 2, 3}, labels{1, 3, 5, 7}, weights{0.5};
  double bias = 0.25;
  auto const step = ddx::stepper<loss, w, b>(ddx::sgd{.lr = 5});
  auto const report = ddx::fit([&] { return step(X = ddx::view(points, 4, 1), y = labels, w = weights, b = bias); },
                               {.parameters = {weights, bias}, .stop = ddx::stop::epochs(10000), .lr = 5});
  CHECK(report.how == ddx::outcome::diverged);
  CHECK(weights[0] == 0.5);
  CHECK(bias == 0.25);
  CHECK(report.advice == "The learning rate 5 is too high: try 0.5, or scale the inputs to about 1.");
}

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Generated images enter both engines; the losses of their epochs and the weights leave, and agree.
#include <algorithm>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

#include <ddx/step/fit.hpp>

#include "command/model.hpp"

namespace {

using namespace ddx::command;

// Two classes whose images overlap.
ddx::data::dataset generated(std::size_t rows, std::size_t features) {
  ddx::data::dataset set;
  set.image_shape = {1, features};
  std::mt19937 draw(7);
  for (std::size_t i = 0; i < rows; ++i) {
    set.labels.push_back(static_cast<std::uint8_t>(i % 3 == 0));
    for (std::size_t d = 0; d < features; ++d)
      set.images.push_back(static_cast<std::uint8_t>(draw() % 200 + (d % 3 == i % 3 ? 55 : 0)));
  }
  return set;
}

struct trained_model {
  std::vector<double> losses;
  weights trained;
};

trained_model train(step_function const& step, ddx::data::dataset const& set) {
  trained_model result{{}, {std::vector<float>(set.features()), 0}};
  auto report = ddx::fit([&](ddx::data::row_range rows) { return step(set, rows, result.trained); },
                         {.rows = set.size(),
                          .batch = 64,
                          .parameters = {{result.trained.w, set.features()}, {result.trained.b, set.features()}},
                          .seed = 3,
                          .stop = ddx::stop::epochs(20)});
  for (auto const& epoch : report.epochs) result.losses.push_back(epoch.loss);
  return result;
}

}  // namespace

TEST_CASE("the tape's losses are those of the fused pass, epoch by epoch") {
  auto const set = generated(1001, 99);  // the last batch is short
  for (auto const loss : {loss_kind::bce, loss_kind::mnist}) {
    INFO(name(loss));
    auto const fused = train(make_step(loss, 0.5), set), taped = train(make_tape_step(loss, 0.5), set);
    REQUIRE(fused.losses.size() == 20);
    REQUIRE(taped.losses.size() == 20);
    CHECK(fused.losses.back() < 0.6 * fused.losses.front());
    for (std::size_t i = 0; i < fused.losses.size(); ++i)
      CHECK(taped.losses[i] == Approx(fused.losses[i]).epsilon(2e-6));
    for (std::size_t d = 0; d < set.features(); ++d)
      CHECK(taped.trained.w[d] == Approx(fused.trained.w[d]).epsilon(1e-4).margin(1e-5));
    CHECK(taped.trained.b == Approx(fused.trained.b).epsilon(1e-4).margin(1e-5));
  }
}

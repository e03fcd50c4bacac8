// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The formulas of the linear model enter the library; its kernels leave behind plain functions, so that no other file
// of the program compiles them.
#include "model.hpp"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include <ddx/ddx.hpp>

namespace ddx::command {
namespace {

constexpr ddx::array<"X", "n", "d"> X;  // an image a row, bytes
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;  // 0 or 1
constexpr ddx::var<"b"> b;

constexpr auto logit = ddx::sum<"d">(X / 255 * w) + b;
constexpr auto prediction = sigmoid(logit);
// -y log p - (1 - y) log(1 - p) in a form that neither overflows nor takes the logarithm of 0.
constexpr auto bce = ddx::mean<"n">(softplus(logit) - y * logit);
constexpr auto mnist = ddx::mean<"n">(where(y == 1, 1 - prediction, prediction));

template <auto Loss>
formulas printed() {
  return {fmt::format("{}", prediction), fmt::format("{}", Loss), fmt::format("{}", ddx::diff(Loss, w)),
          fmt::format("{}", ddx::diff(Loss, b))};
}

template <auto Loss>
step_function step_of(double lr) {
  auto step = std::make_shared<decltype(ddx::stepper<Loss, w, b>(ddx::sgd{.lr = lr}))>(
      ddx::stepper<Loss, w, b>(ddx::sgd{.lr = lr}));
  return [step](data::dataset const& set, data::row_range rows, weights& trained) {
    return static_cast<double>((*step)(X = ddx::view(set.rows(rows), rows.count, set.features()),
                                       y = set.labels_of(rows), w = trained.w, b = trained.b));
  };
}

}  // namespace

std::string_view name(loss_kind loss) { return loss == loss_kind::bce ? "bce" : "mnist"; }

loss_kind loss_named(std::string_view text) {
  for (auto const loss : {loss_kind::bce, loss_kind::mnist})
    if (text == name(loss)) return loss;
  throw error(fmt::format("takes bce or mnist, not '{}'", text));
}

std::string_view name(engine_kind engine) { return engine == engine_kind::compiled ? "static" : "tape"; }

engine_kind engine_named(std::string_view text) {
  for (auto const engine : {engine_kind::compiled, engine_kind::tape})
    if (text == name(engine)) return engine;
  throw error(fmt::format("takes static or tape, not '{}'", text));
}

formulas formulas_of(loss_kind loss) { return loss == loss_kind::bce ? printed<bce>() : printed<mnist>(); }

step_function make_step(loss_kind loss, double lr) {
  return loss == loss_kind::bce ? step_of<bce>(lr) : step_of<mnist>(lr);
}

std::vector<float> probabilities(weights const& trained, data::dataset const& images) {
  std::vector<float> p(images.size());
  auto const kernel = ddx::compile<prediction>();
  kernel(ddx::into(p), X = ddx::view(images.images, images.size(), images.features()), w = trained.w, b = trained.b);
  return p;
}

double accuracy(weights const& trained, data::dataset const& labelled) {
  auto const p = probabilities(trained, labelled);
  std::size_t right = 0;
  for (std::size_t i = 0; i < p.size(); ++i) right += (p[i] > 0.5f) == (labelled.labels[i] == 1);
  return static_cast<double>(right) / static_cast<double>(p.size());
}

}  // namespace ddx::command

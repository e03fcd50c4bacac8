// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The steps of the models A to C by ddx on one thread and on two.
#include <ddx/ddx.hpp>

#include <memory>

#include "../core/race.hpp"
#include "../step/models.hpp"
#include "../step/problem.hpp"

namespace bench {

namespace {

using namespace models;

/// A contender that keeps a copy of the problem, whose parameters it trains; `step(problem)` returns the loss.
template <class Problem, class Step>
void enter_step(race& r, int threads, Problem const& p, Step step,
                std::vector<double> (*gone)(Problem const&, Problem const&, double)) {
  struct state {
    Problem now;
    double loss = 0;
  };
  auto const s = std::make_shared<state>(state{p});
  r.contenders.push_back({threads == 1 ? "ddx, one thread" : "ddx, two threads", [s, &p] { s->now = p; },
                          repeated([s, step]() mutable { s->loss = static_cast<double>(step(s->now)); }),
                          [s, &p, gone] { return gone(p, s->now, s->loss); }});
}

}  // namespace

}  // namespace bench

extern "C" void enter(bench::race& r) {
  using namespace bench;
  if (!r.threads) return;
  for (int const threads : {1, 2}) {
    ddx::threads const at_most(threads);
    if (auto const* const p = r.get<linear_problem<float, float>>())
      enter_step<linear_problem<float, float>>(
          r, threads, *p,
          [step = ddx::stepper<linear_loss, w, b>(ddx::sgd{.lr = p->rate}, at_most)](auto& q) {
            return step(X = ddx::view(q.x, q.rows, q.features), y = q.y, w = q.weights, b = q.bias);
          },
          [](auto const& from, auto const& to, double loss) -> std::vector<double> {
            return travelled<float>(loss, from.rate)(from.weights, to.weights.data())(from.bias, to.bias);
          });
    if (auto const* const p = r.get<network_problem<float>>())
      enter_step<network_problem<float>>(
          r, threads, *p,
          [step = ddx::stepper<network_loss, W1, b1, w2, b>(ddx::sgd{.lr = p->rate}, at_most)](auto& q) {
            return step(X = ddx::view(q.x, q.rows, q.features), y = q.y, W1 = ddx::view(q.first, q.features, q.hidden),
                        b1 = q.first_bias, w2 = q.second, b = q.second_bias);
          },
          [](auto const& from, auto const& to, double loss) -> std::vector<double> {
            return travelled<float>(loss, from.rate)(from.first, to.first.data())(
                from.first_bias, to.first_bias.data())(from.second, to.second.data())(from.second_bias, to.second_bias);
          });
    if (auto const* const p = r.get<classifier_problem<float>>())
      enter_step<classifier_problem<float>>(
          r, threads, *p,
          [step = ddx::stepper<classifier_loss, W1, b1, W2, b2>(ddx::sgd{.lr = p->rate}, at_most)](auto& q) {
            return step(X = ddx::view(q.x, q.rows, q.features), Y = ddx::view(q.one_hot, q.rows, q.classes),
                        W1 = ddx::view(q.first, q.features, q.hidden), b1 = q.first_bias,
                        W2 = ddx::view(q.second, q.hidden, q.classes), b2 = q.second_bias);
          },
          [](auto const& from, auto const& to, double loss) -> std::vector<double> {
            return travelled<float>(loss, from.rate)(from.first, to.first.data())(
                from.first_bias, to.first_bias.data())(from.second, to.second.data())(from.second_bias,
                                                                                      to.second_bias.data());
          });
  }
}

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A program on tensors and the formula that says the same enter; equal texts, gradients and training leave.
#include <ddx/ddx.hpp>
#include <ddx/step/fit.hpp>

#include "regression.hpp"

namespace {

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::var<"b"> b;
constexpr auto logit = ddx::sum<"d">(X / 4 * w) + b;
constexpr auto loss = ddx::mean<"n">(softplus(logit) - y * logit) + ddx::sum<"d">(w * w) * 0.25;

TEST_CASE("a program on tensors is the formula that says the same") {
  regression const data;
  auto const g = graph_of(data);
  CHECK(ddx::print(g.view()) == fmt::format("{}", loss));
}

TEST_CASE("a program on tensors, its graph and the formula have the same gradients") {
  regression data;
  auto const g = graph_of(data);
  data.weights.requires_grad_();
  data.bias.requires_grad_();
  auto const value = loss_of(data.rows, data.weights, data.labels, data.bias);
  value.backward();
  auto const inputs = {ddx::named_tensor{"X", data.rows}, {"w", data.weights}, {"b", data.bias}, {"y", data.labels}};
  auto const derived = gradients_of(g, {"w", "b"});
  check_near(ddx::eval(g.view(), inputs)[0], value.detach());
  auto const by_graph = ddx::eval(derived.view(), inputs);
  check_near(by_graph[0], data.weights.grad());
  check_near(by_graph[1], data.bias.grad());

  std::vector<double> by_formula(3);
  double by_b = 0;
  auto const kernel = ddx::compile<ddx::grad(loss, w, b)>();
  auto const Xs = data.rows.to_vector(), ws = data.weights.to_vector(), ys = data.labels.to_vector();
  kernel(ddx::into(by_formula, by_b), X = ddx::view(Xs, 20, 3), w = ws, y = ys, b = 0.25);
  check_near(data.weights.grad(), tensor(by_formula));
  check_near(data.bias.grad(), tensor(by_b));
}

TEST_CASE("a graph of tensors is trained by fit, with the optimisers of formulas") {
  regression fused, taped;
  auto ws = fused.weights.to_vector();
  double bias = 0.25;
  auto const Xs = fused.rows.to_vector(), ys = fused.labels.to_vector();
  auto static_step = ddx::stepper<loss, w, b>(ddx::sgd{.lr = 0.3});
  ddx::graph_stepper step(graph_of(taped).view(), {"w", "b"}, ddx::sgd{.lr = 0.3});
  std::size_t const epochs = 25;
  auto const expected =
      ddx::fit([&] { return static_step(X = ddx::view(Xs, 20, 3), w = ws, y = ys, b = bias); },
               {.parameters = {ws, bias}, .stop = ddx::stop::epochs(epochs), .keep = ddx::keep::last});
  auto const found =
      ddx::fit([&] { return step({{"X", taped.rows}, {"w", taped.weights}, {"y", taped.labels}, {"b", taped.bias}}); },
               {.parameters = {std::span(taped.weights.data(), 3), *taped.bias.data()},
                .stop = ddx::stop::epochs(epochs),
                .keep = ddx::keep::last});
  REQUIRE(found.epochs.size() == epochs);
  CHECK(found.epochs.back().loss < found.epochs.front().loss);
  for (std::size_t i = 0; i < epochs; ++i)
    CHECK(found.epochs[i].loss == Approx(expected.epochs[i].loss).epsilon(1e-12));
  check_near(taped.weights, tensor(ws));
  CHECK(taped.bias.item() == Approx(bias).epsilon(1e-12));
  // Batches of floats too: the extents are those of the call.
  auto few = taped.weights.to<float>(), offset = taped.bias.to<float>();
  double const before =
      step({{"X", taped.rows.narrow(0, 3, 7)}, {"w", few}, {"y", taped.labels.narrow(0, 3, 7)}, {"b", offset}});
  check_near(tensor(before),
             loss_of(taped.rows.narrow(0, 3, 7), taped.weights, taped.labels.narrow(0, 3, 7), taped.bias), 1e-6);
  CHECK(few[0].item() != static_cast<float>(taped.weights[0].item()));
}

TEST_CASE("optimisers that remember train a graph as they train a formula") {
  regression fused, taped;
  auto ws = fused.weights.to_vector();
  double bias = 0.25;
  auto const Xs = fused.rows.to_vector(), ys = fused.labels.to_vector();
  auto static_step = ddx::stepper<loss, w, b>(ddx::adam{.lr = 0.05});
  ddx::graph_stepper step(graph_of(taped).view(), {"w", "b"}, ddx::adam{.lr = 0.05});
  for (int i = 0; i < 30; ++i) {
    double const expected = static_step(X = ddx::view(Xs, 20, 3), w = ws, y = ys, b = bias);
    CHECK(step({{"X", taped.rows}, {"w", taped.weights}, {"y", taped.labels}, {"b", taped.bias}}) ==
          Approx(expected).epsilon(1e-12));
  }
  check_near(taped.weights, tensor(ws));
  CHECK(taped.bias.item() == Approx(bias).epsilon(1e-12));
}

}  // namespace

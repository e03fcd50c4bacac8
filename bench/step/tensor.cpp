// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The steps of the models A to D by ddx's tape of tensors, as one writes them there.
#include <ddx/tape.hpp>

#include <cstdint>

#include "contenders.hpp"

namespace bench {

namespace {

template <class Number>
void descend(ddx::tensor<Number> const& loss, std::vector<ddx::tensor<Number>>& parameters, Number rate) {
  for (auto& each : parameters) each.zero_grad();
  loss.backward();
  ddx::no_grad const off;
  for (auto& each : parameters) each -= each.grad() * rate;
}

template <class Element, class Number>
struct linear_step {
  using tensor = ddx::tensor<Number>;
  explicit linear_step(linear_problem<Element, Number> const& problem)
      : p(problem), x(p.x, {p.rows, p.features}), y(p.y, {p.rows}) {}
  void prepare() {
    parameters = {tensor(p.weights, {p.features}), tensor(std::vector<Number>{p.bias}, {1})};
    for (auto& each : parameters) each.requires_grad_();
  }
  void operator()() {
    auto const z = x.mv(parameters[0]) + parameters[1];
    auto const result = (softplus(z) - y * z).mean();
    descend(result, parameters, p.rate);
    loss = static_cast<double>(result.item());
  }
  std::vector<double> outcome() const {
    return travelled<Number>(loss, p.rate)(p.weights, parameters[0].data())(p.bias, *parameters[1].data());
  }

  linear_problem<Element, Number> const& p;
  tensor x, y;
  std::vector<tensor> parameters;
  double loss = 0;
};

template <class Number>
struct network_step {
  using tensor = ddx::tensor<Number>;
  explicit network_step(network_problem<Number> const& problem)
      : p(problem), x(p.x, {p.rows, p.features}), y(p.y, {p.rows}) {}
  void prepare() {
    parameters = {tensor(p.first, {p.features, p.hidden}), tensor(p.first_bias, {p.hidden}),
                  tensor(p.second, {p.hidden}), tensor(std::vector<Number>{p.second_bias}, {1})};
    for (auto& each : parameters) each.requires_grad_();
  }
  void operator()() {
    auto const hidden = relu(matmul(x, parameters[0]) + parameters[1]);
    auto const z = hidden.mv(parameters[2]) + parameters[3];
    auto const result = (softplus(z) - y * z).mean();
    descend(result, parameters, p.rate);
    loss = static_cast<double>(result.item());
  }
  std::vector<double> outcome() const {
    auto const at = [this](std::size_t i) { return parameters[i].data(); };
    return travelled<Number>(loss, p.rate)(p.first, at(0))(p.first_bias, at(1))(p.second, at(2))(p.second_bias, *at(3));
  }

  network_problem<Number> const& p;
  tensor x, y;
  std::vector<tensor> parameters;
  double loss = 0;
};

template <class Number>
struct classifier_step {
  using tensor = ddx::tensor<Number>;
  explicit classifier_step(classifier_problem<Number> const& problem)
      : p(problem),
        x(p.x, {p.rows, p.features}),
        labels(std::vector<std::int64_t>(p.labels.begin(), p.labels.end()), {p.rows, 1}) {}
  void prepare() {
    parameters = {tensor(p.first, {p.features, p.hidden}), tensor(p.first_bias, {p.hidden}),
                  tensor(p.second, {p.hidden, p.classes}), tensor(p.second_bias, {p.classes})};
    for (auto& each : parameters) each.requires_grad_();
  }
  void operator()() {
    auto const hidden = relu(matmul(x, parameters[0]) + parameters[1]);
    auto const z = matmul(hidden, parameters[2]) + parameters[3];
    auto const result = -z.log_softmax(1).gather(1, labels).mean();
    descend(result, parameters, p.rate);
    loss = static_cast<double>(result.item());
  }
  std::vector<double> outcome() const {
    auto const at = [this](std::size_t i) { return parameters[i].data(); };
    return travelled<Number>(loss, p.rate)(p.first, at(0))(p.first_bias, at(1))(p.second, at(2))(p.second_bias, at(3));
  }

  classifier_problem<Number> const& p;
  tensor x;
  ddx::tensor<std::int64_t> labels;
  std::vector<tensor> parameters;
  double loss = 0;
};

template <class Number>
struct square_step {
  using tensor = ddx::tensor<Number>;
  explicit square_step(square_problem<Number> const& problem)
      : p(problem),
        start(p.x, {static_cast<std::ptrdiff_t>(p.x.size())}),
        parameters{tensor(p.x, {static_cast<std::ptrdiff_t>(p.x.size())})} {
    parameters[0].requires_grad_();
  }
  void prepare() {
    ddx::no_grad const off;
    parameters[0].copy_(start);
  }
  void operator()() {
    auto const result = pow(parameters[0], 2).sum();
    descend(result, parameters, p.rate);
    loss = static_cast<double>(result.item());
  }
  std::vector<double> outcome() const {
    travelled<Number> result(loss, p.rate);
    return result(p.x, parameters[0].data());
  }

  square_problem<Number> const& p;
  tensor start;
  std::vector<tensor> parameters;
  double loss = 0;
};

}  // namespace

}  // namespace bench

extern "C" void enter(bench::race& r) {
  using namespace bench;
  enter_models<linear_step, network_step, classifier_step, square_step>(r, "ddx tensor");
}

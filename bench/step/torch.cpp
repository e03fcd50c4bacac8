// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The steps of the models A to D with libtorch, eager, one thread: mv where a matrix meets a vector, the fused losses,
// gradients taken without accumulation, updates in place.
#include <torch/torch.h>

#include "contenders.hpp"

namespace bench {

namespace {

template <class Numbers>
torch::Tensor copy_of(Numbers const& values, std::vector<std::int64_t> shape) {
  using number = typename Numbers::value_type;
  auto const type = is_single<number> ? torch::kFloat32 : torch::kFloat64;
  return torch::from_blob(const_cast<number*>(values.data()), shape, type).clone();
}

void descend(torch::Tensor const& loss, std::vector<torch::Tensor> const& parameters, double rate) {
  auto const gradients = torch::autograd::grad({loss}, parameters);
  torch::NoGradGuard const off;
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i].sub_(gradients[i], rate);
}

template <class Element, class Number>
struct linear_step {
  explicit linear_step(linear_problem<Element, Number> const& problem)
      : p(problem), x(copy_of(p.x, {p.rows, p.features})), y(copy_of(p.y, {p.rows})) {}
  void prepare() {
    w = copy_of(p.weights, {p.features}).requires_grad_();
    b = copy_of(std::vector<Number>{p.bias}, {1}).requires_grad_();
  }
  void operator()() {
    auto const result = torch::binary_cross_entropy_with_logits(x.mv(w) + b, y);
    descend(result, {w, b}, p.rate);
    loss = result.template item<double>();
  }
  std::vector<double> outcome() const {
    return travelled<Number>(loss, p.rate)(p.weights, w.template data_ptr<Number>())(p.bias,
                                                                                     *b.template data_ptr<Number>());
  }

  linear_problem<Element, Number> const& p;
  torch::Tensor x, y, w, b;
  double loss = 0;
};

template <class Number>
struct network_step {
  explicit network_step(network_problem<Number> const& problem)
      : p(problem), x(copy_of(p.x, {p.rows, p.features})), y(copy_of(p.y, {p.rows})) {}
  void prepare() {
    parameters = {copy_of(p.first, {p.features, p.hidden}), copy_of(p.first_bias, {p.hidden}),
                  copy_of(p.second, {p.hidden}), copy_of(std::vector<Number>{p.second_bias}, {1})};
    for (auto& each : parameters) each.requires_grad_();
  }
  void operator()() {
    auto const hidden = torch::relu(torch::addmm(parameters[1], x, parameters[0]));
    auto const result = torch::binary_cross_entropy_with_logits(hidden.mv(parameters[2]) + parameters[3], y);
    descend(result, parameters, p.rate);
    loss = result.template item<double>();
  }
  std::vector<double> outcome() const {
    auto const at = [this](std::size_t i) { return parameters[i].template data_ptr<Number>(); };
    return travelled<Number>(loss, p.rate)(p.first, at(0))(p.first_bias, at(1))(p.second, at(2))(p.second_bias, *at(3));
  }

  network_problem<Number> const& p;
  torch::Tensor x, y;
  std::vector<torch::Tensor> parameters;
  double loss = 0;
};

template <class Number>
struct classifier_step {
  explicit classifier_step(classifier_problem<Number> const& problem)
      : p(problem), x(copy_of(p.x, {p.rows, p.features})), labels(torch::empty({p.rows}, torch::kInt64)) {
    for (std::ptrdiff_t i = 0; i < p.rows; ++i)
      labels.data_ptr<std::int64_t>()[i] = p.labels[static_cast<std::size_t>(i)];
  }
  void prepare() {
    parameters = {copy_of(p.first, {p.features, p.hidden}), copy_of(p.first_bias, {p.hidden}),
                  copy_of(p.second, {p.hidden, p.classes}), copy_of(p.second_bias, {p.classes})};
    for (auto& each : parameters) each.requires_grad_();
  }
  void operator()() {
    auto const hidden = torch::relu(torch::addmm(parameters[1], x, parameters[0]));
    auto const result = torch::cross_entropy_loss(torch::addmm(parameters[3], hidden, parameters[2]), labels);
    descend(result, parameters, p.rate);
    loss = result.template item<double>();
  }
  std::vector<double> outcome() const {
    auto const at = [this](std::size_t i) { return parameters[i].template data_ptr<Number>(); };
    return travelled<Number>(loss, p.rate)(p.first, at(0))(p.first_bias, at(1))(p.second, at(2))(p.second_bias, at(3));
  }

  classifier_problem<Number> const& p;
  torch::Tensor x, labels;
  std::vector<torch::Tensor> parameters;
  double loss = 0;
};

template <class Number>
struct square_step {
  explicit square_step(square_problem<Number> const& problem)
      : p(problem), x(copy_of(p.x, {static_cast<std::int64_t>(p.x.size())}).requires_grad_()) {}
  void prepare() {
    torch::NoGradGuard const off;
    x.copy_(torch::from_blob(const_cast<Number*>(p.x.data()), x.sizes(), x.options()));
  }
  void operator()() {
    auto const result = x.square().sum();
    descend(result, {x}, p.rate);
    loss = result.template item<double>();
  }
  std::vector<double> outcome() const {
    travelled<Number> result(loss, p.rate);
    return result(p.x, x.template data_ptr<Number>());
  }

  square_problem<Number> const& p;
  torch::Tensor x;
  double loss = 0;
};

}  // namespace

}  // namespace bench

extern "C" void enter(bench::race& r) {
  using namespace bench;
  at::set_num_threads(1);
  enter_models<linear_step, network_step, classifier_step, square_step>(r, "libtorch");
}

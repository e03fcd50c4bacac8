// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Optimisers: a parameter, its gradient and what was remembered of earlier steps enter; the new parameter and the new memory leave.
//
// Each is one rule in user algebra. Whoever steps (a fused kernel, tensors) calls it with values of its own kind.
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>

namespace ddx {

/// A parameter after a step, and what the optimiser remembers of it: `States` values of its shape, zero before the first step.
template <class Value, std::size_t States>
struct updated {
  Value parameter;
  std::array<Value, States> state;
};

/// An optimiser: how many values it remembers of a parameter, how many numbers its rule has, those numbers in a step, and
/// `update`, the rule. A program may bring its own.
template <class Type>
concept Optimiser = requires(Type const& optimiser) {
  { Type::state_count } -> std::convertible_to<std::size_t>;
  { Type::hyperparameter_count } -> std::convertible_to<std::size_t>;
  { optimiser.hyperparameters(std::size_t{1}) } -> std::convertible_to<std::array<double, Type::hyperparameter_count>>;
};

/// Stochastic gradient descent: w -= lr * gradient.
struct sgd {
  double lr = 0.01;  ///< learning rate, usually 0.001 to 0.1

  static constexpr std::size_t state_count = 0;
  static constexpr std::size_t hyperparameter_count = 1;

  /// The numbers that the rule has in a step; `step` counts from 1.
  constexpr std::array<double, 1> hyperparameters(std::size_t) const { return {lr}; }

  /// The rule of a step; `h` are the hyperparameters.
  template <class Value, class Number>
  static constexpr updated<Value, 0> update(Value const& parameter, Value const& gradient, std::array<Value, 0> const&,
                                            std::array<Number, 1> const& h) {
    return {parameter - h[0] * gradient, {}};
  }
};

/// Gradient descent with momentum (Polyak 1964): v = beta * v + gradient, w -= lr * v.
struct momentum {
  double lr = 0.01;
  double beta = 0.9;

  static constexpr std::size_t state_count = 1;
  static constexpr std::size_t hyperparameter_count = 2;

  constexpr std::array<double, 2> hyperparameters(std::size_t) const { return {lr, beta}; }

  template <class Value, class Number>
  static constexpr updated<Value, 1> update(Value const& parameter, Value const& gradient,
                                            std::array<Value, 1> const& velocity, std::array<Number, 2> const& h) {
    Value const next = next_velocity(gradient, velocity, h);
    return {parameter - h[0] * next, {next}};
  }

  template <class Value, class Number>
  static constexpr Value next_velocity(Value const& gradient, std::array<Value, 1> const& velocity,
                                       std::array<Number, 2> const& h) {
    return h[1] * velocity[0] + gradient;
  }
};

/// Momentum with a look ahead (Nesterov 1983): v = beta * v + gradient, w -= lr * (gradient + beta * v).
struct nesterov {
  double lr = 0.01;
  double beta = 0.9;

  static constexpr std::size_t state_count = 1;
  static constexpr std::size_t hyperparameter_count = 2;

  constexpr std::array<double, 2> hyperparameters(std::size_t) const { return {lr, beta}; }

  template <class Value, class Number>
  static constexpr updated<Value, 1> update(Value const& parameter, Value const& gradient,
                                            std::array<Value, 1> const& velocity, std::array<Number, 2> const& h) {
    Value const next = momentum::next_velocity(gradient, velocity, h);
    return {parameter - h[0] * (gradient + h[1] * next), {next}};
  }
};

/// Adagrad (Duchi, Hazan, Singer 2011): s += gradient^2, w -= lr * gradient / (sqrt(s) + epsilon).
struct adagrad {
  double lr = 0.01;
  double epsilon = 1e-10;

  static constexpr std::size_t state_count = 1;
  static constexpr std::size_t hyperparameter_count = 2;

  constexpr std::array<double, 2> hyperparameters(std::size_t) const { return {lr, epsilon}; }

  template <class Value, class Number>
  static constexpr updated<Value, 1> update(Value const& parameter, Value const& gradient,
                                            std::array<Value, 1> const& squares, std::array<Number, 2> const& h) {
    Value const next = squares[0] + gradient * gradient;
    return {parameter - h[0] * gradient / (sqrt(next) + h[1]), {next}};
  }
};

/// RMSprop (Tieleman, Hinton 2012): s = decay * s + (1 - decay) * gradient^2, w -= lr * gradient / (sqrt(s) + epsilon).
struct rmsprop {
  double lr = 0.01;
  double decay = 0.99;
  double epsilon = 1e-8;

  static constexpr std::size_t state_count = 1;
  static constexpr std::size_t hyperparameter_count = 3;

  constexpr std::array<double, 3> hyperparameters(std::size_t) const { return {lr, decay, epsilon}; }

  template <class Value, class Number>
  static constexpr updated<Value, 1> update(Value const& parameter, Value const& gradient,
                                            std::array<Value, 1> const& squares, std::array<Number, 3> const& h) {
    Value const next = h[1] * squares[0] + (1 - h[1]) * (gradient * gradient);
    return {parameter - h[0] * gradient / (sqrt(next) + h[2]), {next}};
  }
};

/// Adam (Kingma, Ba 2015), with the corrections for the first steps:
/// m = beta1 * m + (1 - beta1) * gradient, s = beta2 * s + (1 - beta2) * gradient^2,
/// w -= lr * (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + epsilon).
struct adam {
  double lr = 0.001;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;

  static constexpr std::size_t state_count = 2;
  static constexpr std::size_t hyperparameter_count = 5;

  /// The rate with the first correction, beta1, beta2, the second correction, epsilon.
  std::array<double, 5> hyperparameters(std::size_t step) const {
    auto const t = static_cast<double>(step);
    return {lr / (1 - std::pow(beta1, t)), beta1, beta2, 1 / (1 - std::pow(beta2, t)), epsilon};
  }

  template <class Value, class Number>
  static constexpr updated<Value, 2> update(Value const& parameter, Value const& gradient,
                                            std::array<Value, 2> const& moments, std::array<Number, 5> const& h) {
    Value const first = h[1] * moments[0] + (1 - h[1]) * gradient;
    Value const second = h[2] * moments[1] + (1 - h[2]) * (gradient * gradient);
    return {parameter - h[0] * first / (sqrt(h[3] * second) + h[4]), {first, second}};
  }
};

/// Adam with weights that decay by themselves (Loshchilov, Hutter 2019): w -= lr * weight_decay * w, then the step of Adam.
struct adamw {
  double lr = 0.001;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;

  static constexpr std::size_t state_count = 2;
  static constexpr std::size_t hyperparameter_count = 6;

  /// What is left of a weight, then those of Adam.
  std::array<double, 6> hyperparameters(std::size_t step) const {
    auto const h = adam{lr, beta1, beta2, epsilon}.hyperparameters(step);
    return {1 - lr * weight_decay, h[0], h[1], h[2], h[3], h[4]};
  }

  template <class Value, class Number>
  static constexpr updated<Value, 2> update(Value const& parameter, Value const& gradient,
                                            std::array<Value, 2> const& moments, std::array<Number, 6> const& h) {
    Value const decayed = h[0] * parameter;
    return adam::update(decayed, gradient, moments, std::array<Number, 5>{h[1], h[2], h[3], h[4], h[5]});
  }
};

}  // namespace ddx

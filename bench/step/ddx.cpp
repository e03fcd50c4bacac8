// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The steps of the models A to D by ddx, from the formulas alone. Compiled once for AVX2 and once for the CPU at hand.
#include "contenders.hpp"
#include "graph_work.hpp"
#include "models.hpp"

namespace bench {

namespace {

using namespace models;

template <class Element, class Number>
struct linear_step {
  static constexpr bool bytes = !std::is_same_v<Element, Number>;
  static constexpr auto make(double rate) {
    if constexpr (bytes) return ddx::stepper<byte_loss, w, b>(ddx::sgd{.lr = rate});
    else return ddx::stepper<linear_loss, w, b>(ddx::sgd{.lr = rate});
  }
  using stepper = decltype(make(0));

  explicit linear_step(linear_problem<Element, Number> const& problem) : p(problem), step(make(p.rate)) {}
  static work least(linear_problem<Element, Number> const& p) {
    return graph_work<stepper>({{"n", p.rows}, {"d", p.features}}, {{"X", sizeof(Element)}, {"y", sizeof(Element)}},
                               sizeof(Number));
  }
  void prepare() {
    weights = p.weights;
    bias = p.bias;
  }
  void operator()() {
    loss = static_cast<double>(step(X = ddx::view(p.x, p.rows, p.features), y = p.y, w = weights, b = bias));
  }
  std::vector<double> outcome() const {
    return travelled<Number>(loss, p.rate)(p.weights, weights.data())(p.bias, bias);
  }

  linear_problem<Element, Number> const& p;
  stepper step;
  std::vector<Number> weights;
  Number bias = 0;
  double loss = 0;
};

template <class Number>
struct network_step {
  static constexpr auto make(double rate) { return ddx::stepper<network_loss, W1, b1, w2, b>(ddx::sgd{.lr = rate}); }
  using stepper = decltype(make(0));

  explicit network_step(network_problem<Number> const& problem) : p(problem), step(make(p.rate)) {}
  static work least(network_problem<Number> const& p) {
    return graph_work<stepper>({{"n", p.rows}, {"d", p.features}, {"h", p.hidden}}, {}, sizeof(Number));
  }
  void prepare() {
    first = p.first;
    first_bias = p.first_bias;
    second = p.second;
    last = p.second_bias;
  }
  void operator()() {
    loss =
        static_cast<double>(step(X = ddx::view(p.x, p.rows, p.features), y = p.y,
                                 W1 = ddx::view(first, p.features, p.hidden), b1 = first_bias, w2 = second, b = last));
  }
  std::vector<double> outcome() const {
    return travelled<Number>(loss, p.rate)(p.first, first.data())(p.first_bias, first_bias.data())(
        p.second, second.data())(p.second_bias, last);
  }

  network_problem<Number> const& p;
  stepper step;
  std::vector<Number> first, first_bias, second;
  Number last = 0;
  double loss = 0;
};

template <class Number>
struct classifier_step {
  static constexpr auto make(double rate) {
    return ddx::stepper<classifier_loss, W1, b1, W2, b2>(ddx::sgd{.lr = rate});
  }
  using stepper = decltype(make(0));

  explicit classifier_step(classifier_problem<Number> const& problem) : p(problem), step(make(p.rate)) {}
  static work least(classifier_problem<Number> const& p) {
    return graph_work<stepper>({{"n", p.rows}, {"d", p.features}, {"h", p.hidden}, {"k", p.classes}}, {{"Y", 1}},
                               sizeof(Number));
  }
  void prepare() {
    first = p.first;
    first_bias = p.first_bias;
    second = p.second;
    second_bias = p.second_bias;
  }
  void operator()() {
    loss = static_cast<double>(step(X = ddx::view(p.x, p.rows, p.features), Y = ddx::view(p.one_hot, p.rows, p.classes),
                                    W1 = ddx::view(first, p.features, p.hidden), b1 = first_bias,
                                    W2 = ddx::view(second, p.hidden, p.classes), b2 = second_bias));
  }
  std::vector<double> outcome() const {
    return travelled<Number>(loss, p.rate)(p.first, first.data())(p.first_bias, first_bias.data())(
        p.second, second.data())(p.second_bias, second_bias.data());
  }

  classifier_problem<Number> const& p;
  stepper step;
  std::vector<Number> first, first_bias, second, second_bias;
  double loss = 0;
};

template <class Number>
struct square_step {
  static constexpr auto make(double rate) { return ddx::stepper<square_loss, x>(ddx::sgd{.lr = rate}); }
  using stepper = decltype(make(0));

  explicit square_step(square_problem<Number> const& problem) : p(problem), step(make(p.rate)) {}
  static work least(square_problem<Number> const& p) {
    return graph_work<stepper>({{"n", static_cast<std::ptrdiff_t>(p.x.size())}}, {}, sizeof(Number));
  }
  void prepare() { at = p.x; }
  void operator()() { loss = static_cast<double>(step(x = at)); }
  std::vector<double> outcome() const {
    travelled<Number> result(loss, p.rate);
    return result(p.x, at.data());
  }

  square_problem<Number> const& p;
  stepper step;
  std::vector<Number> at;
  double loss = 0;
};

/// Enters, and tells what the graph of the step says must be done.
template <class Step, class Problem>
void enter_with_work(race& r) {
  if (!enter_as<Step, Problem>(r, DDX_NAME)) return;
  work const counted = Step::least(*r.get<Problem>());
  r.least.flops = counted.flops;
  r.least.bytes = counted.bytes;
}

}  // namespace

}  // namespace bench

extern "C" void enter(bench::race& r) {
  using namespace bench;
  enter_with_work<linear_step<float, float>, linear_problem<float, float>>(r);
  enter_with_work<linear_step<double, double>, linear_problem<double, double>>(r);
  enter_with_work<linear_step<std::uint8_t, float>, linear_problem<std::uint8_t, float>>(r);
  enter_with_work<network_step<float>, network_problem<float>>(r);
  enter_with_work<network_step<double>, network_problem<double>>(r);
  enter_with_work<classifier_step<float>, classifier_problem<float>>(r);
  enter_with_work<classifier_step<double>, classifier_problem<double>>(r);
  enter_with_work<square_step<float>, square_problem<float>>(r);
  enter_with_work<square_step<double>, square_problem<double>>(r);
}

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The steps of the models A to D in plain loops, derived by hand: compiled once with -O3 and once with -ffast-math.
#include <algorithm>
#include <cmath>
#include <vector>

#include "contenders.hpp"

namespace bench {

namespace {

template <class Number>
Number softplus(Number z) {
  return std::max(z, Number(0)) + std::log1p(std::exp(-std::abs(z)));
}

template <class Number>
void go_down(std::vector<Number>& parameter, std::vector<Number> const& gradient, Number factor) {
  for (std::size_t i = 0; i < parameter.size(); ++i) parameter[i] -= factor * gradient[i];
}

template <class Element, class Number>
struct linear_step {
  using problem = linear_problem<Element, Number>;
  explicit linear_step(problem const& problem_) : p(problem_) {}
  problem const& p;
  std::vector<Number> w = p.weights, gradient = std::vector<Number>(w.size());
  Number b = p.bias, loss = 0;

  void prepare() {
    w = p.weights;
    b = p.bias;
  }

  void operator()() {
    auto const n = static_cast<std::size_t>(p.rows), d = w.size();
    std::fill(gradient.begin(), gradient.end(), Number(0));
    Number slopes = 0;
    loss = 0;
    for (std::size_t i = 0; i < n; ++i) {
      Element const* const x = p.x.data() + i * d;
      Number z = 0;
      for (std::size_t k = 0; k < d; ++k) z += static_cast<Number>(x[k]) * w[k];
      z = z * problem::scale + b;
      Number const y = static_cast<Number>(p.y[i]), slope = 1 / (1 + std::exp(-z)) - y;
      loss += softplus(z) - y * z;
      slopes += slope;
      for (std::size_t k = 0; k < d; ++k) gradient[k] += slope * static_cast<Number>(x[k]);
    }
    Number const factor = p.rate / static_cast<Number>(n);
    go_down(w, gradient, factor * problem::scale);
    b -= factor * slopes;
    loss /= static_cast<Number>(n);
  }

  std::vector<double> outcome() const {
    return travelled<Number>(static_cast<double>(loss), p.rate)(p.weights, w.data())(p.bias, b);
  }
};

/// Both networks: `outputs` numbers a row, whose losses and slopes the derived class knows.
template <class Derived, class Problem>
struct layers {
  using Number = typename Problem::number;
  explicit layers(Problem const& problem_) : p(problem_) {}
  Problem const& p;
  std::size_t const n = static_cast<std::size_t>(p.rows), d = static_cast<std::size_t>(p.features),
                    h = static_cast<std::size_t>(p.hidden), k = Derived::outputs(p);
  std::vector<Number> first = p.first, first_bias = p.first_bias, second = p.second, second_bias = Derived::last(p);
  std::vector<Number> g_first = std::vector<Number>(d * h), g_first_bias = std::vector<Number>(h),
                      g_second = std::vector<Number>(h * k), g_second_bias = std::vector<Number>(k);
  std::vector<Number> hidden = std::vector<Number>(h), back = std::vector<Number>(h), z = std::vector<Number>(k);
  Number loss = 0;

  void prepare() {
    first = p.first;
    first_bias = p.first_bias;
    second = p.second;
    second_bias = Derived::last(p);
  }

  void operator()() {
    for (auto* gradient : {&g_first, &g_first_bias, &g_second, &g_second_bias})
      std::fill(gradient->begin(), gradient->end(), Number(0));
    loss = 0;
    for (std::size_t i = 0; i < n; ++i) {
      Number const* const x = p.x.data() + i * d;
      std::copy(first_bias.begin(), first_bias.end(), hidden.begin());
      for (std::size_t a = 0; a < d; ++a)
        for (std::size_t j = 0; j < h; ++j) hidden[j] += x[a] * first[a * h + j];
      for (std::size_t j = 0; j < h; ++j) hidden[j] = std::max(hidden[j], Number(0));
      std::copy(second_bias.begin(), second_bias.end(), z.begin());
      for (std::size_t j = 0; j < h; ++j)
        for (std::size_t c = 0; c < k; ++c) z[c] += hidden[j] * second[j * k + c];
      loss += static_cast<Derived*>(this)->slopes(i);
      for (std::size_t j = 0; j < h; ++j) {
        Number sum = 0;
        for (std::size_t c = 0; c < k; ++c) {
          sum += z[c] * second[j * k + c];
          g_second[j * k + c] += hidden[j] * z[c];
        }
        back[j] = hidden[j] > 0 ? sum : Number(0);
        g_first_bias[j] += back[j];
      }
      for (std::size_t c = 0; c < k; ++c) g_second_bias[c] += z[c];
      for (std::size_t a = 0; a < d; ++a)
        for (std::size_t j = 0; j < h; ++j) g_first[a * h + j] += x[a] * back[j];
    }
    Number const factor = p.rate / static_cast<Number>(n);
    go_down(first, g_first, factor);
    go_down(first_bias, g_first_bias, factor);
    go_down(second, g_second, factor);
    go_down(second_bias, g_second_bias, factor);
    loss /= static_cast<Number>(n);
  }

  std::vector<double> outcome() const {
    return travelled<Number>(static_cast<double>(loss), p.rate)(p.first, first.data())(p.first_bias, first_bias.data())(
        p.second, second.data())(Derived::last(p), second_bias.data());
  }
};

template <class Number>
struct network_step : layers<network_step<Number>, network_problem<Number>> {
  using network_step::layers::layers;
  static std::size_t outputs(network_problem<Number> const&) { return 1; }
  static std::vector<Number> last(network_problem<Number> const& p) { return {p.second_bias}; }
  Number slopes(std::size_t row) {
    Number const y = this->p.y[row], z = this->z[0];
    this->z[0] = 1 / (1 + std::exp(-z)) - y;
    return softplus(z) - y * z;
  }
};

template <class Number>
struct classifier_step : layers<classifier_step<Number>, classifier_problem<Number>> {
  using classifier_step::layers::layers;
  static std::size_t outputs(classifier_problem<Number> const& p) { return static_cast<std::size_t>(p.classes); }
  static std::vector<Number> last(classifier_problem<Number> const& p) { return p.second_bias; }
  Number slopes(std::size_t row) {
    auto& z = this->z;
    Number const largest = *std::max_element(z.begin(), z.end()), chosen = z[this->p.labels[row]];
    Number sum = 0;
    for (Number& v : z) sum += v = std::exp(v - largest);
    for (Number& v : z) v /= sum;
    z[this->p.labels[row]] -= 1;
    return largest + std::log(sum) - chosen;
  }
};

template <class Number>
struct square_step {
  explicit square_step(square_problem<Number> const& problem_) : p(problem_) {}
  square_problem<Number> const& p;
  std::vector<Number> x = p.x;
  double loss = 0;

  void prepare() { x = p.x; }
  void operator()() {
    double sum = 0;  // a float would stop growing
    for (Number& v : x) {
      sum += static_cast<double>(v * v);
      v -= p.rate * 2 * v;
    }
    loss = sum;
  }
  std::vector<double> outcome() const {
    travelled<Number> result(loss, p.rate);
    return result(p.x, x.data());
  }
};

}  // namespace

}  // namespace bench

extern "C" void enter(bench::race& r) {
  using namespace bench;
  enter_models<linear_step, network_step, classifier_step, square_step>(r, PLAIN_NAME);
  enter_as<linear_step<std::uint8_t, float>, linear_problem<std::uint8_t, float>>(r, PLAIN_NAME);
}

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The steps of the models A to D with Eigen, derived by hand: whole-array expressions, products with noalias().
#include <Eigen/Dense>

#include "contenders.hpp"

namespace bench {

namespace {

template <class Number>
using rows_of = Eigen::Matrix<Number, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Number>
using column = Eigen::Matrix<Number, Eigen::Dynamic, 1>;
template <class Number>
using line = Eigen::Matrix<Number, 1, Eigen::Dynamic>;

/// The mean loss of logits z, which become their slopes.
template <class Number>
Number cross_entropy(column<Number>& z, column<Number>& e, Eigen::Map<column<Number> const> const& y) {
  e = (-z.array().abs()).exp();
  Number const loss = (z.array().max(Number(0)) + e.array().log1p() - y.array() * z.array()).mean();
  z = (z.array() >= 0).select(1 / (1 + e.array()), e.array() / (1 + e.array())) - y.array();
  return loss;
}

template <class Element, class Number>
struct linear_step {
  explicit linear_step(linear_problem<Element, Number> const& problem)
      : p(problem), x(p.x.data(), p.rows, p.features), y(p.y.data(), p.rows), z(p.rows), e(p.rows) {}

  void prepare() {
    w = Eigen::Map<column<Number> const>(p.weights.data(), p.features);
    b = p.bias;
  }
  void operator()() {
    z.noalias() = x * w;
    z.array() += b;
    loss = cross_entropy<Number>(z, e, y);
    Number const factor = p.rate / static_cast<Number>(p.rows);
    w.noalias() -= factor * (x.transpose() * z);
    b -= factor * z.sum();
  }
  std::vector<double> outcome() const {
    return travelled<Number>(static_cast<double>(loss), p.rate)(p.weights, w.data())(p.bias, b);
  }

  linear_problem<Element, Number> const& p;
  Eigen::Map<rows_of<Number> const> x;
  Eigen::Map<column<Number> const> y;
  column<Number> z, e, w;
  Number b = 0, loss = 0;
};

template <class Number>
struct network_step {
  explicit network_step(network_problem<Number> const& problem)
      : p(problem),
        x(p.x.data(), p.rows, p.features),
        y(p.y.data(), p.rows),
        hidden(p.rows, p.hidden),
        back(p.rows, p.hidden),
        z(p.rows),
        e(p.rows) {}

  void prepare() {
    first = Eigen::Map<rows_of<Number> const>(p.first.data(), p.features, p.hidden);
    first_bias = Eigen::Map<line<Number> const>(p.first_bias.data(), p.hidden);
    second = Eigen::Map<column<Number> const>(p.second.data(), p.hidden);
    last = p.second_bias;
  }
  void operator()() {
    hidden.noalias() = x * first;
    hidden = (hidden.rowwise() + first_bias).cwiseMax(Number(0));
    z.noalias() = hidden * second;
    z.array() += last;
    loss = cross_entropy<Number>(z, e, y);
    Number const factor = p.rate / static_cast<Number>(p.rows);
    back.noalias() = z * second.transpose();
    back = (hidden.array() > 0).select(back, Number(0));
    second.noalias() -= factor * (hidden.transpose() * z);
    last -= factor * z.sum();
    first.noalias() -= factor * (x.transpose() * back);
    first_bias.noalias() -= factor * back.colwise().sum();
  }
  std::vector<double> outcome() const {
    return travelled<Number>(static_cast<double>(loss), p.rate)(p.first, first.data())(p.first_bias, first_bias.data())(
        p.second, second.data())(p.second_bias, last);
  }

  network_problem<Number> const& p;
  Eigen::Map<rows_of<Number> const> x;
  Eigen::Map<column<Number> const> y;
  rows_of<Number> hidden, back, first;
  line<Number> first_bias;
  column<Number> z, e, second;
  Number last = 0, loss = 0;
};

template <class Number>
struct classifier_step {
  explicit classifier_step(classifier_problem<Number> const& problem)
      : p(problem),
        x(p.x.data(), p.rows, p.features),
        hidden(p.rows, p.hidden),
        back(p.rows, p.hidden),
        z(p.rows, p.classes),
        largest(p.rows),
        sums(p.rows) {}

  void prepare() {
    first = Eigen::Map<rows_of<Number> const>(p.first.data(), p.features, p.hidden);
    first_bias = Eigen::Map<line<Number> const>(p.first_bias.data(), p.hidden);
    second = Eigen::Map<rows_of<Number> const>(p.second.data(), p.hidden, p.classes);
    last = Eigen::Map<line<Number> const>(p.second_bias.data(), p.classes);
  }
  void operator()() {
    hidden.noalias() = x * first;
    hidden = (hidden.rowwise() + first_bias).cwiseMax(Number(0));
    z.noalias() = hidden * second;
    z.rowwise() += last;
    largest = z.rowwise().maxCoeff();
    Number chosen = 0;
    for (Eigen::Index i = 0; i < z.rows(); ++i) chosen += z(i, p.labels[static_cast<std::size_t>(i)]);
    z = (z.colwise() - largest).array().exp();
    sums = z.rowwise().sum();
    loss = ((largest.array() + sums.array().log()).sum() - chosen) / static_cast<Number>(p.rows);
    z.array().colwise() /= sums.array();
    for (Eigen::Index i = 0; i < z.rows(); ++i) z(i, p.labels[static_cast<std::size_t>(i)]) -= 1;
    Number const factor = p.rate / static_cast<Number>(p.rows);
    back.noalias() = z * second.transpose();
    back = (hidden.array() > 0).select(back, Number(0));
    second.noalias() -= factor * (hidden.transpose() * z);
    last.noalias() -= factor * z.colwise().sum();
    first.noalias() -= factor * (x.transpose() * back);
    first_bias.noalias() -= factor * back.colwise().sum();
  }
  std::vector<double> outcome() const {
    return travelled<Number>(static_cast<double>(loss), p.rate)(p.first, first.data())(p.first_bias, first_bias.data())(
        p.second, second.data())(p.second_bias, last.data());
  }

  classifier_problem<Number> const& p;
  Eigen::Map<rows_of<Number> const> x;
  rows_of<Number> hidden, back, z, first, second;
  line<Number> first_bias, last;
  column<Number> largest, sums;
  Number loss = 0;
};

template <class Number>
struct square_step {
  explicit square_step(square_problem<Number> const& problem) : p(problem) {}
  void prepare() { x = Eigen::Map<column<Number> const>(p.x.data(), static_cast<Eigen::Index>(p.x.size())); }
  void operator()() {
    loss = x.squaredNorm();
    x -= p.rate * (2 * x);
  }
  std::vector<double> outcome() const {
    travelled<Number> result(static_cast<double>(loss), p.rate);
    return result(p.x, x.data());
  }

  square_problem<Number> const& p;
  column<Number> x;
  Number loss = 0;
};

}  // namespace

}  // namespace bench

extern "C" void enter(bench::race& r) {
  using namespace bench;
  enter_models<linear_step, network_step, classifier_step, square_step>(r, "Eigen");
}

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The steps of the models A to C with a BLAS, derived by hand: products and updates by gemv and gemm, the rest in plain
// loops that the compiler vectorises. Compiled once for each BLAS.
#include <cblas.h>

#include <algorithm>
#include <cmath>

#include "contenders.hpp"

namespace bench {

namespace {

template <class Number>
struct blas;

template <>
struct blas<float> {
  static constexpr auto gemv = cblas_sgemv;
  static constexpr auto gemm = cblas_sgemm;
  static constexpr auto axpy = cblas_saxpy;
  static constexpr auto dot = cblas_sdot;
  static constexpr auto scal = cblas_sscal;
};
template <>
struct blas<double> {
  static constexpr auto gemv = cblas_dgemv;
  static constexpr auto gemm = cblas_dgemm;
  static constexpr auto axpy = cblas_daxpy;
  static constexpr auto dot = cblas_ddot;
  static constexpr auto scal = cblas_dscal;
};

/// The sum of the losses of logits z, which become their slopes. With -ffast-math these loops are vector code.
template <class Number>
Number cross_entropy(std::vector<Number>& z, std::vector<Number> const& y) {
  Number loss = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    Number const e = std::exp(-std::abs(z[i])), part = 1 / (1 + e);
    loss += std::max(z[i], Number(0)) - std::log(part) - y[i] * z[i];
    z[i] = (z[i] >= 0 ? part : e * part) - y[i];
  }
  return loss;
}

template <class Element, class Number>
struct linear_step {
  explicit linear_step(linear_problem<Element, Number> const& problem) : p(problem), z(p.y.size()) {}
  void prepare() {
    w = p.weights;
    b = p.bias;
  }
  void operator()() {
    int const n = static_cast<int>(p.rows), d = static_cast<int>(p.features);
    std::fill(z.begin(), z.end(), b);
    blas<Number>::gemv(CblasRowMajor, CblasNoTrans, n, d, 1, p.x.data(), d, w.data(), 1, 1, z.data(), 1);
    loss = cross_entropy(z, p.y) / static_cast<Number>(n);
    Number const factor = p.rate / static_cast<Number>(n);
    blas<Number>::gemv(CblasRowMajor, CblasTrans, n, d, -factor, p.x.data(), d, z.data(), 1, 1, w.data(), 1);
    Number slopes = 0;
    for (Number v : z) slopes += v;
    b -= factor * slopes;
  }
  std::vector<double> outcome() const {
    return travelled<Number>(static_cast<double>(loss), p.rate)(p.weights, w.data())(p.bias, b);
  }

  linear_problem<Element, Number> const& p;
  std::vector<Number> z, w;
  Number b = 0, loss = 0;
};

template <class Derived, class Problem>
struct layers {
  using Number = typename Problem::number;
  explicit layers(Problem const& problem) : p(problem) {}
  void prepare() {
    first = p.first;
    first_bias = p.first_bias;
    second = p.second;
    last = Derived::last_bias(p);
  }
  void operator()() {
    int const n = static_cast<int>(p.rows), d = static_cast<int>(p.features), h = static_cast<int>(p.hidden),
              k = static_cast<int>(last.size());
    repeat(hidden, first_bias);
    blas<Number>::gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, h, d, 1, p.x.data(), d, first.data(), h, 1,
                       hidden.data(), h);
    for (Number& v : hidden) v = std::max(v, Number(0));
    repeat(z, last);
    if (k == 1)
      blas<Number>::gemv(CblasRowMajor, CblasNoTrans, n, h, 1, hidden.data(), h, second.data(), 1, 1, z.data(), 1);
    else
      blas<Number>::gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, k, h, 1, hidden.data(), h, second.data(), k, 1,
                         z.data(), k);
    loss = static_cast<Derived*>(this)->slopes() / static_cast<Number>(n);
    Number const factor = p.rate / static_cast<Number>(n);
    if (k == 1) {
      for (std::size_t i = 0; i < z.size(); ++i)
        for (std::size_t j = 0; j < second.size(); ++j) back[i * second.size() + j] = z[i] * second[j];
    } else {
      blas<Number>::gemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, h, k, 1, z.data(), k, second.data(), k, 0,
                         back.data(), h);
    }
    for (std::size_t i = 0; i < back.size(); ++i) back[i] = hidden[i] > 0 ? back[i] : Number(0);
    if (k == 1)
      blas<Number>::gemv(CblasRowMajor, CblasTrans, n, h, -factor, hidden.data(), h, z.data(), 1, 1, second.data(), 1);
    else
      blas<Number>::gemm(CblasRowMajor, CblasTrans, CblasNoTrans, h, k, n, -factor, hidden.data(), h, z.data(), k, 1,
                         second.data(), k);
    add_columns(last, z, -factor);
    blas<Number>::gemm(CblasRowMajor, CblasTrans, CblasNoTrans, d, h, n, -factor, p.x.data(), d, back.data(), h, 1,
                       first.data(), h);
    add_columns(first_bias, back, -factor);
  }
  std::vector<double> outcome() const {
    return travelled<Number>(static_cast<double>(loss), p.rate)(p.first, first.data())(p.first_bias, first_bias.data())(
        p.second, second.data())(Derived::last_bias(p), last.data());
  }

  static void repeat(std::vector<Number>& rows, std::vector<Number> const& row) {
    for (std::size_t i = 0; i < rows.size(); i += row.size())
      std::copy(row.begin(), row.end(), rows.begin() + static_cast<std::ptrdiff_t>(i));
  }
  static void add_columns(std::vector<Number>& to, std::vector<Number> const& rows, Number factor) {
    for (std::size_t i = 0; i < rows.size(); i += to.size())
      for (std::size_t j = 0; j < to.size(); ++j) to[j] += factor * rows[i + j];
  }

  Problem const& p;
  std::size_t outputs = Derived::last_bias(p).size();
  std::vector<Number> first, first_bias, second, last;
  std::vector<Number> hidden = std::vector<Number>(static_cast<std::size_t>(p.rows * p.hidden)), back = hidden,
                      z = std::vector<Number>(static_cast<std::size_t>(p.rows) * outputs);
  Number loss = 0;
};

template <class Number>
struct network_step : layers<network_step<Number>, network_problem<Number>> {
  using network_step::layers::layers;
  static std::vector<Number> last_bias(network_problem<Number> const& p) { return {p.second_bias}; }
  Number slopes() { return cross_entropy(this->z, this->p.y); }
};

template <class Number>
struct classifier_step : layers<classifier_step<Number>, classifier_problem<Number>> {
  using classifier_step::layers::layers;
  static std::vector<Number> last_bias(classifier_problem<Number> const& p) { return p.second_bias; }
  Number slopes() {
    Number total = 0;
    std::size_t const k = this->outputs;
    for (std::size_t i = 0; i < this->p.labels.size(); ++i) {
      Number* const z = this->z.data() + i * k;
      Number const largest = *std::max_element(z, z + k), chosen = z[this->p.labels[i]];
      Number sum = 0;
      for (std::size_t c = 0; c < k; ++c) sum += z[c] = std::exp(z[c] - largest);
      for (std::size_t c = 0; c < k; ++c) z[c] /= sum;
      z[this->p.labels[i]] -= 1;
      total += largest + std::log(sum) - chosen;
    }
    return total;
  }
};

template <class Number>
struct square_step {
  explicit square_step(square_problem<Number> const& problem) : p(problem) {}
  void prepare() { x = p.x; }
  void operator()() {
    int const n = static_cast<int>(x.size());
    loss = blas<Number>::dot(n, x.data(), 1, x.data(), 1);
    blas<Number>::scal(n, 1 - 2 * p.rate, x.data(), 1);
  }
  std::vector<double> outcome() const {
    travelled<Number> result(static_cast<double>(loss), p.rate);
    return result(p.x, x.data());
  }

  square_problem<Number> const& p;
  std::vector<Number> x;
  Number loss = 0;
};

}  // namespace

}  // namespace bench

extern "C" void enter(bench::race& r) {
  using namespace bench;
  enter_models<linear_step, network_step, classifier_step, square_step>(r, BLAS_NAME);
}

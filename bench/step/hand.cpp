// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The steps of the models A to D by hand, with AVX2 intrinsics: derived on paper, blocked for registers and caches.
#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "../core/vectors.hpp"
#include "contenders.hpp"

namespace bench {

namespace {

template <class Number>
using vectors_of = std::conditional_t<is_single<Number>, singles, doubles>;

/// 64-byte aligned numbers, zero at first.
template <class Number>
class aligned {
 public:
  explicit aligned(std::ptrdiff_t count)
      : memory_(static_cast<std::size_t>(count) + 64 / sizeof(Number)),
        data_(reinterpret_cast<Number*>((reinterpret_cast<std::uintptr_t>(memory_.data()) + 63) / 64 * 64)) {}
  aligned(aligned const&) = delete;
  aligned& operator=(aligned const&) = delete;
  Number* get() { return data_; }
  Number& operator[](std::ptrdiff_t i) { return data_[i]; }

 private:
  std::vector<Number> memory_;
  Number* data_;
};

/// The losses and slopes of binary cross-entropy for vectors of logits z and classes y.
template <class V>
struct cross_entropy {
  typename V::vector loss, slope;
  cross_entropy(typename V::vector z, typename V::vector y) {
    auto const e = V::exp(V::negative_size(z)), one = V::set(1), part = one / (one + e);
    loss = V::max(z, V::zero()) + V::log1p(e) - y * z;
    slope = V::choose(part, e * part, z) - y;
  }
};

// ---- A

template <class Element, class Number>
class linear_step {
  using V = vectors_of<Number>;
  using vector = typename V::vector;
  using problem = linear_problem<Element, Number>;
  static constexpr int block = 8;
  static constexpr std::size_t cached_bytes = std::size_t{1}
                                              << 20;  // data that stay in the second cache need no fetching ahead

 public:
  explicit linear_step(problem const& p)
      : p_(p), cached_(p.x.size() * sizeof(Element) <= cached_bytes), w_(p.features), gradient_(p.features) {
    prepare();
  }

  void prepare() {
    std::copy(p_.weights.begin(), p_.weights.end(), w_.get());
    bias_ = p_.bias;
  }

  void operator()() {
    std::fill_n(gradient_.get(), p_.features, Number(0));
    loss_ = slope_ = 0;
    std::ptrdiff_t row = 0;
    if (cached_)
      for (; row + block <= p_.rows; row += block) rows<block, false>(row);
    else
      for (; row + block <= p_.rows; row += block) rows<block, true>(row);
    for (; row < p_.rows; ++row) rows<1, false>(row);
    Number const factor = p_.rate / static_cast<Number>(p_.rows);
    vector const down = V::set(-factor * problem::scale);
    for (std::ptrdiff_t k = 0; k < p_.features; k += V::lanes)
      V::store(w_.get() + k, V::fma(down, V::load(gradient_.get() + k), V::load(w_.get() + k)));
    bias_ -= factor * static_cast<Number>(slope_);
    loss_ /= static_cast<double>(p_.rows);
  }

  std::vector<double> outcome() { return travelled<Number>(loss_, p_.rate)(p_.weights, w_.get())(p_.bias, bias_); }

 private:
  /// A block of rows stays in the first cache from its logits to its part of the gradient, while the lines of the block
  /// after next are fetched, two in every iteration.
  template <int count, bool ahead_of_use>
  void rows(std::ptrdiff_t row) {
    std::ptrdiff_t const d = p_.features;
    Element const* const x = p_.x.data() + row * d;
    char const* ahead = reinterpret_cast<char const*>(x + (sizeof(Element) == 1 ? 4 : 2) * block * d);
    constexpr int lines = 2 * block * V::lanes * static_cast<int>(sizeof(Element)) / 256;
    auto const fetch = [&] {
      if constexpr (ahead_of_use) {
        for (int i = 0; i < lines; ++i, ahead += 64) _mm_prefetch(ahead, _MM_HINT_T1);
        if constexpr (lines == 0) {
          _mm_prefetch(ahead, _MM_HINT_T1);
          ahead += block * V::lanes * static_cast<int>(sizeof(Element)) / 2;
        }
      }
    };
    vector sums[count];
    for (vector& sum : sums) sum = V::zero();
    for (std::ptrdiff_t k = 0; k < d; k += V::lanes) {
      vector const w = V::load(w_.get() + k);
#pragma GCC unroll 8
      for (int r = 0; r < count; ++r) sums[r] = V::fma(V::load(x + r * d + k), w, sums[r]);
      fetch();
    }
    alignas(32) Number z[block]{}, y[block]{}, losses[block], slopes[block];
    for (int r = 0; r < count; ++r) {
      z[r] = total(sums[r]) * problem::scale + bias_;
      y[r] = static_cast<Number>(p_.y[static_cast<std::size_t>(row + r)]);
    }
    for (int r = 0; r < block; r += V::lanes) {
      cross_entropy<V> const c(V::load(z + r), V::load(y + r));
      V::store(losses + r, c.loss);
      V::store(slopes + r, c.slope);
    }
    vector slope[count];
    for (int r = 0; r < count; ++r) {
      loss_ += static_cast<double>(losses[r]);
      slope_ += static_cast<double>(slopes[r]);
      slope[r] = V::set(slopes[r]);
    }
    Number* const g = gradient_.get();
    for (std::ptrdiff_t k = 0; k < d; k += V::lanes) {
      vector even = V::load(g + k), odd = V::zero();
#pragma GCC unroll 8
      for (int r = 0; r < count; ++r) {
        vector& sum = r % 2 == 0 ? even : odd;
        sum = V::fma(V::load(x + r * d + k), slope[r], sum);
      }
      V::store(g + k, even + odd);
      fetch();
    }
  }

  problem const& p_;
  bool cached_;
  aligned<Number> w_, gradient_;
  Number bias_ = 0;
  double loss_ = 0, slope_ = 0;
};

// ---- B and C: products in blocks of 6 rows by 2 vectors, which 12 accumulators hold

template <class V>
struct blocks {
  using vector = typename V::vector;
  using number = typename V::number;
  static constexpr int width = 2 * V::lanes;  // of a panel: matrices are kept as panels of this many columns

  /// sums[r] += the sum over k of a[r * row + k * column] * panel[k].
  template <int count>
  static void accumulate(vector (&sums)[count][2], number const* a, std::ptrdiff_t row, std::ptrdiff_t column,
                         number const* panel, std::ptrdiff_t length) {
    for (std::ptrdiff_t k = 0; k < length; ++k, a += column, panel += width) {
      vector const left = V::load(panel), right = V::load(panel + V::lanes);
#pragma GCC unroll 6
      for (int r = 0; r < count; ++r) {
        vector const x = V::broadcast(a + r * row);
        sums[r][0] = V::fma(x, left, sums[r][0]);
        sums[r][1] = V::fma(x, right, sums[r][1]);
      }
    }
  }

  /// f(first, std::integral_constant<count>) for blocks of 6, then 4, then 1 that cover 0 to `size`.
  template <class Function>
  static void cover(std::ptrdiff_t size, Function f) {
    std::ptrdiff_t i = 0;
    for (; i + 6 <= size; i += 6) f(i, std::integral_constant<int, 6>{});
    for (; i + 4 <= size; i += 4) f(i, std::integral_constant<int, 4>{});
    for (; i < size; ++i) f(i, std::integral_constant<int, 1>{});
  }
};

/// The first layer, forward and backward, which both networks have: h = relu(x W + b), W -= rate x^T dh.
template <class Number>
class first_layer {
 protected:
  using V = vectors_of<Number>;
  using vector = typename V::vector;
  using part = blocks<V>;
  static constexpr int width = part::width;
  static constexpr std::ptrdiff_t batch = 64;  // rows whose part of a gradient is taken at a time

  first_layer(Number const* x, std::ptrdiff_t rows, std::ptrdiff_t features, std::ptrdiff_t hidden, Number rate)
      : x_(x),
        n_(rows),
        d_(features),
        h_(hidden),
        panels_((hidden + width - 1) / width),
        factor_(rate / static_cast<Number>(rows)),
        first_(panels_ * width * features),
        bias_(panels_ * width),
        hidden_(panels_ * width * rows),
        back_(panels_ * width * rows) {}

  void set(std::vector<Number> const& first, std::vector<Number> const& bias) {
    for (std::ptrdiff_t j = 0; j < h_; ++j) {
      bias_[j] = bias[static_cast<std::size_t>(j)];
      for (std::ptrdiff_t k = 0; k < d_; ++k) first_[place(k, j)] = first[static_cast<std::size_t>(k * h_ + j)];
    }
  }

  std::ptrdiff_t place(std::ptrdiff_t k, std::ptrdiff_t j) const { return (j / width * d_ + k) * width + j % width; }
  Number* hidden(std::ptrdiff_t panel) { return hidden_.get() + panel * n_ * width; }
  Number* back(std::ptrdiff_t panel) { return back_.get() + panel * n_ * width; }

  void forward() {
    part::cover(n_, [&]<int count>(std::ptrdiff_t row, std::integral_constant<int, count>) {
      for (std::ptrdiff_t p = 0; p < panels_; ++p) {
        vector sums[count][2];
        for (auto& sum : sums) {
          sum[0] = V::load(bias_.get() + p * width);
          sum[1] = V::load(bias_.get() + p * width + V::lanes);
        }
        part::template accumulate<count>(sums, x_ + row * d_, d_, 1, first_.get() + p * d_ * width, d_);
        for (int r = 0; r < count; ++r) {
          V::store(hidden(p) + (row + r) * width, V::max(sums[r][0], V::zero()));
          V::store(hidden(p) + (row + r) * width + V::lanes, V::max(sums[r][1], V::zero()));
        }
      }
    });
  }

  /// The gradient is never stored: it leaves its registers for the weights.
  void update() {
    vector const down = V::set(-factor_);
    for (std::ptrdiff_t p = 0; p < panels_; ++p) {
      vector left = V::zero(), right = V::zero();
      for (std::ptrdiff_t i = 0; i < n_; ++i) {
        left += V::load(back(p) + i * width);
        right += V::load(back(p) + i * width + V::lanes);
      }
      Number* const b = bias_.get() + p * width;
      V::store(b, V::fma(down, left, V::load(b)));
      V::store(b + V::lanes, V::fma(down, right, V::load(b + V::lanes)));
    }
    for (std::ptrdiff_t row = 0; row < n_; row += batch) {
      std::ptrdiff_t const rows = std::min(batch, n_ - row);
      part::cover(d_, [&]<int count>(std::ptrdiff_t k, std::integral_constant<int, count>) {
        for (std::ptrdiff_t p = 0; p < panels_; ++p) {
          vector sums[count][2];
          for (auto& sum : sums) sum[0] = sum[1] = V::zero();
          part::template accumulate<count>(sums, x_ + row * d_ + k, 1, d_, back(p) + row * width, rows);
          for (int r = 0; r < count; ++r)
            for (int half = 0; half < 2; ++half) {
              Number* const w = first_.get() + (p * d_ + k + r) * width + half * V::lanes;
              V::store(w, V::fma(down, sums[r][half], V::load(w)));
            }
        }
      });
    }
  }

  travelled<Number>& add_first(travelled<Number>& result, std::vector<Number> const& first,
                               std::vector<Number> const& bias) {
    for (std::ptrdiff_t k = 0; k < d_; ++k)
      for (std::ptrdiff_t j = 0; j < h_; ++j) result(first[static_cast<std::size_t>(k * h_ + j)], first_[place(k, j)]);
    return result(bias, bias_.get());
  }

  Number const* x_;
  std::ptrdiff_t n_, d_, h_, panels_;
  Number factor_;
  aligned<Number> first_, bias_, hidden_, back_;
};

template <class Number>
class network_step : first_layer<Number> {
  using base = first_layer<Number>;
  using base::width, base::n_, base::panels_, base::factor_;
  using typename base::V;
  using typename base::vector;

 public:
  explicit network_step(network_problem<Number> const& p)
      : base(p.x.data(), p.rows, p.features, p.hidden, p.rate),
        p_(p),
        second_(panels_ * width),
        z_(p.rows + V::lanes),
        slope_(p.rows + V::lanes),
        y_(p.rows + V::lanes) {
    std::copy(p.y.begin(), p.y.end(), y_.get());
    prepare();
  }

  void prepare() {
    base::set(p_.first, p_.first_bias);
    std::copy(p_.second.begin(), p_.second.end(), second_.get());
    last_ = p_.second_bias;
  }

  void operator()() {
    base::forward();
    for (std::ptrdiff_t i = 0; i < n_; ++i) {
      vector sum = V::zero();
      for (std::ptrdiff_t p = 0; p < panels_; ++p)
        for (int half = 0; half < width; half += V::lanes)
          sum = V::fma(V::load(base::hidden(p) + i * width + half), V::load(second_.get() + p * width + half), sum);
      z_[i] = total(sum) + last_;
    }
    double loss = 0, slopes = 0;
    for (std::ptrdiff_t i = 0; i < n_; i += V::lanes) {
      cross_entropy<V> const c(V::load(z_.get() + i), V::load(y_.get() + i));
      V::store(z_.get() + i, c.loss);
      V::store(slope_.get() + i, c.slope);
    }
    for (std::ptrdiff_t i = 0; i < n_; ++i) {
      loss += static_cast<double>(z_[i]);
      slopes += static_cast<double>(slope_[i]);
    }
    vector const down = V::set(-factor_);
    for (std::ptrdiff_t p = 0; p < panels_; ++p)
      for (int half = 0; half < width; half += V::lanes) {
        Number* const weights = second_.get() + p * width + half;
        vector const w = V::load(weights);
        vector gradient = V::zero();
        for (std::ptrdiff_t i = 0; i < n_; ++i) {
          vector const h = V::load(base::hidden(p) + i * width + half), s = V::broadcast(slope_.get() + i);
          gradient = V::fma(h, s, gradient);
          V::store(base::back(p) + i * width + half, V::where_positive(h, s * w));
        }
        V::store(weights, V::fma(down, gradient, w));
      }
    last_ -= factor_ * static_cast<Number>(slopes);
    base::update();
    loss_ = loss / static_cast<double>(n_);
  }

  std::vector<double> outcome() {
    travelled<Number> result(loss_, p_.rate);
    return base::add_first(result, p_.first, p_.first_bias)(p_.second, second_.get())(p_.second_bias, last_);
  }

 private:
  network_problem<Number> const& p_;
  aligned<Number> second_, z_, slope_, y_;
  Number last_ = 0;
  double loss_ = 0;
};

template <class Number>
class classifier_step : first_layer<Number> {
  using base = first_layer<Number>;
  using base::width, base::n_, base::h_, base::panels_, base::factor_;
  using typename base::part;
  using typename base::V;
  using typename base::vector;

 public:
  explicit classifier_step(classifier_problem<Number> const& p)
      : base(p.x.data(), p.rows, p.features, p.hidden, p.rate),
        p_(p),
        groups_((p.classes + width - 1) / width),
        second_(groups_ * width * p.hidden),
        transposed_(panels_ * width * p.classes),
        last_(groups_ * width),
        z_(groups_ * width * p.rows) {
    prepare();
  }

  void prepare() {
    base::set(p_.first, p_.first_bias);
    for (std::ptrdiff_t c = 0; c < p_.classes; ++c) {
      last_[c] = p_.second_bias[static_cast<std::size_t>(c)];
      for (std::ptrdiff_t j = 0; j < h_; ++j)
        second_[at(j, c)] = p_.second[static_cast<std::size_t>(j * p_.classes + c)];
    }
  }

  void operator()() {
    base::forward();
    for (std::ptrdiff_t g = 0; g < groups_; ++g) outputs(g);
    double const loss = slopes();
    transpose();
    std::ptrdiff_t const k = p_.classes;
    for (std::ptrdiff_t p = 0; p < panels_; ++p)
      part::cover(n_, [&]<int count>(std::ptrdiff_t row, std::integral_constant<int, count>) {
        vector sums[count][2];
        for (auto& sum : sums) sum[0] = sum[1] = V::zero();
        for (std::ptrdiff_t g = 0; g < groups_; ++g)
          part::template accumulate<count>(sums, z(g) + row * width, width, 1,
                                           transposed_.get() + (p * k + g * width) * width,
                                           std::min<std::ptrdiff_t>(width, k - g * width));
        for (int r = 0; r < count; ++r)
          for (int half = 0; half < 2; ++half) {
            std::ptrdiff_t const to = (row + r) * width + half * V::lanes;
            V::store(base::back(p) + to, V::where_positive(V::load(base::hidden(p) + to), sums[r][half]));
          }
      });
    vector const down = V::set(-factor_);
    for (std::ptrdiff_t g = 0; g < groups_; ++g) {
      for (int half = 0; half < width; half += V::lanes) {
        vector sum = V::zero();
        for (std::ptrdiff_t i = 0; i < n_; ++i) sum += V::load(z(g) + i * width + half);
        Number* const b = last_.get() + g * width + half;
        V::store(b, V::fma(down, sum, V::load(b)));
      }
      for (std::ptrdiff_t j = 0; j < h_; j += 4) {
        vector sums[4][2];
        for (auto& sum : sums) sum[0] = sum[1] = V::zero();
        part::template accumulate<4>(sums, base::hidden(j / width) + j % width, 1, width, z(g), n_);
        for (int r = 0; r < 4; ++r)
          for (int half = 0; half < 2; ++half) {
            Number* const w = second_.get() + (g * h_ + j + r) * width + half * V::lanes;
            V::store(w, V::fma(down, sums[r][half], V::load(w)));
          }
      }
    }
    base::update();
    loss_ = loss / static_cast<double>(n_);
  }

  std::vector<double> outcome() {
    travelled<Number> result(loss_, p_.rate);
    base::add_first(result, p_.first, p_.first_bias);
    for (std::ptrdiff_t j = 0; j < h_; ++j)
      for (std::ptrdiff_t c = 0; c < p_.classes; ++c)
        result(p_.second[static_cast<std::size_t>(j * p_.classes + c)], second_[at(j, c)]);
    return result(p_.second_bias, last_.get());
  }

 private:
  std::ptrdiff_t at(std::ptrdiff_t j, std::ptrdiff_t c) const { return (c / width * h_ + j) * width + c % width; }
  Number* z(std::ptrdiff_t group) { return z_.get() + group * n_ * width; }

  void outputs(std::ptrdiff_t g) {
    part::cover(n_, [&]<int count>(std::ptrdiff_t row, std::integral_constant<int, count>) {
      vector sums[count][2];
      for (auto& sum : sums) {
        sum[0] = V::load(last_.get() + g * width);
        sum[1] = V::load(last_.get() + g * width + V::lanes);
      }
      for (std::ptrdiff_t p = 0; p < panels_; ++p)
        part::template accumulate<count>(sums, base::hidden(p) + row * width, width, 1,
                                         second_.get() + (g * h_ + p * width) * width,
                                         std::min<std::ptrdiff_t>(width, h_ - p * width));
      for (int r = 0; r < count; ++r) {
        V::store(z(g) + (row + r) * width, sums[r][0]);
        V::store(z(g) + (row + r) * width + V::lanes, sums[r][1]);
      }
    });
  }

  /// Turns outputs into slopes in place; the sum of the losses.
  double slopes() {
    std::ptrdiff_t const k = p_.classes;
    double loss = 0;
    for (std::ptrdiff_t i = 0; i < n_; ++i) {
      std::ptrdiff_t const label = p_.labels[static_cast<std::size_t>(i)];
      Number largest = z(0)[i * width];
      for (std::ptrdiff_t c = 0; c < k; ++c) largest = std::max(largest, z(c / width)[i * width + c % width]);
      Number const chosen = z(label / width)[i * width + label % width];
      vector const shift = V::set(largest);
      for (std::ptrdiff_t g = 0; g < groups_; ++g)
        for (int half = 0; half < width && g * width + half < k; half += V::lanes) {
          Number* const to = z(g) + i * width + half;
          V::store(to, V::exp(V::load(to) - shift));
        }
      Number sum = 0;
      for (std::ptrdiff_t c = 0; c < k; ++c) sum += z(c / width)[i * width + c % width];
      Number const scale = 1 / sum;
      for (std::ptrdiff_t g = 0; g < groups_; ++g)
        for (std::ptrdiff_t c = 0; c < width; ++c) {
          Number& to = z(g)[i * width + c];
          to = g * width + c < k ? to * scale : 0;
        }
      z(label / width)[i * width + label % width] -= 1;
      loss += static_cast<double>(std::log(sum) + largest - chosen);
    }
    return loss;
  }

  void transpose() {
    for (std::ptrdiff_t p = 0; p < panels_; ++p)
      for (std::ptrdiff_t c = 0; c < p_.classes; ++c)
        for (std::ptrdiff_t j = 0; j < width; ++j)
          transposed_[(p * p_.classes + c) * width + j] = p * width + j < h_ ? second_[at(p * width + j, c)] : 0;
  }

  classifier_problem<Number> const& p_;
  std::ptrdiff_t groups_;
  aligned<Number> second_, transposed_, last_, z_;
  double loss_ = 0;
};

// ---- D

template <class Number>
class square_step {
  using V = vectors_of<Number>;
  using vector = typename V::vector;

 public:
  explicit square_step(square_problem<Number> const& p) : p_(p), x_(static_cast<std::ptrdiff_t>(p.x.size())) {
    prepare();
  }

  void prepare() { std::copy(p_.x.begin(), p_.x.end(), x_.get()); }

  void operator()() {
    auto const n = static_cast<std::ptrdiff_t>(p_.x.size());
    Number const shrink = 1 - 2 * p_.rate;
    Number* const x = x_.get();
    std::ptrdiff_t i = 0;
    double loss = 0;
    if (n >= 4 * V::lanes) {
      vector const factor = V::set(shrink);
      vector sums[4]{V::zero(), V::zero(), V::zero(), V::zero()};
      std::ptrdiff_t since = 0;
      for (; i + 4 * V::lanes <= n; i += 4 * V::lanes) {
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) {
          vector const v = V::load(x + i + k * V::lanes);
          sums[k] = V::fma(v, v, sums[k]);
          V::store(x + i + k * V::lanes, v * factor);
        }
        if (++since == 4096) {  // sums of floats end in double before they lose digits
          loss += static_cast<double>(total((sums[0] + sums[1]) + (sums[2] + sums[3])));
          for (vector& sum : sums) sum = V::zero();
          since = 0;
        }
      }
      loss += static_cast<double>(total((sums[0] + sums[1]) + (sums[2] + sums[3])));
    }
    Number rest = 0;
    for (; i < n; ++i) {
      rest += x[i] * x[i];
      x[i] *= shrink;
    }
    loss_ = loss + static_cast<double>(rest);
  }

  std::vector<double> outcome() { return travelled<Number>(loss_, p_.rate)(p_.x, x_.get()); }

 private:
  square_problem<Number> const& p_;
  aligned<Number> x_;
  double loss_ = 0;
};

}  // namespace

}  // namespace bench

extern "C" void enter(bench::race& r) {
  using namespace bench;
  enter_models<linear_step, network_step, classifier_step, square_step>(r, "by hand, AVX2");
  enter_as<linear_step<std::uint8_t, float>, linear_problem<std::uint8_t, float>>(r, "by hand, AVX2");
}

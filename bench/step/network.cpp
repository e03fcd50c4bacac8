// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The steps of two networks (784-30-1 with sigmoid and binary cross-entropy, 784-128-10 with softmax cross-entropy) on generated
// data: ddx and hand-written AVX2, interleaved round by round in one run, checked against a double-precision reference first.
#include <fmt/core.h>
#include <immintrin.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ddx/ddx.hpp>
#include <functional>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::array<"W1", "d", "h"> W1;
constexpr ddx::array<"b1", "h"> b1;
constexpr ddx::array<"W2", "h"> W2;
constexpr ddx::var<"b2"> b2;
constexpr ddx::array<"V", "h", "k"> V;
constexpr ddx::array<"c", "k"> c;

constexpr auto binary =
    ddx::fn(ddx::args(X, y, W1, b1, W2, b2), [](auto x, auto target, auto first, auto bias, auto second, auto last) {
      auto const hidden = relu(ddx::sum<"d">(x * first) + bias);
      auto const logit = ddx::sum<"h">(hidden * second) + last;
      return ddx::mean<"n">(softplus(logit) - target * logit);
    });

constexpr auto classes =
    ddx::fn(ddx::args(X, y, W1, b1, V, c), [](auto x, auto label, auto first, auto bias, auto second, auto last) {
      auto const hidden = relu(ddx::sum<"d">(x * first) + bias);
      auto const logits = ddx::sum<"h">(hidden * second) + last;
      return ddx::mean<"n">(ddx::logsumexp<"k">(logits) - ddx::take<"k">(logits, label));
    });

constexpr float rate = 0.1f;
constexpr std::ptrdiff_t samples = 256, features = 784;

struct data_set {
  std::vector<float> pixels;
  std::vector<std::uint8_t> labels;
};

/// Weights in row-major order; `outputs` is 1 for the binary network.
struct model {
  std::ptrdiff_t hidden, outputs;
  std::vector<float> first, bias, second, last;
};

data_set generate(int outputs) {
  std::mt19937 engine(7);
  std::uniform_real_distribution<float> pixel(0, 1);
  data_set d;
  for (std::ptrdiff_t i = 0; i < samples * features; ++i) d.pixels.push_back(pixel(engine) < 0.5f ? 0 : pixel(engine));
  for (std::ptrdiff_t i = 0; i < samples; ++i)
    d.labels.push_back(static_cast<std::uint8_t>(engine() % static_cast<unsigned>(std::max(outputs, 2))));
  return d;
}

model initial(std::ptrdiff_t hidden, std::ptrdiff_t outputs) {
  std::mt19937 engine(3);
  std::uniform_real_distribution<float> weight(-0.05f, 0.05f);
  model m{hidden, outputs, {}, {}, {}, {}};
  for (std::ptrdiff_t i = 0; i < features * hidden; ++i) m.first.push_back(weight(engine));
  for (std::ptrdiff_t i = 0; i < hidden; ++i) m.bias.push_back(weight(engine));
  for (std::ptrdiff_t i = 0; i < hidden * outputs; ++i) m.second.push_back(weight(engine));
  for (std::ptrdiff_t i = 0; i < outputs; ++i) m.last.push_back(weight(engine));
  return m;
}

// ---- the reference: double precision, as one would derive it by hand

struct reference {
  std::ptrdiff_t hidden, outputs;
  std::vector<double> first, bias, second, last;

  explicit reference(model const& m)
      : hidden(m.hidden),
        outputs(m.outputs),
        first(m.first.begin(), m.first.end()),
        bias(m.bias.begin(), m.bias.end()),
        second(m.second.begin(), m.second.end()),
        last(m.last.begin(), m.last.end()) {}

  double step(data_set const& d) {
    auto const h = static_cast<std::size_t>(hidden), k = static_cast<std::size_t>(outputs), f = std::size_t{features};
    std::vector<double> g1(first.size()), gb(h), g2(second.size()), gl(k);
    double loss = 0;
    for (std::size_t n = 0; n < std::size_t{samples}; ++n) {
      float const* const x = d.pixels.data() + n * f;
      std::vector<double> a(bias), z(last), dz(k), da(h);
      for (std::size_t i = 0; i < f; ++i)
        for (std::size_t j = 0; j < h; ++j) a[j] += static_cast<double>(x[i]) * first[i * h + j];
      for (std::size_t j = 0; j < h; ++j) a[j] = std::max(a[j], 0.0);
      for (std::size_t j = 0; j < h; ++j)
        for (std::size_t o = 0; o < k; ++o) z[o] += a[j] * second[j * k + o];
      if (k == 1) {
        loss += std::max(z[0], 0.0) + std::log1p(std::exp(-std::abs(z[0]))) - d.labels[n] * z[0];
        dz[0] = 1 / (1 + std::exp(-z[0])) - d.labels[n];
      } else {
        double const largest = *std::max_element(z.begin(), z.end());
        double sum = 0;
        for (double const e : z) sum += std::exp(e - largest);
        loss += largest + std::log(sum) - z[d.labels[n]];
        for (std::size_t o = 0; o < k; ++o) dz[o] = std::exp(z[o] - largest) / sum - (o == d.labels[n] ? 1 : 0);
      }
      for (std::size_t j = 0; j < h; ++j)
        for (std::size_t o = 0; o < k; ++o) {
          g2[j * k + o] += a[j] * dz[o];
          da[j] += a[j] > 0 ? second[j * k + o] * dz[o] : 0;
        }
      for (std::size_t o = 0; o < k; ++o) gl[o] += dz[o];
      for (std::size_t j = 0; j < h; ++j) gb[j] += da[j];
      for (std::size_t i = 0; i < f; ++i)
        for (std::size_t j = 0; j < h; ++j) g1[i * h + j] += static_cast<double>(x[i]) * da[j];
    }
    auto const update = [](std::vector<double>& w, std::vector<double> const& g) {
      for (std::size_t i = 0; i < w.size(); ++i) w[i] -= static_cast<double>(rate) * g[i] / double(samples);
    };
    update(first, g1);
    update(bias, gb);
    update(second, g2);
    update(last, gl);
    return loss / double(samples);
  }
};

// ---- by hand: blocks of 6 rows by 16 columns, weights of the first layer and activations in panels of 16 columns

#define AVX2 __attribute__((target("avx2,fma")))

struct aligned_floats {
  explicit aligned_floats(std::ptrdiff_t count)
      : memory(static_cast<float*>(
            ::operator new[](static_cast<std::size_t>(count) * sizeof(float), std::align_val_t{64}))),
        size(count) {
    std::fill(memory, memory + count, 0.0f);
  }
  ~aligned_floats() { ::operator delete[](memory, std::align_val_t{64}); }
  aligned_floats(aligned_floats const&) = delete;
  aligned_floats& operator=(aligned_floats const&) = delete;
  float* memory;
  std::ptrdiff_t size;
};

/// sums[i][0..15] += a[i * row + k * step] * b[k * 16 + 0..15].
template <int Rows>
AVX2 inline void multiply(float const* a, std::ptrdiff_t row, std::ptrdiff_t step, float const* b, std::ptrdiff_t depth,
                          __m256 (&sums)[Rows][2]) {
  for (std::ptrdiff_t k = 0; k < depth; ++k) {
    __m256 const left = _mm256_load_ps(b), right = _mm256_load_ps(b + 8);
    b += 16;
#pragma GCC unroll 6
    for (int i = 0; i < Rows; ++i) {
      __m256 const value = _mm256_broadcast_ss(a + i * row);
      sums[i][0] = _mm256_fmadd_ps(value, left, sums[i][0]);
      sums[i][1] = _mm256_fmadd_ps(value, right, sums[i][1]);
    }
    a += step;
  }
}

class by_hand {
 public:
  by_hand(data_set const& d, model const& m)
      : d_(d),
        hidden_(m.hidden),
        outputs_(m.outputs),
        panels_((m.hidden + 15) / 16),
        first_(panels_ * features * 16),
        bias_(panels_ * 16),
        second_(m.outputs == 1 ? panels_ * 16 : panels_ * 16 * 16),
        transposed_(panels_ * 16 * 16),
        last_(16),
        activations_(panels_ * samples * 16),
        slopes_(panels_ * samples * 16),
        scores_(samples * 16) {
    for (std::ptrdiff_t i = 0; i < features; ++i)
      for (std::ptrdiff_t j = 0; j < hidden_; ++j)
        first_.memory[(j / 16 * features + i) * 16 + j % 16] = m.first[static_cast<std::size_t>(i * hidden_ + j)];
    std::copy(m.bias.begin(), m.bias.end(), bias_.memory);
    for (std::ptrdiff_t j = 0; j < hidden_; ++j)
      for (std::ptrdiff_t o = 0; o < outputs_; ++o)
        second_.memory[outputs_ == 1 ? j : j * 16 + o] = m.second[static_cast<std::size_t>(j * outputs_ + o)];
    std::copy(m.last.begin(), m.last.end(), last_.memory);
  }

  void store(model& m) const {
    for (std::ptrdiff_t i = 0; i < features; ++i)
      for (std::ptrdiff_t j = 0; j < hidden_; ++j)
        m.first[static_cast<std::size_t>(i * hidden_ + j)] = first_.memory[(j / 16 * features + i) * 16 + j % 16];
    std::copy(bias_.memory, bias_.memory + hidden_, m.bias.begin());
    for (std::ptrdiff_t j = 0; j < hidden_; ++j)
      for (std::ptrdiff_t o = 0; o < outputs_; ++o)
        m.second[static_cast<std::size_t>(j * outputs_ + o)] = second_.memory[outputs_ == 1 ? j : j * 16 + o];
    std::copy(last_.memory, last_.memory + outputs_, m.last.begin());
  }

  AVX2 float step() {
    first_layer();
    float const loss = outputs_ == 1 ? binary_loss() : class_loss();
    update_first();
    return loss / float(samples);
  }

 private:
  template <int Rows>
  AVX2 void first_rows(std::ptrdiff_t p, std::ptrdiff_t n, std::ptrdiff_t begin, std::ptrdiff_t depth, bool done) {
    float* const to = activations_.memory + (p * samples + n) * 16;
    __m256 sums[Rows][2];
    for (int i = 0; i < Rows; ++i) {
      sums[i][0] = begin == 0 ? _mm256_load_ps(bias_.memory + p * 16) : _mm256_load_ps(to + i * 16);
      sums[i][1] = begin == 0 ? _mm256_load_ps(bias_.memory + p * 16 + 8) : _mm256_load_ps(to + i * 16 + 8);
    }
    multiply<Rows>(d_.pixels.data() + n * features + begin, features, 1, first_.memory + (p * features + begin) * 16,
                   depth, sums);
    __m256 const least = done ? _mm256_setzero_ps() : _mm256_set1_ps(-INFINITY);
    for (int i = 0; i < Rows; ++i) {
      _mm256_store_ps(to + i * 16, _mm256_max_ps(sums[i][0], least));
      _mm256_store_ps(to + i * 16 + 8, _mm256_max_ps(sums[i][1], least));
    }
  }

  AVX2 void first_layer() {
    constexpr std::ptrdiff_t tile = 66, part = 392;
    for (std::ptrdiff_t rows = 0; rows < samples; rows += tile)
      for (std::ptrdiff_t begin = 0; begin < features; begin += part)
        for (std::ptrdiff_t p = 0; p < panels_; ++p) {
          std::ptrdiff_t n = rows;
          std::ptrdiff_t const end = std::min(rows + tile, samples);
          for (; n + 6 <= end; n += 6) first_rows<6>(p, n, begin, part, begin + part == features);
          for (; n + 2 <= end; n += 2) first_rows<2>(p, n, begin, part, begin + part == features);
          for (; n < end; ++n) first_rows<1>(p, n, begin, part, begin + part == features);
        }
  }

  template <int Rows>
  AVX2 void update_rows(std::ptrdiff_t p, std::ptrdiff_t i) {
    __m256 sums[Rows][2];
    for (int r = 0; r < Rows; ++r) sums[r][0] = sums[r][1] = _mm256_setzero_ps();
    multiply<Rows>(d_.pixels.data() + i, 1, features, slopes_.memory + p * samples * 16, samples, sums);
    __m256 const scale = _mm256_set1_ps(rate / float(samples));
    for (int r = 0; r < Rows; ++r) {
      float* const w = first_.memory + (p * features + i + r) * 16;
      _mm256_store_ps(w, _mm256_fnmadd_ps(scale, sums[r][0], _mm256_load_ps(w)));
      _mm256_store_ps(w + 8, _mm256_fnmadd_ps(scale, sums[r][1], _mm256_load_ps(w + 8)));
    }
  }

  /// first -= rate * X^T slopes, the gradient never in memory.
  AVX2 void update_first() {
    std::ptrdiff_t i = 0;
    for (; i + 6 <= features; i += 6)
      for (std::ptrdiff_t p = 0; p < panels_; ++p) update_rows<6>(p, i);
    for (; i + 2 <= features; i += 2)
      for (std::ptrdiff_t p = 0; p < panels_; ++p) update_rows<2>(p, i);
    float const scale = rate / float(samples);
    for (std::ptrdiff_t p = 0; p < panels_; ++p) {
      __m256 left = _mm256_setzero_ps(), right = left;
      for (std::ptrdiff_t n = 0; n < samples; ++n) {
        left = _mm256_add_ps(left, _mm256_load_ps(slopes_.memory + (p * samples + n) * 16));
        right = _mm256_add_ps(right, _mm256_load_ps(slopes_.memory + (p * samples + n) * 16 + 8));
      }
      float* const b = bias_.memory + p * 16;
      _mm256_store_ps(b, _mm256_fnmadd_ps(_mm256_set1_ps(scale), left, _mm256_load_ps(b)));
      _mm256_store_ps(b + 8, _mm256_fnmadd_ps(_mm256_set1_ps(scale), right, _mm256_load_ps(b + 8)));
    }
  }

  /// The scores of the second layer, and its slopes back to the first one, for one output.
  AVX2 float binary_loss() {
    float loss = 0, slope_sum = 0;
    aligned_floats gradient(panels_ * 16);
    for (std::ptrdiff_t n = 0; n < samples; ++n) {
      __m256 sum = _mm256_setzero_ps();
      for (std::ptrdiff_t p = 0; p < panels_; ++p) {
        float const* const a = activations_.memory + (p * samples + n) * 16;
        sum = _mm256_fmadd_ps(_mm256_load_ps(a), _mm256_load_ps(second_.memory + p * 16), sum);
        sum = _mm256_fmadd_ps(_mm256_load_ps(a + 8), _mm256_load_ps(second_.memory + p * 16 + 8), sum);
      }
      __m128 const half = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
      __m128 const quarter = _mm_add_ps(half, _mm_movehl_ps(half, half));
      scores_.memory[n] = last_.memory[0] + _mm_cvtss_f32(_mm_add_ss(quarter, _mm_shuffle_ps(quarter, quarter, 1)));
    }
    for (std::ptrdiff_t n = 0; n < samples; ++n) {
      float const z = scores_.memory[n], e = std::exp(-std::abs(z)), target = d_.labels[static_cast<std::size_t>(n)];
      loss += std::max(z, 0.0f) + std::log1p(e) - target * z;
      scores_.memory[n] = (z >= 0 ? 1 : e) / (1 + e) - target;
    }
    for (std::ptrdiff_t n = 0; n < samples; ++n) {
      __m256 const slope = _mm256_set1_ps(scores_.memory[n]);
      slope_sum += scores_.memory[n];
      for (std::ptrdiff_t p = 0; p < panels_; ++p)
        for (int part = 0; part < 16; part += 8) {
          std::ptrdiff_t const at = (p * samples + n) * 16 + part;
          __m256 const a = _mm256_load_ps(activations_.memory + at);
          float* const g = gradient.memory + p * 16 + part;
          _mm256_store_ps(g, _mm256_fmadd_ps(slope, a, _mm256_load_ps(g)));
          __m256 const back = _mm256_mul_ps(slope, _mm256_load_ps(second_.memory + p * 16 + part));
          _mm256_store_ps(slopes_.memory + at, _mm256_and_ps(back, _mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_GT_OQ)));
        }
    }
    for (std::ptrdiff_t j = 0; j < hidden_; ++j) second_.memory[j] -= rate / float(samples) * gradient.memory[j];
    last_.memory[0] -= rate / float(samples) * slope_sum;
    return loss;
  }

  template <int Rows>
  AVX2 void score_rows(std::ptrdiff_t n) {
    __m256 sums[Rows][2];
    for (int i = 0; i < Rows; ++i) {
      sums[i][0] = _mm256_load_ps(last_.memory);
      sums[i][1] = _mm256_load_ps(last_.memory + 8);
    }
    for (std::ptrdiff_t p = 0; p < panels_; ++p)
      multiply<Rows>(activations_.memory + (p * samples + n) * 16, 16, 1, second_.memory + p * 256, 16, sums);
    for (int i = 0; i < Rows; ++i) {
      _mm256_store_ps(scores_.memory + (n + i) * 16, sums[i][0]);
      _mm256_store_ps(scores_.memory + (n + i) * 16 + 8, sums[i][1]);
    }
  }

  template <int Rows>
  AVX2 void slope_rows(std::ptrdiff_t p, std::ptrdiff_t n) {
    __m256 sums[Rows][2];
    for (int i = 0; i < Rows; ++i) sums[i][0] = sums[i][1] = _mm256_setzero_ps();
    multiply<Rows>(scores_.memory + n * 16, 16, 1, transposed_.memory + p * 256, outputs_, sums);
    for (int i = 0; i < Rows; ++i)
      for (int part = 0; part < 2; ++part) {
        std::ptrdiff_t const at = (p * samples + n + i) * 16 + part * 8;
        __m256 const a = _mm256_load_ps(activations_.memory + at);
        _mm256_store_ps(slopes_.memory + at,
                        _mm256_and_ps(sums[i][part], _mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_GT_OQ)));
      }
  }

  template <int Rows>
  AVX2 void update_second(std::ptrdiff_t j) {
    __m256 sums[Rows][2];
    for (int i = 0; i < Rows; ++i) sums[i][0] = sums[i][1] = _mm256_setzero_ps();
    multiply<Rows>(activations_.memory + j / 16 * samples * 16 + j % 16, 1, 16, scores_.memory, samples, sums);
    __m256 const scale = _mm256_set1_ps(rate / float(samples));
    for (int i = 0; i < Rows; ++i) {
      float* const w = second_.memory + (j + i) * 16;
      _mm256_store_ps(w, _mm256_fnmadd_ps(scale, sums[i][0], _mm256_load_ps(w)));
      _mm256_store_ps(w + 8, _mm256_fnmadd_ps(scale, sums[i][1], _mm256_load_ps(w + 8)));
    }
  }

  /// exp of numbers that are not positive, to 2 units in the last place.
  AVX2 static __m256 exponential(__m256 x) {
    x = _mm256_max_ps(x, _mm256_set1_ps(-87));
    __m256 const n =
        _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375f), x);
    r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4f), r);
    __m256 p = _mm256_set1_ps(1.0f / 720);
    for (float const coefficient : {1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f})
      p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(coefficient));
    __m256i const power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_mul_ps(p, _mm256_castsi256_ps(power));
  }

  AVX2 float class_loss() {
    std::ptrdiff_t n = 0;
    for (; n + 6 <= samples; n += 6) score_rows<6>(n);
    for (; n < samples; ++n) score_rows<1>(n);
    float loss = 0;
    __m256 const lanes = _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7), end = _mm256_set1_ps(static_cast<float>(outputs_ - 8));
    __m256 const inside = _mm256_cmp_ps(lanes, end, _CMP_LT_OQ);
    __m256 total_left = _mm256_setzero_ps(), total_right = total_left;
    for (n = 0; n < samples; ++n) {
      float* const z = scores_.memory + n * 16;
      __m256 const left = _mm256_load_ps(z),
                   right = _mm256_blendv_ps(_mm256_set1_ps(-INFINITY), _mm256_load_ps(z + 8), inside);
      __m256 const both = _mm256_max_ps(left, right);
      __m128 largest = _mm_max_ps(_mm256_castps256_ps128(both), _mm256_extractf128_ps(both, 1));
      largest = _mm_max_ps(largest, _mm_movehl_ps(largest, largest));
      largest = _mm_max_ss(largest, _mm_shuffle_ps(largest, largest, 1));
      __m256 const shift = _mm256_broadcastss_ps(largest);
      __m256 const e = exponential(_mm256_sub_ps(left, shift));
      __m256 const f = _mm256_and_ps(exponential(_mm256_sub_ps(right, shift)), inside);
      __m256 const added = _mm256_add_ps(e, f);
      __m128 sum = _mm_add_ps(_mm256_castps256_ps128(added), _mm256_extractf128_ps(added, 1));
      sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
      sum = _mm_add_ss(sum, _mm_shuffle_ps(sum, sum, 1));
      std::uint8_t const label = d_.labels[static_cast<std::size_t>(n)];
      loss += _mm_cvtss_f32(largest) + std::log(_mm_cvtss_f32(sum)) - z[label];
      __m256 const scale = _mm256_set1_ps(1 / _mm_cvtss_f32(sum));
      _mm256_store_ps(z, _mm256_mul_ps(e, scale));
      _mm256_store_ps(z + 8, _mm256_mul_ps(f, scale));
      z[label] -= 1;
      total_left = _mm256_add_ps(total_left, _mm256_load_ps(z));
      total_right = _mm256_add_ps(total_right, _mm256_load_ps(z + 8));
    }
    for (std::ptrdiff_t j = 0; j < hidden_; ++j)
      for (std::ptrdiff_t o = 0; o < outputs_; ++o)
        transposed_.memory[j / 16 * 256 + o * 16 + j % 16] = second_.memory[j * 16 + o];
    for (std::ptrdiff_t p = 0; p < panels_; ++p) {
      for (n = 0; n + 6 <= samples; n += 6) slope_rows<6>(p, n);
      for (; n < samples; ++n) slope_rows<1>(p, n);
    }
    for (std::ptrdiff_t j = 0; j < hidden_; j += 4) update_second<4>(j);
    __m256 const scale = _mm256_set1_ps(rate / float(samples));
    _mm256_store_ps(last_.memory, _mm256_fnmadd_ps(scale, total_left, _mm256_load_ps(last_.memory)));
    _mm256_store_ps(last_.memory + 8, _mm256_fnmadd_ps(scale, total_right, _mm256_load_ps(last_.memory + 8)));
    return loss;
  }

  data_set const& d_;
  std::ptrdiff_t hidden_, outputs_, panels_;
  aligned_floats first_, bias_, second_, transposed_, last_, activations_, slopes_, scores_;
};

// ---- the race

struct contender {
  std::string name;
  std::function<float()> step;
  std::function<model()> state;
  std::vector<double> times{};  // seconds a step, one a round
};

contender hand_contender(std::string name, data_set const& d, model const& m) {
  auto const state = std::make_shared<by_hand>(d, m);
  return {std::move(name), [state] { return state->step(); },
          [state, m] {
            model result = m;
            state->store(result);
            return result;
          }};
}

contender ddx_contender(model const& m, std::function<float(model&)> step) {
  auto const state = std::make_shared<model>(m);
  return {"ddx", [state, step = std::move(step)] { return step(*state); }, [state] { return *state; }};
}

void check(contender const& c, data_set const& d, model const& m) {
  reference expected(m);
  for (int i = 0; i < 3; ++i) {
    double const loss = expected.step(d), got = c.step();
    if (!(std::abs(got - loss) < 1e-5 * std::abs(loss))) {
      fmt::print(stderr, "{}: loss {} instead of {}\n", c.name, got, loss);
      std::exit(1);
    }
  }
  model const w = c.state();
  auto const compare = [&](std::vector<float> const& got, std::vector<double> const& wanted) {
    for (std::size_t i = 0; i < got.size(); ++i)
      if (!(std::abs(got[i] - wanted[i]) < 1e-6)) {
        fmt::print(stderr, "{}: weight {} is {} instead of {}\n", c.name, i, got[i], wanted[i]);
        std::exit(1);
      }
  };
  compare(w.first, expected.first);
  compare(w.bias, expected.bias);
  compare(w.second, expected.second);
  compare(w.last, expected.last);
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

/// The median over rounds of the ratio of two contenders in the same round.
double ratio(contender const& one, contender const& other) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < one.times.size(); ++i) ratios.push_back(one.times[i] / other.times[i]);
  return median(ratios);
}

void race(std::string const& name, data_set const& d, model const& m, std::function<float(model&)> const& step,
          int steps) {
  std::vector<contender> all;
  all.push_back(hand_contender("by hand, AVX2", d, m));
  all.push_back(ddx_contender(m, step));
  all.push_back(hand_contender("by hand again", d, m));
  for (contender const& c : all) check(c, d, m);
  for (int round = 0; round < 41; ++round)
    for (contender& c : all) {
      auto const begin = std::chrono::steady_clock::now();
      float volatile last = 0;
      for (int i = 0; i < steps; ++i) last = c.step();
      static_cast<void>(last);
      c.times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / steps);
    }
  double const operations =
      4.0 * double(samples * m.hidden) * double(features + m.outputs);  // two products, each forward and back
  fmt::print("{}, {} rows, float, one core, ddx with vectors of {} bytes\n", name, samples,
             ddx::simd::width<float> * static_cast<int>(sizeof(float)));
  for (contender const& c : all) {
    double const least = *std::min_element(c.times.begin(), c.times.end());
    fmt::print("  {:15} median {:8.1f} us   least {:8.1f} us   {:6.1f} GF/s   {:5.2f} of by hand\n", c.name,
               1e6 * median(c.times), 1e6 * least, 1e-9 * operations / least, ratio(c, all[0]));
  }
  std::fflush(stdout);
}

}  // namespace

int main() {
  data_set const two = generate(1), ten = generate(10);
  auto const x = [](data_set const& d) { return ddx::view(d.pixels, samples, features); };
  race(
      "784-30-1, sigmoid", two, initial(30, 1),
      [&, step = ddx::stepper<binary, W1, b1, W2, b2>(ddx::sgd{.lr = rate})](model& m) {
        return static_cast<float>(step(X = x(two), y = two.labels, W1 = ddx::view(m.first, features, m.hidden),
                                       b1 = m.bias, W2 = m.second, b2 = m.last[0]));
      },
      20);
  race(
      "784-128-10, softmax", ten, initial(128, 10),
      [&, step = ddx::stepper<classes, W1, b1, V, c>(ddx::sgd{.lr = rate})](model& m) {
        return static_cast<float>(step(X = x(ten), y = ten.labels, W1 = ddx::view(m.first, features, m.hidden),
                                       b1 = m.bias, V = ddx::view(m.second, m.hidden, m.outputs), c = m.last));
      },
      5);
}

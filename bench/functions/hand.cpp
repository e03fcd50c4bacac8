// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The standard functions by hand, with AVX2 intrinsics: gradients gathered rather than scattered, several accumulators,
// exponentials and logarithms inlined where they are the work.
#include <immintrin.h>

#include <bit>

#include "../core/vectors.hpp"
#include "contenders.hpp"

namespace bench {

namespace {

using V = doubles;
using vector = __m256d;

vector set(double v) { return _mm256_set1_pd(v); }

/// exp for arguments of ordinary size, |x| < 700: 2^k times a polynomial of the rest, within 1e-15.
inline vector exp_of(vector x) {
  vector const k = _mm256_round_pd(x * set(std::numbers::log2e), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  vector r = _mm256_fnmadd_pd(k, set(0x1.62e42fefa0000p-1), x);
  r = _mm256_fnmadd_pd(k, set(0x1.cf79abc9e3b3ap-40), r);
  // 1 + r + r^2/2! + ... + r^13/13!, in pairs and pairs of pairs.
  vector const r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
  auto const pair = [&](double low, double high) { return V::fma(r, set(high), set(low)); };
  auto const four = [&](double a, double b, double c, double d) { return V::fma(r2, pair(c, d), pair(a, b)); };
  vector const low = V::fma(r4, four(1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040), four(1, 1, 0.5, 1.0 / 6));
  vector const high = V::fma(r4, pair(1.0 / 479001600, 1.0 / 6227020800),
                             four(1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800));
  vector const p = V::fma(r8, high, low);
  __m256i const exponent = _mm256_slli_epi64(_mm256_cvtepi32_epi64(_mm256_cvtpd_epi32(k)), 52);
  return _mm256_castsi256_pd(_mm256_add_epi64(_mm256_castpd_si256(p), exponent));
}

/// log for positive normal numbers: the exponent, and 2 atanh((m - 1) / (m + 1)) of the rest m in [sqrt(1/2), sqrt(2)).
inline vector log_of(vector x) {
  __m256i const bits = _mm256_castpd_si256(x);
  __m256i const shifted = _mm256_sub_epi64(bits, _mm256_set1_epi64x(std::bit_cast<long long>(std::numbers::sqrt2 / 2)));
  __m256i const whole = _mm256_and_si256(shifted, _mm256_set1_epi64x(static_cast<long long>(0xFFF0000000000000u)));
  vector const m = _mm256_castsi256_pd(_mm256_sub_epi64(bits, whole));
  __m256i const high =
      _mm256_permutevar8x32_epi32(_mm256_srai_epi32(shifted, 20), _mm256_setr_epi32(1, 3, 5, 7, 1, 3, 5, 7));
  vector const k = _mm256_cvtepi32_pd(_mm256_castsi256_si128(high));
  vector const f = m - set(1), s = f / (m + set(1)), z = s * s, z2 = z * z, z4 = z2 * z2;
  auto const pair = [&](double a, double b) { return V::fma(z, set(b), set(a)); };
  vector const low = V::fma(z2, pair(2.0 / 7, 2.0 / 9), pair(2.0 / 3, 2.0 / 5));
  vector const top = V::fma(z2, pair(2.0 / 15, 2.0 / 17), pair(2.0 / 11, 2.0 / 13));
  vector const tail = V::fma(z4, V::fma(z4, set(2.0 / 19), top), low) * z;
  // log m = 2 s + s tail, with 2 s = f - s f to full accuracy.
  vector const log_m = f - s * (f - tail);
  return V::fma(k, set(0x1.62e42fefa0000p-1), V::fma(k, set(0x1.cf79abc9e3b3ap-40), log_m));
}

double rosenbrock_1000(double const* x, double* g) {
  constexpr int n = 1000;
  // g[i] = 200 (x[i] - x[i-1]^2) - 400 x[i] (x[i+1] - x[i]^2) - 2 (1 - x[i]): every element gathers its own.
  auto const value_at = [&](int i) {
    double const valley = x[i + 1] - x[i] * x[i], hill = 1 - x[i];
    return 100 * valley * valley + hill * hill;
  };
  auto const slope_at = [&](int i) {
    return 200 * (x[i] - x[i - 1] * x[i - 1]) - 400 * x[i] * (x[i + 1] - x[i] * x[i]) - 2 * (1 - x[i]);
  };
  g[0] = -400 * x[0] * (x[1] - x[0] * x[0]) - 2 * (1 - x[0]);
  double sum = value_at(0);
  vector valleys[2]{V::zero(), V::zero()}, hills[2]{V::zero(), V::zero()};
  int i = 1;
  for (; i + 8 <= n - 1; i += 8)
#pragma GCC unroll 2
    for (int k = 0; k < 2; ++k) {
      double const* const at = x + i + 4 * k;
      vector const left = V::load(at - 1), here = V::load(at), right = V::load(at + 1);
      vector const before = _mm256_fnmadd_pd(left, left, here), valley = _mm256_fnmadd_pd(here, here, right),
                   hill = set(1) - here;
      valleys[k] = V::fma(valley, valley, valleys[k]);
      hills[k] = V::fma(hill, hill, hills[k]);
      vector const slope = V::fma(set(200), before, set(-2) * hill);
      V::store(g + i + 4 * k, V::fma(set(-400) * here, valley, slope));
    }
  sum += 100 * total(valleys[0] + valleys[1]) + total(hills[0] + hills[1]);
  for (; i < n - 1; ++i) {
    sum += value_at(i);
    g[i] = slope_at(i);
  }
  g[n - 1] = 200 * (x[n - 1] - x[n - 2] * x[n - 2]);
  return sum;
}

/// Sixteen runs of elements side by side, 4 in each vector: products before, then behind, each run's own, then those of
/// the other runs.
double speelpenning_1000(double const* x, double* g) {
  constexpr int n = 1000, columns = 8, chains = columns / 4 * 4, rows = n / chains;
  static_assert(rows * chains == n);
  // Element r * 8 + c belongs to chain c: loads are whole lines, and two vectors of chains run at once.
  alignas(32) double before[2][4], others[8];
  vector a = set(1), b = set(1);
  for (int r = 0; r < rows; ++r) {
    V::store(g + 8 * r, a);
    V::store(g + 8 * r + 4, b);
    a = a * V::load(x + 8 * r);
    b = b * V::load(x + 8 * r + 4);
  }
  V::store(before[0], a);
  V::store(before[1], b);
  double const* const whole = &before[0][0];
  double left = 1, right = 1;
  for (int c = 0; c < 8; ++c) {
    others[c] = left;
    left *= whole[c];
  }
  for (int c = 7; c >= 0; --c) {
    others[c] *= right;
    right *= whole[c];
  }
  a = V::load(others);
  b = V::load(others + 4);
  for (int r = rows; r-- > 0;) {
    vector const first = V::load(x + 8 * r), second = V::load(x + 8 * r + 4);
    V::store(g + 8 * r, V::load(g + 8 * r) * a);
    V::store(g + 8 * r + 4, V::load(g + 8 * r + 4) * b);
    a = a * first;
    b = b * second;
  }
  return left;
}

/// Tiles of 16 rows: their scalar products, the exponentials of all 16, their part of the gradient, while they are in
/// the first cache.
double logistic_1000(logistic_regression const& f, double const* w, double* g) {
  constexpr int n = logistic_regression::n, d = logistic_regression::d, tile = 16;
  static_assert(d % 4 == 0);
  std::fill_n(g, d, 0.0);
  vector loss = V::zero();
  auto const rows = [&](int row, int count) {
    double const* const x = f.x.data() + row * d;
    alignas(32) double margin[tile]{}, slope[tile];
    for (int i = 0; i + 4 <= count; i += 4) {
      vector sums[4]{V::zero(), V::zero(), V::zero(), V::zero()};
      for (int k = 0; k < d; k += 4) {
        vector const wk = V::load(w + k);
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j) sums[j] = V::fma(V::load(x + (i + j) * d + k), wk, sums[j]);
      }
      vector const low = _mm256_hadd_pd(sums[0], sums[1]), high = _mm256_hadd_pd(sums[2], sums[3]);
      V::store(margin + i, _mm256_permute2f128_pd(low, high, 0x20) + _mm256_permute2f128_pd(low, high, 0x31));
    }
    for (int i = 0; i < count; i += 4) {
      vector const y = V::load(f.y.data() + row + i), e = exp_of(V::zero() - y * V::load(margin + i)),
                   part = set(1) / (set(1) + e);
      loss = loss - log_of(part);
      V::store(slope + i, V::zero() - y * e * part * set(1.0 / n));
    }
    for (int i = 0; i < count; i += 8) {
      int const block = std::min(8, count - i);
      vector s[8];
      for (int j = 0; j < 8; ++j) s[j] = j < block ? set(slope[i + j]) : V::zero();
      if (block == 8)
        for (int k = 0; k < d; k += 4) {
          vector even = V::load(g + k), odd = V::zero();
#pragma GCC unroll 8
          for (int j = 0; j < 8; ++j)
            (j % 2 ? odd : even) = V::fma(V::load(x + (i + j) * d + k), s[j], j % 2 ? odd : even);
          V::store(g + k, even + odd);
        }
      else
        for (int j = 0; j < block; ++j)
          for (int k = 0; k < d; k += 4) V::store(g + k, V::fma(V::load(x + (i + j) * d + k), s[j], V::load(g + k)));
    }
  };
  int row = 0;
  for (; row + tile <= n; row += tile) rows(row, tile);
  if (row < n) rows(row, n - row);
  return total(loss) / n;
}

double normal_1000(normal_log_density const& f, double const* p, double* g) {
  double const scale = 1 / p[1], count = static_cast<double>(f.x.size());
  vector const mu = set(p[0]);
  vector sums[4], squares[4];
  for (int k = 0; k < 4; ++k) sums[k] = squares[k] = V::zero();
  double const* const x = f.x.data();
  std::size_t i = 0;
  for (; i + 16 <= f.x.size(); i += 16)
#pragma GCC unroll 4
    for (std::size_t k = 0; k < 4; ++k) {
      vector const away = V::load(x + i + 4 * k) - mu;
      sums[k] = sums[k] + away;
      squares[k] = V::fma(away, away, squares[k]);
    }
  double sum = total((sums[0] + sums[1]) + (sums[2] + sums[3])),
         square = total((squares[0] + squares[1]) + (squares[2] + squares[3]));
  for (; i < f.x.size(); ++i) {
    sum += x[i] - p[0];
    square += (x[i] - p[0]) * (x[i] - p[0]);
  }
  square *= scale * scale;
  g[0] = sum * scale * scale;
  g[1] = (square - count) * scale;
  return -0.5 * square - count * (std::log(p[1]) + 0.5 * std::log(2 * std::numbers::pi));
}

double log_sum_exp_1000(double const* x, double* g) {
  constexpr int n = 1000;
  static_assert(n % 8 == 0);
  vector most[4];
  for (int k = 0; k < 4; ++k) most[k] = V::load(x + 4 * k);
  for (int i = 8; i < n; i += 8)
#pragma GCC unroll 2
    for (int k = 0; k < 2; ++k) {
      vector& m = most[i / 8 % 2 * 2 + k];
      m = V::max(m, V::load(x + i + 4 * k));
    }
  alignas(32) double lanes[4];
  V::store(lanes, V::max(V::max(most[0], most[1]), V::max(most[2], most[3])));
  double const largest = std::max(std::max(lanes[0], lanes[1]), std::max(lanes[2], lanes[3]));
  vector const shift = set(largest);
  vector sums[2]{V::zero(), V::zero()};
  for (int i = 0; i < n; i += 8)
#pragma GCC unroll 2
    for (int k = 0; k < 2; ++k) {
      vector const e = exp_of(V::max(V::load(x + i + 4 * k) - shift, set(-700)));
      sums[k] = sums[k] + e;
      V::store(g + i + 4 * k, e);
    }
  double const sum = total(sums[0] + sums[1]);
  vector const scale = set(1 / sum);
  for (int i = 0; i < n; i += 8) {
    V::store(g + i, V::load(g + i) * scale);
    V::store(g + i + 4, V::load(g + i + 4) * scale);
  }
  return largest + std::log(sum);
}

double options_1024(double const* p, double* g) {
  constexpr std::size_t n = black_scholes_batch::n;
  vector sum = V::zero();
  vector const half = set(0.5), one = set(1), root_half = set(1 / std::numbers::sqrt2);
  for (std::size_t i = 0; i < n; i += 4) {
    vector const s = V::load(p + i), k = V::load(p + n + i), r = V::load(p + 2 * n + i), v = V::load(p + 3 * n + i),
                 t = V::load(p + 4 * n + i);
    vector const root = _mm256_sqrt_pd(t), deviation = v * root;
    vector const d1 = V::fma(V::fma(half * v, v, r), t, log_of(s / k)) / deviation, d2 = d1 - deviation;
    vector const discount = exp_of(V::zero() - r * t);
    vector const density = s * exp_of(V::zero() - half * d1 * d1) * set(std::numbers::inv_sqrtpi / std::numbers::sqrt2);
    vector const n1 = half * (one + _ZGVdN4v_erf(d1 * root_half)), n2 = half * (one + _ZGVdN4v_erf(d2 * root_half));
    vector const paid = k * discount * n2;
    sum = sum + (s * n1 - paid);
    V::store(g + i, n1);
    V::store(g + n + i, V::zero() - discount * n2);
    V::store(g + 2 * n + i, t * paid);
    V::store(g + 3 * n + i, density * root);
    V::store(g + 4 * n + i, V::fma(r, paid, half * density * v / root));
  }
  return total(sum);
}

double helmholtz_50(helmholtz const& f, double const* x, double* g) {
  constexpr int n = 50, padded = 52;
  double bx = 0, mass = 0;
  for (int i = 0; i < n; ++i) {
    bx += f.b[static_cast<std::size_t>(i)] * x[i];
    mass += x[i];
  }
  double const share = 1 / (std::sqrt(8.0) * bx), quotient = std::log((1 + f.plus * bx) / (1 + f.minus * bx)),
               rest = std::log(1 - bx);
  // A x, column by column: A is symmetric. Thirteen accumulators would hold all of it; two passes of seven leave room
  // for operands.
  alignas(32) double row[padded]{};
  __m256i const tail = _mm256_setr_epi64x(-1, -1, 0, 0);
  auto const columns = [&]<int first, int count>(std::integral_constant<int, first>,
                                                 std::integral_constant<int, count>) {
    vector sums[count];
    for (vector& v : sums) v = V::zero();
    for (int k = 0; k < n; ++k) {
      vector const xk = V::broadcast(x + k);
      double const* const a = f.a.data() + k * n + 4 * first;
#pragma GCC unroll 7
      for (int j = 0; j < count; ++j)
        sums[j] = V::fma(first + j == 12 ? _mm256_maskload_pd(a + 4 * j, tail) : V::load(a + 4 * j), xk, sums[j]);
    }
    for (int j = 0; j < count; ++j) V::store(row + 4 * (first + j), sums[j]);
  };
  columns(std::integral_constant<int, 0>{}, std::integral_constant<int, 7>{});
  columns(std::integral_constant<int, 7>{}, std::integral_constant<int, 6>{});
  alignas(32) double padded_x[padded], logs[padded];
  std::copy_n(x, n, padded_x);
  padded_x[50] = padded_x[51] = 1;
  for (int i = 0; i < padded; i += 4) V::store(logs + i, log_of(V::load(padded_x + i)));
  double quadratic = 0, entropy = 0;
  for (int i = 0; i < n; ++i) {
    quadratic += x[i] * row[i];
    entropy += x[i] * (logs[i] - rest);
  }
  double const by_bx = mass / (1 - bx) + quadratic * share / bx * quotient -
                       quadratic * share * (f.plus / (1 + f.plus * bx) - f.minus / (1 + f.minus * bx));
  for (int i = 0; i < n; ++i)
    g[i] = logs[i] - rest + 1 - 2 * row[i] * share * quotient + by_bx * f.b[static_cast<std::size_t>(i)];
  return entropy - quadratic * share * quotient;
}

/// Four points at a time, one in each lane; a component's factor and its part of the gradient stay in the first cache.
class mixture_by_hand {
  static constexpr std::size_t d = mixture::d, k = mixture::k, below = mixture::below, n = mixture::n, lanes = 4;
  static_assert(n % lanes == 0);

 public:
  explicit mixture_by_hand(mixture const& f) : x_(n * d), constant_(mixture::constant()) {
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t a = 0; a < d; ++a) x_[(i / lanes * d + a) * lanes + i % lanes] = f.x[i * d + a];
  }

  double operator()(double const* p, double* g) {
    std::fill_n(g, mixture::count, 0.0);
    double scale[k * d], logs[k], prior = 0;
    for (std::size_t c = 0; c < k; ++c) {
      logs[c] = p[c];
      for (std::size_t i = 0; i < d; ++i) {
        double const q = p[mixture::diagonals + c * d + i];
        logs[c] += q;
        scale[c * d + i] = std::exp(q);
        prior += scale[c * d + i] * scale[c * d + i];
      }
      for (std::size_t i = 0; i < below; ++i)
        prior += p[mixture::lowers + c * below + i] * p[mixture::lowers + c * below + i];
    }
    vector total_log = V::zero();
    // Tiles of points: first all terms, then, a component at a time, their gradient in registers over the tile.
    constexpr std::size_t tile = 10;  // groups of four points
    static_assert(n / lanes % tile == 0);
    vector terms[k][tile];
    for (std::size_t group = 0; group < n / lanes; group += tile) {
      for (std::size_t c = 0; c < k; ++c)
        for (std::size_t t = 0; t < tile; ++t) {
          vector away[d], turned[d];
          load(away, p, c, group + t);
          turn(turned, away, scale + c * d, p + mixture::lowers + c * below);
          vector squares = V::zero();
          for (std::size_t i = 0; i < d; ++i) squares = V::fma(turned[i], turned[i], squares);
          terms[c][t] = _mm256_fnmadd_pd(set(0.5), squares, set(logs[c]));
        }
      for (std::size_t t = 0; t < tile; ++t) {
        vector largest = terms[0][t], sum = V::zero();
        for (std::size_t c = 1; c < k; ++c) largest = V::max(largest, terms[c][t]);
        for (std::size_t c = 0; c < k; ++c)
          sum = sum + (terms[c][t] = exp_of(V::max(terms[c][t] - largest, set(-700))));
        vector const share = set(1) / sum;
        for (std::size_t c = 0; c < k; ++c) terms[c][t] = terms[c][t] * share;
        total_log = total_log + (largest + log_of(sum));
      }
      for (std::size_t c = 0; c < k; ++c) {
        vector by_weight = V::zero(), by_mean[d], by_diagonal[d], by_lower[below];
        for (std::size_t i = 0; i < d; ++i) by_mean[i] = by_diagonal[i] = V::zero();
        for (std::size_t i = 0; i < below; ++i) by_lower[i] = V::zero();
        double const* const s = scale + c * d;
        for (std::size_t t = 0; t < tile; ++t) {
          vector away[d], turned[d];
          load(away, p, c, group + t);
          turn(turned, away, s, p + mixture::lowers + c * below);
          vector const share = terms[c][t];
          by_weight = by_weight + share;
          for (std::size_t i = 0; i < d; ++i) turned[i] = turned[i] * share;
          double const* lower = p + mixture::lowers + c * below;
          std::size_t l = 0;
          for (std::size_t i = 0; i < d; ++i) {
            vector by_away = turned[i] * set(s[i]);
            by_diagonal[i] = V::fma(turned[i], away[i], by_diagonal[i]);
            for (std::size_t j = i + 1; j < d; ++j, ++l) {
              by_away = V::fma(turned[j], set(lower[l]), by_away);
              by_lower[l] = V::fma(turned[j], away[i], by_lower[l]);
            }
            by_mean[i] = by_mean[i] + by_away;
          }
        }
        double const weight = total(by_weight);
        g[c] += weight;
        for (std::size_t i = 0; i < d; ++i) {
          g[mixture::means + c * d + i] += total(by_mean[i]);
          g[mixture::diagonals + c * d + i] += weight - s[i] * total(by_diagonal[i]);
        }
        for (std::size_t i = 0; i < below; ++i) g[mixture::lowers + c * below + i] -= total(by_lower[i]);
      }
    }
    double const square = mixture::gamma * mixture::gamma;
    for (std::size_t i = 0; i < k * d; ++i) g[mixture::diagonals + i] += square * scale[i] * scale[i];
    for (std::size_t i = 0; i < k * below; ++i) g[mixture::lowers + i] += square * p[mixture::lowers + i];
    double const all = mixture::log_sum(p);
    for (std::size_t c = 0; c < k; ++c) g[c] -= static_cast<double>(n) * std::exp(p[c] - all);
    return total(total_log) - static_cast<double>(n) * all + 0.5 * square * prior + constant_;
  }

 private:
  void load(vector (&away)[d], double const* p, std::size_t c, std::size_t group) const {
    for (std::size_t i = 0; i < d; ++i)
      away[i] = V::load(x_.data() + (group * d + i) * lanes) - set(p[mixture::means + c * d + i]);
  }
  static void turn(vector (&turned)[d], vector const (&away)[d], double const* scale, double const* lower) {
    for (std::size_t i = 0; i < d; ++i) turned[i] = set(scale[i]) * away[i];
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t j = i + 1; j < d; ++j) turned[j] = V::fma(set(*lower++), away[i], turned[j]);
  }

  numbers x_;  // four points side by side
  double constant_;
};

}  // namespace

}  // namespace bench

extern "C" void enter(bench::race& r) {
  using namespace bench;
  if (r.suite != "functions") return;
  auto const add = [&]<class Function>(Function const* f, auto call) {
    if (f) r.contenders.push_back(evaluating("by hand, AVX2", f->at, f->at.size(), call));
  };
  add(r.get<rosenbrock<1000>>(), rosenbrock_1000);
  add(r.get<speelpenning>(), speelpenning_1000);
  add(r.get<log_sum_exp>(), log_sum_exp_1000);
  add(r.get<black_scholes_batch>(), options_1024);
  auto const* const logistic = r.get<logistic_regression>();
  add(logistic, [logistic](double const* w, double* g) { return logistic_1000(*logistic, w, g); });
  auto const* const normal = r.get<normal_log_density>();
  add(normal, [normal](double const* p, double* g) { return normal_1000(*normal, p, g); });
  auto const* const energy = r.get<helmholtz>();
  add(energy, [energy](double const* x, double* g) { return helmholtz_50(*energy, x, g); });
  if (auto const* const f = r.get<mixture>()) add(f, mixture_by_hand(*f));
}

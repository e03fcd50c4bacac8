// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Nothing enters; the peak of fused multiply-adds leaves, for the instruction set that this file is compiled for.
#include "roof.hpp"

#include <immintrin.h>

#include <cmath>
#include <stdexcept>

namespace bench::roof {

namespace {

#if defined(__AVX512F__)
struct singles {
  using vector = __m512;
  using number = float;
  static vector set(float x) { return _mm512_set1_ps(x); }
  static vector fma(vector a, vector b, vector c) { return _mm512_fmadd_ps(a, b, c); }
};
struct doubles {
  using vector = __m512d;
  using number = double;
  static vector set(double x) { return _mm512_set1_pd(x); }
  static vector fma(vector a, vector b, vector c) { return _mm512_fmadd_pd(a, b, c); }
};
#else
struct singles {
  using vector = __m256;
  using number = float;
  static vector set(float x) { return _mm256_set1_ps(x); }
  static vector fma(vector a, vector b, vector c) { return _mm256_fmadd_ps(a, b, c); }
};
struct doubles {
  using vector = __m256d;
  using number = double;
  static vector set(double x) { return _mm256_set1_pd(x); }
  static vector fma(vector a, vector b, vector c) { return _mm256_fmadd_pd(a, b, c); }
};
#endif

constexpr int rounds = 20000;

/// `chains` chains of x = x / 2 + i, each of its own x: they end at 2 i. Seconds for all rounds.
template <class Set, int chains>
double run() {
  using vector = typename Set::vector;
  using number = typename Set::number;
  vector x[chains];
  double const seconds = least_time([&] {
    for (int i = 0; i < chains; ++i) x[i] = Set::set(static_cast<number>(100 + i));
    vector half = Set::set(number(0.5));
    asm volatile("" : "+v"(half));
    vector step[chains];
    for (int i = 0; i < chains; ++i) {
      step[i] = Set::set(static_cast<number>(i % 2));
      asm volatile("" : "+v"(x[i]), "+v"(step[i]));
    }
    vector const even = step[0], odd = step[chains > 1 ? 1 : 0];
    for (int round = 0; round < rounds; ++round) {
#pragma GCC unroll 16
      for (int i = 0; i < chains; ++i) x[i] = Set::fma(x[i], half, i % 2 ? odd : even);
    }
    for (int i = 0; i < chains; ++i) asm volatile("" : "+v"(x[i]));
  });
  for (int i = 0; i < chains; ++i)
    for (std::size_t lane = 0; lane < sizeof(vector) / sizeof(number); ++lane)
      if (!(std::abs(static_cast<double>(x[i][lane]) - 2 * (i % 2)) < 1e-5))
        throw std::logic_error("bench: a chain of multiply-adds has a wrong end");
  return seconds;
}

template <class Set>
double peak() {
  constexpr int chains = 12;
  double const lanes = sizeof(typename Set::vector) / sizeof(typename Set::number);
  double const one = run<Set, 1>(), all = run<Set, chains>();
  // A multiply-add takes 3 cycles at least, and at most 4 start in one: twelve chains that cost less than one are not
  // twelve.
  if (all < 0.9 * one) throw std::logic_error("bench: the compiler merged accumulators");
  return 2 * lanes * chains * rounds / all;
}

}  // namespace

#if defined(__AVX512F__)
double fma_peak_avx512(bool single) { return single ? peak<singles>() : peak<doubles>(); }
#else
double fma_peak_avx2(bool single) { return single ? peak<singles>() : peak<doubles>(); }
#endif

}  // namespace bench::roof

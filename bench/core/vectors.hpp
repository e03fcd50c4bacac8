// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Names for the AVX2 intrinsics that the hand-written contenders use, the same for float and double.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace bench {

// glibc's vector mathematics, within 4 units in the last place.
extern "C" {
__m256 _ZGVdN8v_expf(__m256);
__m256 _ZGVdN8v_log1pf(__m256);
__m256d _ZGVdN4v_exp(__m256d);
__m256d _ZGVdN4v_log1p(__m256d);
__m256d _ZGVdN4v_log(__m256d);
__m256d _ZGVdN4v_erf(__m256d);
}

struct singles {
  using number = float;
  using vector = __m256;
  static constexpr int lanes = 8;
  static vector zero() { return _mm256_setzero_ps(); }
  static vector set(float x) { return _mm256_set1_ps(x); }
  static vector load(float const* p) { return _mm256_loadu_ps(p); }
  static vector load(std::uint8_t const* p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<__m128i const*>(p))));
  }
  static vector broadcast(float const* p) { return _mm256_broadcast_ss(p); }
  static void store(float* p, vector v) { _mm256_storeu_ps(p, v); }
  static vector fma(vector a, vector b, vector c) { return _mm256_fmadd_ps(a, b, c); }
  static vector max(vector a, vector b) { return _mm256_max_ps(a, b); }
  static vector exp(vector v) { return _ZGVdN8v_expf(v); }
  static vector log1p(vector v) { return _ZGVdN8v_log1pf(v); }
  static vector negative_size(vector v) { return _mm256_or_ps(v, _mm256_set1_ps(-0.0f)); }
  /// b where c is negative, else a.
  static vector choose(vector a, vector b, vector c) { return _mm256_blendv_ps(a, b, c); }
  /// v where c > 0, else 0.
  static vector where_positive(vector c, vector v) { return _mm256_and_ps(_mm256_cmp_ps(c, zero(), _CMP_GT_OQ), v); }
};

struct doubles {
  using number = double;
  using vector = __m256d;
  static constexpr int lanes = 4;
  static vector zero() { return _mm256_setzero_pd(); }
  static vector set(double x) { return _mm256_set1_pd(x); }
  static vector load(double const* p) { return _mm256_loadu_pd(p); }
  static vector broadcast(double const* p) { return _mm256_broadcast_sd(p); }
  static void store(double* p, vector v) { _mm256_storeu_pd(p, v); }
  static vector fma(vector a, vector b, vector c) { return _mm256_fmadd_pd(a, b, c); }
  static vector max(vector a, vector b) { return _mm256_max_pd(a, b); }
  static vector exp(vector v) { return _ZGVdN4v_exp(v); }
  static vector log1p(vector v) { return _ZGVdN4v_log1p(v); }
  static vector negative_size(vector v) { return _mm256_or_pd(v, _mm256_set1_pd(-0.0)); }
  static vector choose(vector a, vector b, vector c) { return _mm256_blendv_pd(a, b, c); }
  static vector where_positive(vector c, vector v) { return _mm256_and_pd(_mm256_cmp_pd(c, zero(), _CMP_GT_OQ), v); }
};

/// The sum of the lanes.
inline float total(__m256 v) {
  __m128 x = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  x = _mm_add_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_add_ss(x, _mm_shuffle_ps(x, x, 1)));
}

inline double total(__m256d v) {
  __m128d const x = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
  return _mm_cvtsd_f64(_mm_add_sd(x, _mm_unpackhi_pd(x, x)));
}

}  // namespace bench

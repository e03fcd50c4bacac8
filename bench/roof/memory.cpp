// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Sizes enter; the bandwidths of memory of that size, and the clock, leave: the best of short runs.
#include "roof.hpp"

#include <immintrin.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace bench::roof {

namespace {

struct freed {
  void operator()(double* p) const { std::free(p); }
};
using block = std::unique_ptr<double[], freed>;

/// Memory that has been written, so that it is there: a multiple of 512 bytes.
block allocate(std::size_t bytes) {
  auto* const p = static_cast<double*>(std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096));
  if (!p) throw std::bad_alloc();
  for (std::size_t i = 0; i < bytes / sizeof(double); ++i) p[i] = 1;
  return block(p);
}

std::size_t vectors(std::size_t bytes, std::size_t arrays) {
  return std::max<std::size_t>(bytes / arrays / 256 * 8, 8);
}

/// Passes over small memory are repeated, so that reading the clock does not count.
template <class Pass>
double bandwidth(std::size_t bytes, Pass pass) {
  std::size_t const repeats = std::max<std::size_t>(1, (1 << 18) / bytes);
  double const seconds = least_time([&] {
    for (std::size_t i = 0; i < repeats; ++i) pass();
  });
  return static_cast<double>(bytes) * static_cast<double>(repeats) / seconds;
}

}  // namespace

double read_bandwidth(std::size_t bytes) {
  std::size_t const n = vectors(bytes, 1);
  block const x = allocate(n * 32);
  return bandwidth(n * 32, [&] {
    __m256d sums[8];
    for (__m256d& sum : sums) sum = _mm256_setzero_pd();
    double const* p = x.get();
    for (std::size_t i = 0; i < n; i += 8, p += 32) {
#pragma GCC unroll 8
      for (int k = 0; k < 8; ++k) sums[k] = _mm256_add_pd(sums[k], _mm256_load_pd(p + 4 * k));
    }
    for (__m256d& sum : sums) asm volatile("" : "+x"(sum));
  });
}

double in_place_bandwidth(std::size_t bytes) {
  std::size_t const n = vectors(bytes, 1);
  block const x = allocate(n * 32);
  __m256d factor = _mm256_set1_pd(1);
  asm volatile("" : "+x"(factor));
  return 2 * bandwidth(n * 32, [&] {
           double* p = x.get();
           for (std::size_t i = 0; i < n; i += 8, p += 32) {
#pragma GCC unroll 8
             for (int k = 0; k < 8; ++k) _mm256_store_pd(p + 4 * k, _mm256_mul_pd(_mm256_load_pd(p + 4 * k), factor));
           }
           asm volatile("" : : "r"(x.get()) : "memory");
         });
}

double triad_bandwidth(std::size_t bytes) {
  std::size_t const n = vectors(bytes, 3);
  block const a = allocate(n * 32), b = allocate(n * 32), c = allocate(n * 32);
  __m256d factor = _mm256_set1_pd(1);
  asm volatile("" : "+x"(factor));
  return bandwidth(3 * n * 32, [&] {
    for (std::size_t i = 0; i < 4 * n; i += 32) {
#pragma GCC unroll 8
      for (std::size_t k = i; k < i + 32; k += 4)
        _mm256_store_pd(a.get() + k, _mm256_fmadd_pd(factor, _mm256_load_pd(c.get() + k), _mm256_load_pd(b.get() + k)));
    }
    asm volatile("" : : "r"(a.get()) : "memory");
  });
}

double clock_frequency() {
  constexpr int count = 100000;
  std::uint64_t x = 3;
  double const seconds = least_time([&] {
    for (int i = 0; i < count; ++i) asm volatile("imul %0, %0" : "+r"(x));
  });
  return 3.0 * count / seconds / 1e9;
}

}  // namespace bench::roof

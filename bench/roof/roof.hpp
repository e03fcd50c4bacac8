// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Nothing enters; what one core of this machine can do at most leaves, measured.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace bench::roof {

/// Floating-point operations a second of independent fused multiply-adds in vectors of 32 and 64 bytes. Throws
/// std::logic_error where accumulators turn out to be merged.
double fma_peak_avx2(bool single);
double fma_peak_avx512(bool single);

/// Bytes a second that can be read again and again from `bytes` of memory.
double read_bandwidth(std::size_t bytes);
/// Bytes a second, read and written together, of x[i] *= a.
double in_place_bandwidth(std::size_t bytes);
/// Bytes a second, read and written together, of a[i] = b[i] + s * c[i]; `bytes` of the three together.
double triad_bandwidth(std::size_t bytes);

/// The clock in GHz, as a chain of dependent integer multiplications sees it: 3 cycles each on the x86-64 CPUs of the
/// last decade.
double clock_frequency();

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The least time a call of `f` takes, within about 20 ms.
template <class Function>
double least_time(Function&& f) {
  double best = 1e9;
  double const until = now() + 0.02;
  do {
    double const begin = now();
    f();
    best = std::min(best, now() - begin);
  } while (now() < until);
  return best;
}

}  // namespace bench::roof

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Nothing enters; what one core of this machine can do at most leaves: the best of many short runs.
#include "roof.hpp"

#include <immintrin.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace bench::roof {

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The least time a call of `f` takes within about 30 ms.
template <class Function>
double least_time(Function&& f) {
  double best = 1e9;
  double const until = now() + 0.03;
  do {
    double const begin = now();
    f();
    best = std::min(best, now() - begin);
  } while (now() < until);
  return best;
}

constexpr int chains = 12;
constexpr long rounds = 100000;

// Twelve chains x = x * a + b of different x: written in assembly, so that no compiler merges or drops them. One chain alone has the
// latency of an addition; the other eleven show that they run beside it.
#define CHAIN(register_name, type) "vfmadd213" type " %[b], %[a], %%" register_name "0\n\t"
#define EACH(step) step("0") step("1") step("2") step("3") step("4") step("5") step("6") step("7") step("8") step("9") step("10") step("11")

template <class Number, class Vector>
struct chain_run {
  static constexpr int lanes = sizeof(Vector) / sizeof(Number);
  double seconds;
  double flops;
};

#define KERNEL(name, target_isa, vector, number, suffix, constraint)                                                    \
  __attribute__((target(target_isa))) void name(vector(&x)[chains], vector a, vector b, long count) {                   \
    vector x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3], x4 = x[4], x5 = x[5], x6 = x[6], x7 = x[7], x8 = x[8],            \
           x9 = x[9], x10 = x[10], x11 = x[11];                                                                         \
    for (long i = 0; i < count; ++i)                                                                                    \
      asm volatile(                                                                                                     \
          "vfmadd213" suffix " %[b], %[a], %[x0]\n\tvfmadd213" suffix " %[b], %[a], %[x1]\n\t"                            \
          "vfmadd213" suffix " %[b], %[a], %[x2]\n\tvfmadd213" suffix " %[b], %[a], %[x3]\n\t"                            \
          "vfmadd213" suffix " %[b], %[a], %[x4]\n\tvfmadd213" suffix " %[b], %[a], %[x5]\n\t"                            \
          "vfmadd213" suffix " %[b], %[a], %[x6]\n\tvfmadd213" suffix " %[b], %[a], %[x7]\n\t"                            \
          "vfmadd213" suffix " %[b], %[a], %[x8]\n\tvfmadd213" suffix " %[b], %[a], %[x9]\n\t"                            \
          "vfmadd213" suffix " %[b], %[a], %[x10]\n\tvfmadd213" suffix " %[b], %[a], %[x11]"                              \
          : [x0] "+" constraint(x0), [x1] "+" constraint(x1), [x2] "+" constraint(x2), [x3] "+" constraint(x3),          \
            [x4] "+" constraint(x4), [x5] "+" constraint(x5), [x6] "+" constraint(x6), [x7] "+" constraint(x7),          \
            [x8] "+" constraint(x8), [x9] "+" constraint(x9), [x10] "+" constraint(x10), [x11] "+" constraint(x11)       \
          : [a] constraint(a), [b] constraint(b));                                                                      \
    vector const last[chains]{x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11};                                         \
    for (int i = 0; i < chains; ++i) x[i] = last[i];                                                                     \
  }

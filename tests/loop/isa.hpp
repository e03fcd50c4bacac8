// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// One kernel and one step that two translation units use, compiled for different instruction sets.
#pragma once

#include <ddx/ddx.hpp>
#include <vector>

namespace isa {

inline constexpr ddx::array<"u", "n"> u;
inline constexpr ddx::array<"v", "n"> v;
inline constexpr ddx::array<"w", "n"> w;
inline constexpr auto residue = u * w - v;
inline constexpr auto total = ddx::sum<"n">(residue);

/// How the kernels of a translation unit compute. A product joined with a subtraction is rounded once where the instruction set has
/// that operation and twice where it has not, so the value tells which kernel has run.
struct report {
  int vector_bytes = 0;
  bool once = false;  ///< what a kernel of the translation unit is to do
  bool returned = false, into = false, step = false;
};

/// Called from each translation unit with what it was compiled for; not inline there, so that nothing of it is shared but ddx.
template <int VectorBytes>
report run() {
  // u * w = 1 + 2^-11 + 2^-24, of which float keeps the first two
  std::vector<float> factor(37, 1.000244140625f), product(37, 1.00048828125f);
  report result{VectorBytes};
  float volatile one_factor = factor[0], one_product = product[0];  // the compiler would round its own way
  ddx::simd::pack<float> const a(one_factor), b(one_product);
  result.once = ddx::simd::fma(a, a, -b)[0] != 0;
  result.returned = ddx::compile<residue>()(u = factor, w = factor, v = product)[20] != 0;
  std::vector<float> out(37);
  ddx::compile<residue>()(ddx::into(out), u = factor, w = factor, v = product);
  result.into = out[36] != 0;
  auto trained = factor;
  result.step = ddx::stepper<total, u>(ddx::sgd{.lr = 0.5})(u = trained, w = factor, v = product) != 0;
  return result;
}

report run_baseline();
report run_avx2();

}  // namespace isa

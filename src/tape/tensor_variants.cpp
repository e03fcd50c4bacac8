// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The CPU enters; the fastest of the variants that the library has been compiled for leaves.
#include "tensor_variants.hpp"

#include <ddx/simd/instruction_set.hpp>

namespace ddx::detail {

inline namespace DDX_ISA {
products const& this_product();
}

// Which variants there are is decided where the library is built, and none is made of less than the library's own flags ask for.
#if defined(DDX_VARIANTS) && DDX_VECTOR_BYTES < 64
#define DDX_HAS_AVX512
namespace avx512 {
variant const& this_variant();
}
#endif
#if defined(DDX_VARIANTS) && DDX_VECTOR_BYTES < 32
#define DDX_HAS_AVX2
namespace avx2 {
variant const& this_variant();
}
#endif

variant const& fastest_variant() {
  static variant const own{{}, &this_product()};
  static variant const& fastest = []() -> variant const& {
#if defined(DDX_HAS_AVX512)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      return avx512::this_variant();
#endif
#if defined(DDX_HAS_AVX2)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::this_variant();
#endif
    return own;
  }();
  return fastest;
}

using index = std::ptrdiff_t;

void multiply(index m, index n, index k, matrix<float const> a, matrix<float const> b, float* c) {
  fastest_variant().product->float_matrices(m, n, k, a, b, c);
}
void multiply(index m, index n, index k, matrix<double const> a, matrix<double const> b, double* c) {
  fastest_variant().product->double_matrices(m, n, k, a, b, c);
}
void multiply(index m, index k, matrix<float const> a, float const* x, float* y) {
  fastest_variant().product->float_vector(m, k, a, x, y);
}
void multiply(index m, index k, matrix<double const> a, double const* x, double* y) {
  fastest_variant().product->double_vector(m, k, a, x, y);
}

}  // namespace ddx::detail

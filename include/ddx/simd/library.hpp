// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Vectors enter, functions of their lanes leave: those of glibc's vector library, which is the fastest of those
// compared and right at all edges, or where it is not at hand those of <cmath>, lane by lane.
#pragma once

#include <cmath>

#include "bits.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GLIBC_PREREQ) && DDX_VECTOR_BYTES >= 16
#if __GLIBC_PREREQ(2, 35)
#define DDX_LIBMVEC 1
#endif
#endif

namespace ddx::simd::inline DDX_ISA {

#if DDX_VECTOR_BYTES == 64
#define DDX_MVEC_1(function) _ZGVeN8v_##function
#define DDX_MVEC_1F(function) _ZGVeN16v_##function##f
#define DDX_MVEC_2(function) _ZGVeN8vv_##function
#define DDX_MVEC_2F(function) _ZGVeN16vv_##function##f
#elif DDX_VECTOR_BYTES == 32
#define DDX_MVEC_1(function) _ZGVdN4v_##function
#define DDX_MVEC_1F(function) _ZGVdN8v_##function##f
#define DDX_MVEC_2(function) _ZGVdN4vv_##function
#define DDX_MVEC_2F(function) _ZGVdN8vv_##function##f
#else
#define DDX_MVEC_1(function) _ZGVbN2v_##function
#define DDX_MVEC_1F(function) _ZGVbN4v_##function##f
#define DDX_MVEC_2(function) _ZGVbN2vv_##function
#define DDX_MVEC_2F(function) _ZGVbN4vv_##function##f
#endif

// What the vector library has, by its names, for whatever primitive calls it.
#if defined(DDX_LIBMVEC)
#define DDX_VECTOR_1(function)                                                             \
  extern "C" pack<double>::vector DDX_MVEC_1(function)(pack<double>::vector);              \
  extern "C" pack<float>::vector DDX_MVEC_1F(function)(pack<float>::vector);               \
  DDX_INLINE pack<double> function(pack<double> a) { return {DDX_MVEC_1(function)(a.v)}; } \
  DDX_INLINE pack<float> function(pack<float> a) { return {DDX_MVEC_1F(function)(a.v)}; }  \
  static_assert(true)
#define DDX_VECTOR_2(function)                                                                                  \
  extern "C" pack<double>::vector DDX_MVEC_2(function)(pack<double>::vector, pack<double>::vector);             \
  extern "C" pack<float>::vector DDX_MVEC_2F(function)(pack<float>::vector, pack<float>::vector);               \
  DDX_INLINE pack<double> function(pack<double> a, pack<double> b) { return {DDX_MVEC_2(function)(a.v, b.v)}; } \
  DDX_INLINE pack<float> function(pack<float> a, pack<float> b) { return {DDX_MVEC_2F(function)(a.v, b.v)}; }   \
  static_assert(true)
#else
#define DDX_VECTOR_1(function)                                     \
  template <class Number>                                          \
  DDX_INLINE pack<Number> function(pack<Number> a) {               \
    return by_lanes([](Number x) { return std::function(x); }, a); \
  }                                                                \
  static_assert(true)
#define DDX_VECTOR_2(function)                                                     \
  template <class Number>                                                          \
  DDX_INLINE pack<Number> function(pack<Number> a, pack<Number> b) {               \
    return by_lanes([](Number x, Number y) { return std::function(x, y); }, a, b); \
  }                                                                                \
  static_assert(true)
#endif

DDX_VECTOR_1(exp2);
DDX_VECTOR_1(log2);
DDX_VECTOR_1(log10);
DDX_VECTOR_1(sin);
DDX_VECTOR_1(cos);
DDX_VECTOR_1(tan);
DDX_VECTOR_1(asin);
DDX_VECTOR_1(acos);
DDX_VECTOR_1(atan);
DDX_VECTOR_1(sinh);
DDX_VECTOR_1(cosh);
DDX_VECTOR_1(asinh);
DDX_VECTOR_1(acosh);
DDX_VECTOR_1(atanh);
DDX_VECTOR_1(cbrt);
DDX_VECTOR_1(erf);
DDX_VECTOR_1(erfc);
DDX_VECTOR_2(pow);
DDX_VECTOR_2(atan2);
DDX_VECTOR_2(hypot);
#if DDX_VECTOR_BYTES < 16
DDX_VECTOR_1(exp);
DDX_VECTOR_1(expm1);
DDX_VECTOR_1(log);
DDX_VECTOR_1(log1p);
DDX_VECTOR_1(tanh);
#endif

#undef DDX_VECTOR_1
#undef DDX_VECTOR_2
#undef DDX_MVEC_1
#undef DDX_MVEC_1F
#undef DDX_MVEC_2
#undef DDX_MVEC_2F

}  // namespace ddx::simd::inline DDX_ISA

#pragma GCC diagnostic pop

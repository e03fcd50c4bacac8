// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Matrices of any strides enter; their product leaves.
#pragma once

#include <cstddef>

namespace ddx::detail {

/// Elements of a matrix: row i, column j at `data[i * rows + j * columns]`.
template <class Element>
struct matrix {
  Element* data;
  std::ptrdiff_t row_step, column_step;
};

/// c = a * b for an m x k and a k x n matrix; c is contiguous by rows.
void multiply(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, matrix<float const> a, matrix<float const> b,
              float* c);
void multiply(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, matrix<double const> a, matrix<double const> b,
              double* c);

/// y = a * x for an m x k matrix; x is contiguous.
void multiply(std::ptrdiff_t m, std::ptrdiff_t k, matrix<float const> a, float const* x, float* y);
void multiply(std::ptrdiff_t m, std::ptrdiff_t k, matrix<double const> a, double const* x, double* y);

/// The products above, compiled for one instruction set.
struct products {
  void (*float_matrices)(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, matrix<float const> a,
                         matrix<float const> b, float* c);
  void (*double_matrices)(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, matrix<double const> a,
                          matrix<double const> b, double* c);
  void (*float_vector)(std::ptrdiff_t m, std::ptrdiff_t k, matrix<float const> a, float const* x, float* y);
  void (*double_vector)(std::ptrdiff_t m, std::ptrdiff_t k, matrix<double const> a, double const* x, double* y);
};

}  // namespace ddx::detail

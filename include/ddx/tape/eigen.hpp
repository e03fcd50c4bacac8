// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What Eigen asks of a scalar type, so that Eigen::Matrix<ddx::real, …> works, also in products with matrices of
// double.
#pragma once

// Where Eigen's own folder is on the path, and where it is not. (Indented: tests/headers includes what is not, first.)
// clang-format off
#if __has_include(<Eigen/Core>)
  #include <Eigen/Core>
#else
#include <eigen3/Eigen/Core>
#endif
// clang-format on

#include "functions.hpp"

namespace Eigen {

template <>
struct NumTraits<ddx::real> : NumTraits<double> {
  using Real = ddx::real;
  using NonInteger = ddx::real;
  using Nested = ddx::real;
  using Literal = ddx::real;

  enum { RequireInitialization = 1, ReadCost = 2, AddCost = 8, MulCost = 8 };

  static ddx::real epsilon() { return std::numeric_limits<ddx::real>::epsilon(); }
  static ddx::real dummy_precision() { return 1e-12; }
  static ddx::real highest() { return std::numeric_limits<ddx::real>::max(); }
  static ddx::real lowest() { return std::numeric_limits<ddx::real>::lowest(); }
  static ddx::real infinity() { return std::numeric_limits<ddx::real>::infinity(); }
  static ddx::real quiet_NaN() { return std::numeric_limits<ddx::real>::quiet_NaN(); }
};

/// Eigen's own functions of numbers, as in stableNorm(), are called with expressions too.
template <ddx::RealExpression Type>
struct NumTraits<Type> : NumTraits<ddx::real> {};

namespace internal {

template <ddx::RealExpression Type>
struct abs2_impl<Type> {
  static ddx::real run(Type const& x) { return abs2(x); }
};

}  // namespace internal

template <class Operation>
struct ScalarBinaryOpTraits<ddx::real, double, Operation> {
  using ReturnType = ddx::real;
};
template <class Operation>
struct ScalarBinaryOpTraits<double, ddx::real, Operation> {
  using ReturnType = ddx::real;
};

}  // namespace Eigen

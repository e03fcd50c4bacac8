// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Eigen and Boost.Math, templated on their number type, enter with reals; that their results have derivatives is
// checked.
#if !defined( \
    __clang__)  // g++ 12 takes the undefined registers of its own AVX-512 intrinsics for mistakes (GCC bug 105593)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/legendre.hpp>
#include <boost/math/tools/polynomial.hpp>
#include <boost/math/tools/roots.hpp>
#include <catch2/catch.hpp>
#include <ddx/tape/boost_math.hpp>
#include <ddx/tape/eigen.hpp>
#include <ddx/tape/tape.hpp>
#include <eigen3/Eigen/Cholesky>
#include <eigen3/Eigen/Dense>
#include <eigen3/Eigen/LU>
#include <span>
#include <vector>

namespace {

using ddx::real;
using matrix = Eigen::Matrix<real, Eigen::Dynamic, Eigen::Dynamic>;
using column = Eigen::Matrix<real, Eigen::Dynamic, 1>;

column inputs(ddx::tape& tape, Eigen::VectorXd const& at) {
  column x(at.size());
  for (Eigen::Index i = 0; i < at.size(); ++i) x[i] = tape.input(at[i]);
  return x;
}

Eigen::VectorXd gradient(ddx::tape const& tape, real const& y, column const& x) {
  auto const g = tape.gradient(y, std::span(x.data(), static_cast<std::size_t>(x.size())));
  return Eigen::Map<Eigen::VectorXd const>(g.data(), x.size());
}

TEST_CASE("a quadratic form of a matrix of doubles has gradient (A + A') x") {
  Eigen::MatrixXd a(3, 3);
  a << 2, 1, 0, 0.5, 3, -1, 1, 0, 1;
  Eigen::VectorXd const at = Eigen::Vector3d(1, -2, 0.5);
  ddx::tape tape;
  column const x = inputs(tape, at);
  column const product = a * x;
  real const y = x.dot(product);
  CHECK(y.value() == Approx(at.dot(a * at)));
  CHECK((gradient(tape, y, x) - (a + a.transpose()) * at).norm() < 1e-12);
}

TEST_CASE("the logarithm of a determinant has the inverse as its gradient") {
  Eigen::MatrixXd a(3, 3);
  a << 4, 1, 0.5, 1, 3, -0.2, 0.5, -0.2, 2;
  Eigen::VectorXd const flat = Eigen::Map<Eigen::VectorXd>(a.data(), 9);
  ddx::tape tape;
  column const x = inputs(tape, flat);
  matrix const m = Eigen::Map<matrix const>(x.data(), 3, 3);
  Eigen::PartialPivLU<matrix> const lu(m);
  real const y = log(lu.determinant());
  CHECK(y.value() == Approx(std::log(a.determinant())));
  Eigen::MatrixXd const inverse = a.inverse().transpose();
  CHECK((gradient(tape, y, x) - Eigen::Map<Eigen::VectorXd const>(inverse.data(), 9)).norm() < 1e-12);
}

TEST_CASE("a solution by Cholesky's decomposition, and norms") {
  Eigen::MatrixXd a(2, 2);
  a << 4, 1, 1, 3;
  ddx::tape tape;
  column const b = inputs(tape, Eigen::Vector2d(1, 2));
  matrix const m = a.cast<real>();
  column const solved = m.llt().solve(b);
  Eigen::Vector2d const seed(1, 0);
  CHECK((gradient(tape, solved[0], b) - a.inverse() * seed).norm() < 1e-12);
  CHECK((gradient(tape, b.norm(), b) - Eigen::Vector2d(1, 2) / std::sqrt(5.0)).norm() < 1e-12);
  CHECK((gradient(tape, b.stableNorm(), b) - Eigen::Vector2d(1, 2) / std::sqrt(5.0)).norm() < 1e-12);
  CHECK(b.array().exp().sum().value() == Approx(std::exp(1.0) + std::exp(2.0)));
  CHECK(b.maxCoeff() == 2);
}

TEST_CASE("functions of Boost.Math") {
  ddx::tape tape;
  real const x = tape.input(0.3);
  real const p = boost::math::legendre_p(3, x);
  CHECK(p.value() == Approx(0.5 * (5 * 0.027 - 3 * 0.3)));
  CHECK(tape.gradient(p, x) == Approx(0.5 * (15 * 0.09 - 3)));
  boost::math::tools::polynomial<real> const polynomial{{1, 2, 3}};
  CHECK(tape.gradient(polynomial.evaluate(x), x) == Approx(2 + 6 * 0.3));
  boost::math::normal_distribution<real> const normal(x, 2);
  real const density = pdf(normal, real(1));
  double const z = 0.7 / 2, expected = std::exp(-z * z / 2) / (2 * std::sqrt(2 * 3.141592653589793));
  CHECK(density.value() == Approx(expected));
  CHECK(tape.gradient(density, x) == Approx(expected * z / 2));
  real const root = boost::math::tools::newton_raphson_iterate(
      [&](real const& t) { return std::make_pair(real(t * t - x), real(2 * t)); }, real(0.5), real(0), real(1), 50);
  CHECK(root.value() == Approx(std::sqrt(0.3)));
  CHECK(tape.gradient(root, x) == Approx(0.5 / std::sqrt(0.3)).epsilon(1e-6));
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Special and less common functions against tabulated values, identities of the DLMF (dlmf.nist.gov) and their
// documented edges.
#include <catch2/catch.hpp>
#include <cmath>
#include <initializer_list>
#include <random>
#include <vector>

#include "at_point.hpp"

namespace {

using at_points::at_point, at_points::inf, at_points::nan;

template <class Record, class... Numbers>
double value(Numbers... operands) {
  double const at[]{static_cast<double>(operands)...};
  return ddx::info<Record>.value(at);
}

Approx close(double expected, double relative = 4e-15) { return Approx(expected).epsilon(relative).margin(1e-300); }

TEST_CASE("values are those of the tables") {
  using namespace ddx;
  double const pi = 3.141592653589793;
  CHECK(value<gamma_>(0.5) == close(std::sqrt(pi)));             // DLMF 5.4.6
  CHECK(value<gamma_>(1 / 3.0) == close(2.678938534707747633));  // Abramowitz and Stegun 6.1.13
  CHECK(value<gamma_>(-2.5) == close(-0.9453087204829418812));
  CHECK(value<gamma_>(6) == 120);
  CHECK(value<lgamma_>(100) == close(359.134205369575398776));
  CHECK(value<lgamma_>(-2.5) == close(-0.05624371649767405067));
  CHECK(value<digamma_>(1) == close(-0.5772156649015328606));   // DLMF 5.4.12
  CHECK(value<digamma_>(0.5) == close(-1.963510026021423479));  // DLMF 5.4.13
  CHECK(value<digamma_>(-2.5) == close(1.103156640645243187));
  CHECK(std::abs(value<digamma_>(1.461632144968362341)) < 1e-15);  // DLMF 5.4.20
  CHECK(value<trigamma_>(1) == close(pi * pi / 6));                // DLMF 5.15.2
  CHECK(value<trigamma_>(0.5) == close(pi * pi / 2));              // DLMF 5.15.3
  CHECK(value<polygamma_>(2, 1) == close(-2.404113806319188571));
  CHECK(value<polygamma_>(3, 1) == close(std::pow(pi, 4) / 15));
  CHECK(value<polygamma_>(2, 0.5) == close(-16.82879664423432));
  CHECK(value<trigamma_>(-2981880000.25) ==
        close(19.739208801843358337));  // mpmath, as the next; beyond the range of int
  CHECK(value<polygamma_>(2, -25626200001.25) == close(124.0251067211992807));
  CHECK(value<polygamma_>(3, -25626200001.25) == close(1558.5454565440389958));
  CHECK(value<beta_>(2.5, 3.5) == close(0.03681553890925538951));
  CHECK(value<erfc_>(2) == close(0.004677734981047265838));
  CHECK(value<erfinv_>(0.5) == close(0.4769362762044698734));
  CHECK(value<erfcinv_>(1e-10) == close(4.572824967389485));
  // Abramowitz and Stegun, tables 9.1, 9.2, 9.8 and 10.1.
  CHECK(value<j0_>(1) == close(0.7651976865579665514));
  CHECK(value<j1_>(1) == close(0.4400505857449335160));
  CHECK(value<jn_>(2, 3) == close(0.4860912605858910769));
  CHECK(value<j0_>(10) == close(-0.2459357644513483352));
  CHECK(std::abs(value<j0_>(2.404825557695772768)) < 2e-16);
  CHECK(value<jn_>(100, 50) == close(1.115927369083809278e-21, 1e-13));
  CHECK(value<y0_>(1) == close(0.08825696421567695798, 1e-14));
  CHECK(value<y1_>(1) == close(-0.7812128213002887165));
  CHECK(value<yn_>(2, 3) == close(-0.1604003934849237297, 1e-14));
  CHECK(value<i0_>(1) == close(1.266065877752008336));
  CHECK(value<i1_>(1) == close(0.5651591039924850272));
  CHECK(value<in_>(3, 2) == close(0.2127399592398526553));
  CHECK(value<sph_bessel_>(2, 1.5) == close(0.1273492836884082156));
}

TEST_CASE("identities of the DLMF hold at random points") {
  using namespace ddx;
  std::mt19937 random(21);
  double const pi = 3.141592653589793;
  for (int trial = 0; trial < 300; ++trial) {
    double const x = std::uniform_real_distribution(0.05, 0.95)(random), z = x + static_cast<double>(random() % 12);
    double const n = static_cast<double>(random() % 6);
    INFO("x = " << x << ", z = " << z << ", n = " << n);
    CHECK(value<gamma_>(x) * value<gamma_>(1 - x) == close(pi / std::sin(pi * x), 1e-14));             // 5.5.3
    CHECK(value<gamma_>(z + 1) == close(z * value<gamma_>(z), 1e-14));                                 // 5.5.1
    CHECK(value<digamma_>(z + 1) - value<digamma_>(z) == Approx(1 / z).epsilon(1e-13).margin(1e-14));  // 5.5.2
    CHECK(value<digamma_>(1 - x) - value<digamma_>(x) ==
          Approx(pi / std::tan(pi * x)).epsilon(1e-13).margin(1e-14));                                         // 5.5.4
    CHECK(value<trigamma_>(x) + value<trigamma_>(1 - x) == close(std::pow(pi / std::sin(pi * x), 2), 1e-13));  // 5.15.6
    CHECK(value<polygamma_>(n + 1, z) - value<polygamma_>(n + 1, z + 1) ==                                     // 5.15.5
          Approx((std::fmod(n, 2) == 0 ? 1 : -1) * std::tgamma(n + 2) / std::pow(z, n + 2)).epsilon(1e-10));
    CHECK(value<polygamma_>(1, z) == close(value<trigamma_>(z), 1e-14));
    CHECK(value<beta_>(x, z) == close(value<beta_>(z, x), 1e-14));  // 5.12.1
    CHECK(value<beta_>(x, z) == close(value<beta_>(x + 1, z) + value<beta_>(x, z + 1), 1e-13));
    CHECK(value<erfc_>(-x) == close(2 - value<erfc_>(x)));  // 7.4.2
    CHECK(std::erf(value<erfinv_>(x)) == close(x));
    CHECK(value<erfcinv_>(2 * x) == Approx(-value<erfcinv_>(2 - 2 * x)).epsilon(1e-13).margin(1e-15));
    // Recurrences 10.6.1 and 10.29.1, the Wronskian 10.5.2, recurrence 10.51.1, values at opposite points 10.11.1.
    double const j = value<jn_>(n + 1, z), y = value<yn_>(n + 1, z);
    CHECK(value<jn_>(n, z) + value<jn_>(n + 2, z) == Approx(2 * (n + 1) / z * j).epsilon(1e-12).margin(1e-13));
    CHECK(value<yn_>(n, z) + value<yn_>(n + 2, z) == Approx(2 * (n + 1) / z * y).epsilon(1e-12).margin(1e-13));
    CHECK(value<in_>(n, z) - value<in_>(n + 2, z) == Approx(2 * (n + 1) / z * value<in_>(n + 1, z)).epsilon(1e-12));
    CHECK(j * value<yn_>(n, z) - value<jn_>(n, z) * y == Approx(2 / (pi * z)).epsilon(1e-11));
    CHECK(value<sph_bessel_>(n, z) + value<sph_bessel_>(n + 2, z) ==
          Approx((2 * n + 3) / z * value<sph_bessel_>(n + 1, z)).epsilon(1e-12).margin(1e-14));
    CHECK(value<jn_>(n, -z) == (std::fmod(n, 2) == 0 ? 1 : -1) * value<jn_>(n, z));
    CHECK(value<jn_>(-n, z) == (std::fmod(n, 2) == 0 ? 1 : -1) * value<jn_>(n, z));
    CHECK(value<in_>(-n, z) == value<in_>(n, z));
    CHECK(value<sinc_>(z) == close(value<sph_bessel_>(0, z), 1e-12));  // 10.49.3
    // Inverses undo their functions, 4.23 and 4.37.
    CHECK(value<sec_>(value<asec_>(1 + z)) == close(1 + z, 1e-13));
    CHECK(value<csc_>(value<acsc_>(-1 - z)) == close(-1 - z, 1e-13));
    CHECK(value<cot_>(value<acot_>(-z)) == close(-z, 1e-13));
    CHECK(value<sech_>(value<asech_>(x)) == close(x, 1e-14));
    CHECK(value<csch_>(value<acsch_>(-z)) == close(-z, 1e-14));
    CHECK(value<coth_>(value<acoth_>(1 + z)) == close(1 + z, 1e-13));
    CHECK(value<exp2_>(value<log2_>(z)) == close(z));
  }
}

TEST_CASE("gamma and its logarithm have their poles at 0 and the negative integers") {
  CHECK(at_point(DDX_OF_X(gamma(x)), 0.0).value() == inf);
  CHECK(at_point(DDX_OF_X(gamma(x)), -0.0).value() == -inf);
  for (double at : {-1.0, -7.0, -inf, nan}) CHECK(std::isnan(at_point(DDX_OF_X(gamma(x)), at).value()));
  CHECK(at_point(DDX_OF_X(gamma(x)), 172).value() == inf);
  CHECK(at_point(DDX_OF_X(gamma(x)), 5e-324).value() == inf);
  for (double at : {0.0, -0.0, -1.0, -7.0, inf, -inf}) CHECK(at_point(DDX_OF_X(lgamma(x)), at).value() == inf);
  CHECK(at_point(DDX_OF_X(lgamma(x)), 1e306).value() > 1e308);
  CHECK(at_point(DDX_OF_X(digamma(x)), 0.0).value() == -inf);
  CHECK(at_point(DDX_OF_X(digamma(x)), -0.0).value() == inf);
  CHECK(at_point(DDX_OF_X(digamma(x)), inf).value() == inf);
  for (double at : {-1.0, -7.0, -inf, nan}) CHECK(std::isnan(at_point(DDX_OF_X(digamma(x)), at).value()));
  for (double at : {0.0, -1.0, -7.0}) CHECK(at_point(DDX_OF_X(trigamma(x)), at).value() == inf);
  CHECK(at_point(DDX_OF_X(trigamma(x)), inf).value() == 0);
  CHECK(at_point(DDX_OF_X(polygamma(3, x)), -2.0).value() == inf);
  CHECK(at_point(DDX_OF_X(polygamma(2, x)), 0.0).value() == -inf);
  for (double n : {-1.0, 0.5, 101.0, inf, nan}) CHECK(std::isnan(value<ddx::polygamma_>(n, 1.0)));
  for (double at : {0.0, -1.5, nan}) CHECK(std::isnan(at_point(DDX_OF_X(beta(x, 2)), at).value()));
  CHECK(at_point(DDX_OF_X(beta(x, 2)), inf).value() == 0);
}

TEST_CASE("inverses of the error function are infinite at the ends of their domains and NaN beyond") {
  CHECK(at_point(DDX_OF_X(erfinv(x)), 1).value() == inf);
  CHECK(at_point(DDX_OF_X(erfinv(x)), -1).value() == -inf);
  CHECK(at_point(DDX_OF_X(erfinv(x)), 1).by_x() == inf);
  CHECK(at_point(DDX_OF_X(erfcinv(x)), 0).value() == inf);
  CHECK(at_point(DDX_OF_X(erfcinv(x)), 2).value() == -inf);
  for (double at : {-1.5, 2.5, inf, nan}) {
    CHECK(std::isnan(at_point(DDX_OF_X(erfinv(x)), at).value()));
    CHECK(std::isnan(at_point(DDX_OF_X(erfcinv(x)), at).value()));
  }
  CHECK(at_point(DDX_OF_X(erfc(x)), 27).value() == close(5.237048923789255e-319, 1e-4));
}

TEST_CASE("Bessel functions are defined at 0, at both infinities and for whole orders only") {
  CHECK(at_point(DDX_OF_X(j0(x)), 0).value() == 1);
  CHECK(at_point(DDX_OF_X(j0(x)), 0).by_x() == 0);
  CHECK(at_point(DDX_OF_X(j0(x)), 0).by_xx() == -0.5);
  CHECK(at_point(DDX_OF_X(j1(x)), 0).by_x() == 0.5);
  CHECK(at_point(DDX_OF_X(jn(2, x)), 0).by_xx() == 0.25);
  CHECK(at_point(DDX_OF_X(i1(x)), 0).by_x() == 0.5);
  CHECK(at_point(DDX_OF_X(in(2, x)), 0).by_xx() == 0.25);
  for (double at : {inf, -inf}) {
    CHECK(at_point(DDX_OF_X(j0(x)), at).value() == 0);
    CHECK(at_point(DDX_OF_X(j1(x)), at).value() == 0);
    CHECK(at_point(DDX_OF_X(i0(x)), at).value() == inf);
    CHECK(at_point(DDX_OF_X(i1(x)), at).value() == at);
  }
  CHECK(at_point(DDX_OF_X(i0(x)), 800).value() == inf);
  for (double at : {0.0, -0.0}) CHECK(at_point(DDX_OF_X(y0(x)), at).value() == -inf);
  CHECK(at_point(DDX_OF_X(y1(x)), 0).value() == -inf);
  CHECK(at_point(DDX_OF_X(y1(x)), inf).value() == 0);
  CHECK(std::isnan(at_point(DDX_OF_X(y0(x)), -1).value()));
  for (double n : {0.5, 1e6, inf, nan}) {
    CHECK(std::isnan(value<ddx::jn_>(n, 1.0)));
    CHECK(std::isnan(value<ddx::yn_>(n, 1.0)));
    CHECK(std::isnan(value<ddx::in_>(n, 1.0)));
    CHECK(std::isnan(value<ddx::sph_bessel_>(n, 1.0)));
  }
  CHECK(std::isnan(value<ddx::sph_bessel_>(-1, 1.0)));
  for (double at : {nan, -nan}) CHECK(std::isnan(at_point(DDX_OF_X(j0(x) + j1(x)), at).value()));
}

TEST_CASE("there is no derivative by an order") {
  CHECK(std::isnan(at_point(DDX_OF_XY(jn(x, y)), 2, 1).by_x()));
  CHECK(std::isnan(at_point(DDX_OF_XY(polygamma(x, y)), 2, 1).by_x()));
  CHECK(std::isfinite(at_point(DDX_OF_XY(jn(x, y)), 2, 1).by_yy()));
}

TEST_CASE("sinc and its derivatives are accurate at and near 0") {
  CHECK(at_point(DDX_OF_X(sinc(x)), 0).value() == 1);
  CHECK(at_point(DDX_OF_X(sinc(x)), 0).by_x() == 0);
  CHECK(at_point(DDX_OF_X(sinc(x)), 0).by_xx() == close(-1.0 / 3));
  for (double at : {1e-300, 1e-8, 1e-5, 1e-3, 0.03, 0.1}) {
    double const square = at * at;  // Taylor's series, to x^9
    CHECK(at_point(DDX_OF_X(sinc(x)), at).by_x() ==
          close(-at / 3 * (1 - square / 10 * (1 - square / 28 * (1 - square / 54 * (1 - square / 88))))));
    CHECK(at_point(DDX_OF_X(sinc(x)), at).by_xx() ==
          close(-(1.0 / 3 - square / 10 * (1 - 5 * square / 84 * (1 - 7 * square / 270 * (1 - 9 * square / 616))))));
  }
  for (double at : {inf, -inf}) CHECK(std::isnan(at_point(DDX_OF_X(sinc(x)), at).value()));
}

TEST_CASE("secants and cotangents have infinite values where sines vanish, their inverses are defined at the ends") {
  CHECK(at_point(DDX_OF_X(csc(x)), 0.0).value() == inf);
  CHECK(at_point(DDX_OF_X(csc(x)), -0.0).value() == -inf);
  CHECK(at_point(DDX_OF_X(cot(x)), 0.0).value() == inf);
  CHECK(at_point(DDX_OF_X(sec(x)), 0.0).value() == 1);
  CHECK(at_point(DDX_OF_X(asec(x)), 1).value() == 0);
  CHECK(at_point(DDX_OF_X(asec(x)), -1).value() == close(3.141592653589793));
  CHECK(at_point(DDX_OF_X(asec(x)), 1).by_x() == inf);
  CHECK(at_point(DDX_OF_X(asec(x)), 1 + 1e-12).value() == close(std::sqrt(2 * 1.000088900582341e-12), 1e-9));
  CHECK(at_point(DDX_OF_X(acsc(x)), -1).by_x() == -inf);
  CHECK(at_point(DDX_OF_X(acsc(x)), 1e200).value() == close(1e-200));
  for (double at : {0.0, 0.5, -0.9, nan}) {
    CHECK(std::isnan(at_point(DDX_OF_X(asec(x)), at).value()));
    CHECK(std::isnan(at_point(DDX_OF_X(acsc(x)), at).value()));
  }
  CHECK(at_point(DDX_OF_X(asec(x)), -inf).value() == close(3.141592653589793 / 2));
  CHECK(at_point(DDX_OF_X(acot(x)), 0.0).value() == close(3.141592653589793 / 2));
  CHECK(at_point(DDX_OF_X(acot(x)), -0.0).value() == close(-3.141592653589793 / 2));
  CHECK(at_point(DDX_OF_X(acot(x)), inf).value() == 0);
  CHECK(at_point(DDX_OF_X(acot(x)), 0.0).by_x() == -1);
}

TEST_CASE("hyperbolic functions keep their tails and their inverses their ends") {
  CHECK(at_point(DDX_OF_X(sech(x)), 720).value() == close(2 * std::exp(-720.0), 1e-10));
  CHECK(at_point(DDX_OF_X(csch(x)), -720).value() == close(-2 * std::exp(-720.0), 1e-10));
  CHECK(at_point(DDX_OF_X(csch(x)), 0.0).value() == inf);
  CHECK(at_point(DDX_OF_X(csch(x)), -0.0).value() == -inf);
  CHECK(at_point(DDX_OF_X(csch(x)), 1e-300).value() == close(1e300));
  CHECK(at_point(DDX_OF_X(coth(x)), -0.0).value() == -inf);
  CHECK(at_point(DDX_OF_X(coth(x)), 1000).value() == 1);
  CHECK(at_point(DDX_OF_X(coth(x)), 20).by_x() == close(-4 * std::exp(-40.0), 1e-13));
  CHECK(at_point(DDX_OF_X(acosh(x)), 1).value() == 0);
  CHECK(at_point(DDX_OF_X(acosh(x)), 1).by_x() == inf);
  CHECK(std::isnan(at_point(DDX_OF_X(acosh(x)), 0.9).value()));
  CHECK(at_point(DDX_OF_X(atanh(x)), 1).value() == inf);
  CHECK(at_point(DDX_OF_X(atanh(x)), -1).value() == -inf);
  CHECK(at_point(DDX_OF_X(atanh(x)), 1).by_x() == inf);
  CHECK(at_point(DDX_OF_X(asinh(x)), -inf).value() == -inf);
  CHECK(at_point(DDX_OF_X(asech(x)), 0).value() == inf);
  CHECK(at_point(DDX_OF_X(asech(x)), 1).value() == 0);
  CHECK(at_point(DDX_OF_X(asech(x)), 5e-324).value() == close(std::log(2.0) + 1074 * std::log(2.0)));
  CHECK(at_point(DDX_OF_X(asech(x)), 1 - 0x1p-50).value() == close(std::sqrt(0x1p-49), 1e-14));
  for (double at : {-0.5, 1.5}) CHECK(std::isnan(at_point(DDX_OF_X(asech(x)), at).value()));
  CHECK(at_point(DDX_OF_X(acsch(x)), 0.0).value() == inf);
  CHECK(at_point(DDX_OF_X(acsch(x)), -0.0).value() == -inf);
  CHECK(at_point(DDX_OF_X(acsch(x)), -5e-324).value() == close(-1075 * std::log(2.0)));
  CHECK(at_point(DDX_OF_X(acsch(x)), 1e300).value() == close(1e-300));
  CHECK(at_point(DDX_OF_X(acoth(x)), 1).value() == inf);
  CHECK(at_point(DDX_OF_X(acoth(x)), -1).value() == -inf);
  CHECK(at_point(DDX_OF_X(acoth(x)), -1e300).value() == close(-1e-300));
  CHECK(std::isnan(at_point(DDX_OF_X(acoth(x)), 0.5).value()));
}

TEST_CASE("steps have derivative 0 at their jumps too") {
  for (double at : {0.0, 1.0, -2.0, 0.5, -1.5}) {
    CHECK(at_point(DDX_OF_X(floor(x) + ceil(x) + round(x) + trunc(x)), at).by_x() == 0);
    CHECK(at_point(DDX_OF_X(floor(x)), at).value() == std::floor(at));
    CHECK(at_point(DDX_OF_X(ceil(x)), at).value() == std::ceil(at));
    CHECK(at_point(DDX_OF_X(round(x)), at).value() == std::round(at));
    CHECK(at_point(DDX_OF_X(trunc(x)), at).value() == std::trunc(at));
  }
  CHECK(at_point(DDX_OF_X(round(x)), 0.49999999999999994).value() == 0);
  CHECK(at_point(DDX_OF_X(heaviside(x)), 0).value() == 0.5);
  CHECK(at_point(DDX_OF_X(heaviside(x)), -1e-300).value() == 0);
  CHECK(at_point(DDX_OF_X(heaviside(x)), 0).by_x() == 0);
  CHECK(std::isnan(at_point(DDX_OF_X(heaviside(x)), nan).value()));
  CHECK(at_point(DDX_OF_XY(fmod(x, y)), -7.5, 2).value() == -1.5);
  CHECK(at_point(DDX_OF_XY(fmod(x, y)), -7.5, 2).by_x() == 1);
  CHECK(at_point(DDX_OF_XY(fmod(x, y)), -7.5, 2).by_y() == 3);
  CHECK(std::isnan(at_point(DDX_OF_XY(fmod(x, y)), 1, 0).value()));
  CHECK(at_point(DDX_OF_XY(fmod(x, y)), 1, inf).value() == 1);
}

TEST_CASE("clamp has the derivative of x from bound to bound, and that of a bound beyond it") {
  auto const f = DDX_OF_XY(clamp(x, -1, y));
  CHECK(at_point(f, 0.5, 2).by_x() == 1);
  CHECK(at_point(f, -1, 2).by_x() == 1);
  CHECK(at_point(f, 2, 2).by_x() == 1);
  CHECK(at_point(f, -3, 2).value() == -1);
  CHECK(at_point(f, -3, 2).by_x() == 0);
  CHECK(at_point(f, 3, 2).by_y() == 1);
  CHECK(at_point(f, 0, -2).value() == -2);  // bounds the wrong way round
  CHECK(at_point(f, 0, -2).by_y() == 1);
  CHECK(at_point(f, 0, -2).by_x() == 0);
  CHECK(std::isnan(at_point(f, nan, 2).value()));
  CHECK(std::isnan(at_point(f, 0, nan).value()));
}

TEST_CASE("logaddexp neither overflows nor loses an infinite operand") {
  auto const f = DDX_OF_XY(logaddexp(x, y));
  CHECK(at_point(f, 1000, 1000).value() == close(1000 + std::log(2.0)));
  CHECK(at_point(f, -1000, -1001).value() == close(-1000 + std::log1p(std::exp(-1.0))));
  CHECK(at_point(f, 3, 3).by_x() == 0.5);
  CHECK(at_point(f, 1000, -1000).by_y() == 0);
  CHECK(at_point(f, inf, 1).value() == inf);
  CHECK(at_point(f, inf, inf).value() == inf);
  CHECK(at_point(f, -inf, -inf).value() == -inf);
  CHECK(at_point(f, -inf, 2).value() == 2);
  CHECK(at_point(f, -inf, 2).by_x() == 0);
  CHECK(at_point(f, inf, -inf).value() == inf);
  CHECK(std::isnan(at_point(f, nan, 1).value()));
  CHECK(std::isnan(at_point(f, 1, nan).value()));
}

TEST_CASE("x log y is 0 at x = 0 whatever y is") {
  for (double at : {0.0, -1.0, 2.0, inf, -inf}) CHECK(at_point(DDX_OF_XY(xlogy(x, y)), 0, at).value() == 0);
  CHECK(std::isnan(at_point(DDX_OF_XY(xlogy(x, y)), 0, nan).value()));
  CHECK(at_point(DDX_OF_XY(xlogy(x, y)), 0, 0).by_x() == -inf);
  CHECK(at_point(DDX_OF_XY(xlogy(x, y)), 0, 0).by_y() == 0);
  CHECK(at_point(DDX_OF_XY(xlogy(x, y)), 0, 2).by_x() == close(std::log(2.0)));
  CHECK(at_point(DDX_OF_XY(xlogy(x, y)), 1, 0).value() == -inf);
  for (double at : {-1.0, -2.0, 2.0}) CHECK(at_point(DDX_OF_XY(xlog1py(x, y)), 0, at).value() == 0);
  CHECK(at_point(DDX_OF_XY(xlog1py(x, y)), 3, 1e-20).value() == close(3e-20));
  CHECK(at_point(DDX_OF_XY(xlog1py(x, y)), 0, -1).by_y() == 0);
}

/// A reduction of n numbers as loops compute it, and its derivative by the first.
struct reduced {
  double value, by_first;
};
template <class Record>
reduced over(std::vector<double> const& elements) {
  ddx::graph g;
  auto const x = building::array(g, "x", {"k"});
  int output = ddx::algebra<ddx::traced>::reduce_node(g, ddx::info<Record>, building::id(g, x), 0);
  int derivative = building::derivative(g, output, building::id(g, x));
  g.outputs.push_back(output);
  g.outputs.push_back(derivative);
  ddx::graph opened = ddx::graph::like(g.view());
  std::vector<int> image;
  for (ddx::node n : g.nodes) {
    for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[static_cast<std::size_t>(n.operands[k])];
    int const id = opened.intern(n);
    image.push_back(n.op->lowered ? n.op->lowered(opened, id) : id);
  }
  auto const all = oracle::all_values(opened.view(), {elements}, {static_cast<int>(elements.size())});
  auto const first = [&](int id) { return all[static_cast<std::size_t>(image[static_cast<std::size_t>(id)])][0]; };
  return {first(output), first(derivative)};
}

TEST_CASE("logsumexp neither overflows nor loses rows of infinities") {
  CHECK(over<ddx::logsumexp_>({1000, 1000, 1000}).value == close(1000 + std::log(3.0)));
  CHECK(over<ddx::logsumexp_>({1000, 1000, 1000}).by_first == close(1 / 3.0, 1e-12));
  CHECK(over<ddx::logsumexp_>({-1000, -1000}).value == close(-1000 + std::log(2.0)));
  CHECK(over<ddx::logsumexp_>({-inf, -inf}).value == -inf);
  CHECK(over<ddx::logsumexp_>({-inf, 3}).value == 3);
  CHECK(over<ddx::logsumexp_>({-inf, 3}).by_first == 0);
  CHECK(over<ddx::logsumexp_>({3, -inf}).by_first == 1);
  CHECK(over<ddx::logsumexp_>({inf, 3}).value == inf);
  CHECK(over<ddx::logsumexp_>({3, inf}).by_first == 0);
  CHECK(std::isnan(over<ddx::logsumexp_>({inf, 3}).by_first));
}

TEST_CASE("a norm has derivative 0 at 0") {
  CHECK(over<ddx::norm_>({3, 4}).value == 5);
  CHECK(over<ddx::norm_>({3, 4}).by_first == close(0.6));
  CHECK(over<ddx::norm_>({0, 0}).value == 0);
  CHECK(over<ddx::norm_>({0, 0}).by_first == 0);
  CHECK(over<ddx::norm_>({-inf, 0}).value == inf);
}

}  // namespace

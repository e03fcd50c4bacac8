// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records of special functions, from the standard library and Boost.Math. Loops call them lane by lane, floats in
// double.
#pragma once

#include "rounding.hpp"
#include "special_functions.hpp"

namespace ddx {

/// The rule of a whole operand, such as an order: there is no derivative by it.
inline constexpr auto no_partial = [](auto...) { return std::numeric_limits<double>::quiet_NaN(); };

/// The error function; DLMF 7.2.1, its derivative 7.10.1.
struct erf_ {
  static constexpr std::string_view name = "erf";
  static constexpr auto value = [](auto a) {
    using math::erf;
    return erf(a);
  };
  static constexpr rules partials{[](auto a, auto) { return 2 * exp(-pow(a, 2)) / sqrt(pi(a)); }};
};
DDX_LIBRARY_FUNCTION(erf, erf_);

/// 1 - erf(x) without cancellation; DLMF 7.2.2.
struct erfc_ {
  static constexpr std::string_view name = "erfc";
  static constexpr auto value = [](auto a) {
    using math::erfc;
    return erfc(a);
  };
  static constexpr rules partials{[](auto a, auto) { return -2 * exp(-pow(a, 2)) / sqrt(pi(a)); }};
  static constexpr std::array domain{interval{-2, 2}};
};
DDX_LIBRARY_FUNCTION(erfc, erfc_);

/// The inverse of erf: -inf at -1, inf at 1, NaN beyond.
struct erfinv_ {
  static constexpr std::string_view name = "erfinv";
  static constexpr auto value = [](double a) { return special::erfinv(a); };
  static constexpr rules partials{[](auto a, auto y) { return sqrt(pi(a)) / 2 * exp(pow(y, 2)); }};
  static constexpr notation latex{"\\operatorname{erf}^{-1}\\left({0}\\right)"};
  static constexpr notation cpp{"ddx::special::erfinv({0})"};
  static constexpr std::array domain{interval{-0.8, 0.8}};
};
DDX_LIBRARY_FUNCTION(erfinv, erfinv_);

/// The inverse of erfc: inf at 0, -inf at 2, NaN beyond.
struct erfcinv_ {
  static constexpr std::string_view name = "erfcinv";
  static constexpr auto value = [](double a) { return special::erfcinv(a); };
  static constexpr rules partials{[](auto a, auto y) { return -sqrt(pi(a)) / 2 * exp(pow(y, 2)); }};
  static constexpr notation latex{"\\operatorname{erfc}^{-1}\\left({0}\\right)"};
  static constexpr notation cpp{"ddx::special::erfcinv({0})"};
  static constexpr std::array domain{interval{0.2, 1.8}};
};
DDX_LIBRARY_FUNCTION(erfcinv, erfcinv_);

/// The gamma function (DLMF 5.2.1): +inf at 0, -inf at -0, NaN at the negative integers and -inf.
struct gamma_ {
  static constexpr std::string_view name = "gamma";
  static constexpr auto value = [](double a) { return special::gamma(a); };
  static constexpr rules partials{[](auto a, auto y) { return y * digamma(a); }};
  static constexpr notation unicode{"Γ({0})"}, latex{"\\Gamma\\left({0}\\right)"}, cpp{"std::tgamma({0})"};
  static constexpr std::array domain{interval{0.6, 4}};
};
DDX_LIBRARY_FUNCTION(gamma, gamma_);

/// log |gamma(x)|: inf at 0, the negative integers and both infinities.
struct lgamma_ {
  static constexpr std::string_view name = "lgamma";
  static constexpr auto value = [](double a) { return special::lgamma(a); };
  static constexpr rules partials{[](auto a, auto) { return digamma(a); }};
  static constexpr notation latex{"\\log\\left|\\Gamma\\left({0}\\right)\\right|"};
  static constexpr std::array domain{interval{0.6, 4}};
};
DDX_LIBRARY_FUNCTION(lgamma, lgamma_);

/// The logarithmic derivative of gamma (DLMF 5.2.2): -inf at 0, inf at -0, NaN at the negative integers and -inf.
struct digamma_ {
  static constexpr std::string_view name = "digamma";
  static constexpr auto value = [](double a) { return special::digamma(a); };
  static constexpr rules partials{[](auto a, auto) { return trigamma(a); }};
  static constexpr notation unicode{"ψ({0})"}, latex{"\\psi\\left({0}\\right)"}, cpp{"ddx::special::digamma({0})"};
  static constexpr std::array domain{interval{0.6, 4}};
};
DDX_LIBRARY_FUNCTION(digamma, digamma_);

/// The derivative of digamma: inf at its poles 0, -1, -2, …, NaN at -inf.
struct trigamma_ {
  static constexpr std::string_view name = "trigamma";
  static constexpr auto value = [](double a) { return special::trigamma(a); };
  static constexpr rules partials{[](auto a, auto) { return polygamma(2, a); }};
  static constexpr notation latex{"\\psi'\\left({0}\\right)"};
  static constexpr notation cpp{"ddx::special::trigamma({0})"};
  static constexpr std::array domain{interval{0.8, 4}};
};
DDX_LIBRARY_FUNCTION(trigamma, trigamma_);

/// The derivative of order n = 0, 1, … (up to 100) of digamma (DLMF 5.15), by which there is no derivative: it is NaN.
/// NaN for other n; at the poles 0, -1, -2, … inf for odd n and NaN for even n, but -inf at 0 and inf at -0.
struct polygamma_ {
  static constexpr std::string_view name = "polygamma";
  static constexpr auto value = [](double n, double a) { return special::polygamma(n, a); };
  static constexpr rules partials{no_partial, [](auto n, auto a, auto) { return polygamma(n + 1, a); }};
  static constexpr unsigned takes_whole = 0b01;
  static constexpr notation latex{"\\psi^{\\left({0}\\right)}\\left({1}\\right)"};
  static constexpr notation cpp{"ddx::special::polygamma({0}, {1})"};
  static constexpr std::array domain{interval{1, 3}, interval{0.8, 4}};
};
DDX_LIBRARY_FUNCTION(polygamma, polygamma_);

/// gamma(x)*gamma(y)/gamma(x + y); DLMF 5.12.1. NaN unless both are positive.
struct beta_ {
  static constexpr std::string_view name = "beta";
  static constexpr auto value = [](double a, double b) { return special::beta(a, b); };
  static constexpr rules partials{[](auto a, auto b, auto y) { return y * (digamma(a) - digamma(a + b)); },
                                  [](auto a, auto b, auto y) { return y * (digamma(b) - digamma(a + b)); }};
  static constexpr notation latex{"\\mathrm{B}\\left({0}, {1}\\right)"}, cpp{"ddx::special::beta({0}, {1})"};
  static constexpr std::array domain{interval{0.6, 3}, interval{0.6, 3}};
};
DDX_LIBRARY_FUNCTION(beta, beta_);

/// sin(x) / x, 1 at 0, NaN at both infinities. Derivatives of every order are spherical Bessel functions (DLMF
/// 10.49.3), accurate at and near 0, where differences of quotients would cancel.
struct sinc_ {
  static constexpr std::string_view name = "sinc";
  static constexpr auto lowered = [](auto a) { return where(a == 0, 1, sin(a) / a); };
  static constexpr auto value = [](auto a) {
    using math::sin;
    using number = decltype(a);
    return select(a == number(0), number(1), sin(a) / a);
  };
  static constexpr rules partials{[](auto a, auto) { return -sph_bessel(1, a); }};
  static constexpr notation cpp{"({0} == 0 ? 1.0 : std::sin({0})/{0})", precedence::atom, precedence::power};
};
DDX_LIBRARY_FUNCTION(sinc, sinc_);

/// The spherical Bessel function of the first kind of order n = 0, 1, … (DLMF 10.47.3), by which there is no
/// derivative: it is NaN. NaN for other n.
struct sph_bessel_ {
  static constexpr std::string_view name = "sph_bessel";
  static constexpr auto value = [](double n, double a) { return special::sph_bessel(n, a); };
  static constexpr rules partials{
      no_partial, [](auto n, auto a, auto) {
        return (where(n == 0, 0, n * sph_bessel(n - 1, a)) - (n + 1) * sph_bessel(n + 1, a)) / (2 * n + 1);
      }};
  static constexpr unsigned takes_whole = 0b01;
  static constexpr notation latex{"\\mathsf{j}_{{0}}\\left({1}\\right)"}, cpp{"ddx::special::sph_bessel({0}, {1})"};
  static constexpr std::array domain{interval{0, 4}, interval{-3, 3}};
};
DDX_LIBRARY_FUNCTION(sph_bessel, sph_bessel_);

/// The Bessel function of the first kind of order 0; DLMF 10.2.2. 0 at both infinities.
struct j0_ {
  static constexpr std::string_view name = "j0";
  static constexpr auto value = [](double a) { return special::j0(a); };
  static constexpr rules partials{[](auto a, auto) { return -j1(a); }};
  static constexpr notation latex{"J_0\\left({0}\\right)"}, cpp{"ddx::special::j0({0})"};
};
DDX_LIBRARY_FUNCTION(j0, j0_);

/// The Bessel function of the first kind of order 1; DLMF 10.2.2. 0 at both infinities.
struct j1_ {
  static constexpr std::string_view name = "j1";
  static constexpr auto value = [](double a) { return special::j1(a); };
  static constexpr rules partials{[](auto a, auto) { return (j0(a) - jn(2, a)) / 2; }};
  static constexpr notation latex{"J_1\\left({0}\\right)"}, cpp{"ddx::special::j1({0})"};
};
DDX_LIBRARY_FUNCTION(j1, j1_);

/// The Bessel function of the first kind of whole order n (DLMF 10.2.2), by which there is no derivative: it is NaN.
/// NaN for other n and beyond 100,000 in size.
struct jn_ {
  static constexpr std::string_view name = "jn";
  static constexpr auto value = [](double n, double a) { return special::jn(n, a); };
  static constexpr rules partials{no_partial, [](auto n, auto a, auto) { return (jn(n - 1, a) - jn(n + 1, a)) / 2; }};
  static constexpr unsigned takes_whole = 0b01;
  static constexpr notation latex{"J_{{0}}\\left({1}\\right)"}, cpp{"ddx::special::jn({0}, {1})"};
  static constexpr std::array domain{interval{-2, 4}, interval{-3, 3}};
};
DDX_LIBRARY_FUNCTION(jn, jn_);

/// The Bessel function of the second kind of order 0; DLMF 10.2.3. -inf at 0, NaN below, 0 at inf.
struct y0_ {
  static constexpr std::string_view name = "y0";
  static constexpr auto value = [](double a) { return special::y0(a); };
  static constexpr rules partials{[](auto a, auto) { return -y1(a); }};
  static constexpr notation latex{"Y_0\\left({0}\\right)"};
  static constexpr notation cpp{"ddx::special::y0({0})"};
  static constexpr std::array domain{interval{0.8, 4}};
};
DDX_LIBRARY_FUNCTION(y0, y0_);

/// The Bessel function of the second kind of order 1; DLMF 10.2.3. -inf at 0, NaN below, 0 at inf.
struct y1_ {
  static constexpr std::string_view name = "y1";
  static constexpr auto value = [](double a) { return special::y1(a); };
  static constexpr rules partials{[](auto a, auto) { return (y0(a) - yn(2, a)) / 2; }};
  static constexpr notation latex{"Y_1\\left({0}\\right)"};
  static constexpr notation cpp{"ddx::special::y1({0})"};
  static constexpr std::array domain{interval{0.8, 4}};
};
DDX_LIBRARY_FUNCTION(y1, y1_);

/// The Bessel function of the second kind of whole order n (DLMF 10.2.3), by which there is no derivative: it is NaN.
/// NaN for other n and beyond 100,000 in size.
struct yn_ {
  static constexpr std::string_view name = "yn";
  static constexpr auto value = [](double n, double a) { return special::yn(n, a); };
  static constexpr rules partials{no_partial, [](auto n, auto a, auto) { return (yn(n - 1, a) - yn(n + 1, a)) / 2; }};
  static constexpr unsigned takes_whole = 0b01;
  static constexpr notation latex{"Y_{{0}}\\left({1}\\right)"}, cpp{"ddx::special::yn({0}, {1})"};
  static constexpr std::array domain{interval{-2, 4}, interval{0.8, 4}};
};
DDX_LIBRARY_FUNCTION(yn, yn_);

/// The modified Bessel function of the first kind of order 0; DLMF 10.25.2.
struct i0_ {
  static constexpr std::string_view name = "i0";
  static constexpr auto value = [](double a) { return special::i0(a); };
  static constexpr rules partials{[](auto a, auto) { return i1(a); }};
  static constexpr notation latex{"I_0\\left({0}\\right)"}, cpp{"ddx::special::i0({0})"};
};
DDX_LIBRARY_FUNCTION(i0, i0_);

/// The modified Bessel function of the first kind of order 1; DLMF 10.25.2.
struct i1_ {
  static constexpr std::string_view name = "i1";
  static constexpr auto value = [](double a) { return special::i1(a); };
  static constexpr rules partials{[](auto a, auto) { return (i0(a) + in(2, a)) / 2; }};
  static constexpr notation latex{"I_1\\left({0}\\right)"}, cpp{"ddx::special::i1({0})"};
};
DDX_LIBRARY_FUNCTION(i1, i1_);

/// The modified Bessel function of the first kind of whole order n (DLMF 10.25.2), by which there is no derivative: it
/// is NaN. NaN for other n and beyond 100,000 in size.
struct in_ {
  static constexpr std::string_view name = "in";
  static constexpr auto value = [](double n, double a) { return special::in(n, a); };
  static constexpr rules partials{no_partial, [](auto n, auto a, auto) { return (in(n - 1, a) + in(n + 1, a)) / 2; }};
  static constexpr unsigned takes_whole = 0b01;
  static constexpr notation latex{"I_{{0}}\\left({1}\\right)"}, cpp{"ddx::special::in({0}, {1})"};
  static constexpr std::array domain{interval{-2, 4}, interval{-3, 3}};
};
DDX_LIBRARY_FUNCTION(in, in_);

}  // namespace ddx

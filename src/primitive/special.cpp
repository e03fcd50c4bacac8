// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Numbers enter, special functions of them leave: Boost.Math inside of its domains, by a policy that never throws, and
// the limits at poles and infinities, which Boost.Math leaves to the policy.
#include <ddx/primitive/special_functions.hpp>

#include <math.h>

#include <cmath>
#include <exception>
#include <limits>
#include <stdexcept>

#include <boost/math/special_functions/bessel.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/polygamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

namespace ddx::special {

namespace {

using namespace boost::math::policies;
/// Errors become NaN or infinity. Computed in double, as Boost.Math would not by itself: within 3e-14 of mpmath over
/// wide ranges.
constexpr policy<domain_error<ignore_error>, pole_error<ignore_error>, overflow_error<ignore_error>,
                 underflow_error<ignore_error>, denorm_error<ignore_error>, rounding_error<ignore_error>,
                 evaluation_error<ignore_error>, indeterminate_result_error<ignore_error>, promote_double<false>>
    quiet{};

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double largest_order = 100000;  // Boost.Math's recurrences take a step an order
constexpr double largest_polygamma = 100;

bool is_whole(double n, double largest) { return std::abs(n) <= largest && n == std::floor(n); }
bool is_odd(double n) { return std::fmod(n, 2) != 0; }
bool is_pole(double x) { return x <= 0 && x == std::floor(x); }

/// f() where parts of it have another policy than what it was given and throw all the same: small arguments of
/// cyl_neumann do.
template <class Function>
double quietly(Function f, double on_overflow) {
  try {
    return f();
  } catch (std::overflow_error const&) { return on_overflow; } catch (std::exception const&) {
    return nan;
  }
}

/// f(|n|, |x|) with the sign that reflections in the order and in the argument give (DLMF 10.4.1, 10.11.1).
template <class Function>
double reflected(Function f, double n, double x, bool odd_in_order, double on_overflow) {
  if (!is_whole(n, largest_order) || std::isnan(x)) return nan;
  double const size = quietly([&] { return f(static_cast<int>(std::abs(n)), std::abs(x)); }, on_overflow);
  return is_odd(n) && (x < 0) != (odd_in_order && n < 0) ? -size : size;
}

/// f(n, x), a derivative of digamma of order n. Boost.Math's reflection counts half turns in an int: an argument beyond it is
/// moved by whole periods of the cotangent in f(x) = (-1)^n f(1 - x) - pi cot^(n)(pi x) (DLMF 5.15.6).
template <class Function>
double within_count(Function f, double n, double x) {
  constexpr double most = 1 << 30, period = 1 << 20;
  if (x > -most) return f(x);
  double const near = std::fmod(x, period) - period, change = f(1 - x) - f(1 - near);
  return f(near) + (is_odd(n) ? -change : change);
}

}  // namespace

double erfinv(double x) { return std::abs(x) <= 1 ? std::abs(x) == 1 ? x * inf : boost::math::erf_inv(x, quiet) : nan; }

double erfcinv(double x) {
  if (!(x >= 0 && x <= 2)) return nan;
  return x == 0 ? inf : x == 2 ? -inf : boost::math::erfc_inv(x, quiet);
}

double gamma(double x) { return std::tgamma(x); }

/// std::lgamma stores the sign in a global, which two threads must not.
double lgamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

double digamma(double x) {
  if (x == 0) return std::signbit(x) ? inf : -inf;
  if (x == inf) return inf;
  return std::isnan(x) || is_pole(x) ? nan : boost::math::digamma(x, quiet);
}

double trigamma(double x) {
  if (x == inf) return 0;
  if (std::isnan(x) || x == -inf) return nan;
  if (is_pole(x)) return inf;
  return within_count([](double at) { return boost::math::trigamma(at, quiet); }, 1, x);
}

double polygamma(double n, double x) {
  if (!(n >= 0) || !is_whole(n, largest_polygamma) || std::isnan(x) || x == -inf) return nan;
  if (n == 0) return digamma(x);
  if (x == inf) return 0;
  if (is_pole(x)) return is_odd(n) ? inf : x == 0 ? (std::signbit(x) ? inf : -inf) : nan;
  auto const f = [&](double at) { return boost::math::polygamma(static_cast<int>(n), at, quiet); };
  return quietly([&] { return within_count(f, n, x); }, is_odd(n) ? inf : -inf);
}

double beta(double x, double y) {
  if (!(x > 0) || !(y > 0)) return nan;
  return x == inf || y == inf ? 0 : quietly([&] { return boost::math::beta(x, y, quiet); }, inf);
}

double sph_bessel(double n, double x) {
  if (!(n >= 0) || !is_whole(n, largest_order) || std::isnan(x)) return nan;
  if (std::abs(x) == inf) return 0;
  double const size =
      quietly([&] { return boost::math::sph_bessel(static_cast<unsigned>(n), std::abs(x), quiet); }, nan);
  return is_odd(n) && x < 0 ? -size : size;
}

double jn(double n, double x) {
  auto const f = [](int order, double at) { return at == inf ? 0 : boost::math::cyl_bessel_j(order, at, quiet); };
  return reflected(f, n, x, true, nan);
}

double yn(double n, double x) {
  if (x < 0) return nan;
  auto const f = [](int order, double at) {
    return at == 0 ? -inf : at == inf ? 0 : boost::math::cyl_neumann(order, at, quiet);
  };
  return reflected(f, n, x, true, -inf);
}

double in(double n, double x) {
  auto const f = [](int order, double at) { return at == inf ? inf : boost::math::cyl_bessel_i(order, at, quiet); };
  return reflected(f, n, x, false, inf);
}

double j0(double x) { return jn(0, x); }
double j1(double x) { return jn(1, x); }
double y0(double x) { return yn(0, x); }
double y1(double x) { return yn(1, x); }
double i0(double x) { return in(0, x); }
double i1(double x) { return in(1, x); }

}  // namespace ddx::special

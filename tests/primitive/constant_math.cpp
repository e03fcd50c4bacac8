// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The functions of constant expressions, called at run time, against the library's in units in the last place, over all
// magnitudes and at the edges; some of their values as constants.
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <ddx/evaluate/eval.hpp>
#include <ddx/function/fn.hpp>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace {

namespace constant = ddx::constant_math;
constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using wide = long double;
struct unary {
  char const* name;
  double (*constant)(double);
  wide (*library)(wide);
  double low, high;  ///< where most of the points lie
};
#define DDX_BOTH(function, low, high)                                                                             \
  unary {                                                                                                         \
    #function, [](double x) { return constant::function(x); }, [](wide x) { return std::function(x); }, low, high \
  }
unary const unary_functions[]{
    DDX_BOTH(exp, -750, 715), DDX_BOTH(expm1, -60, 712), DDX_BOTH(exp2, -1080, 1030), DDX_BOTH(log, 0, 10),
    DDX_BOTH(log1p, -1, 10),  DDX_BOTH(log2, 0, 10),     DDX_BOTH(log10, 0, 10),      DDX_BOTH(sin, -100, 100),
    DDX_BOTH(cos, -100, 100), DDX_BOTH(tan, -100, 100),  DDX_BOTH(asin, -1, 1),       DDX_BOTH(acos, -1, 1),
    DDX_BOTH(atan, -10, 10),  DDX_BOTH(sinh, -715, 715), DDX_BOTH(cosh, -715, 715),   DDX_BOTH(tanh, -30, 30),
    DDX_BOTH(asinh, -10, 10), DDX_BOTH(acosh, 1, 10),    DDX_BOTH(atanh, -1, 1),      DDX_BOTH(cbrt, -10, 10),
    DDX_BOTH(erf, -7, 7),     DDX_BOTH(erfc, -7, 28),
};
unary const exact_functions[]{DDX_BOTH(sqrt, 0, 10), DDX_BOTH(floor, -10, 10), DDX_BOTH(ceil, -10, 10),
                              DDX_BOTH(round, -10, 10), DDX_BOTH(trunc, -10, 10)};
#undef DDX_BOTH

struct binary {
  char const* name;
  double (*constant)(double, double);
  wide (*library)(wide, wide);
  double low, high;
};
binary const binary_functions[]{
    {"pow", [](double x, double y) { return constant::pow(x, y); }, [](wide x, wide y) { return std::pow(x, y); }, -20,
     200},
    {"atan2", [](double x, double y) { return constant::atan2(x, y); }, [](wide x, wide y) { return std::atan2(x, y); },
     -5, 5},
    {"hypot", [](double x, double y) { return constant::hypot(x, y); }, [](wide x, wide y) { return std::hypot(x, y); },
     -5, 5},
};

/// By how many units in the last place of the expected value a result is off; huge where only one of them is infinite
/// or NaN.
double units_off(double got, wide expected) {
  auto const rounded = static_cast<double>(expected);
  if (std::isnan(expected) || std::isnan(got)) return std::isnan(expected) && std::isnan(got) ? 0 : 1e9;
  if (got == rounded) return std::signbit(got) == std::signbit(rounded) ? 0 : 1e9;
  if (std::isinf(got) || std::isinf(rounded)) return 1e9;
  int const exponent = std::max(expected == 0 ? -1074 : std::ilogb(expected) - 52, -1074);
  return static_cast<double>(std::abs(got - expected) / std::ldexp(wide(1), exponent));
}

std::vector<double> const special{0.0,
                                  -0.0,
                                  1,
                                  -1,
                                  2,
                                  -2,
                                  0.5,
                                  -0.5,
                                  inf,
                                  -inf,
                                  nan,
                                  3,
                                  -3,
                                  1e22,
                                  1e300,
                                  -1e300,
                                  1e-300,
                                  -1e-300,
                                  5e-324,
                                  -5e-324,
                                  1e-310,
                                  2.5,
                                  -2.5,
                                  1.7976931348623157e308,
                                  -1.7976931348623157e308,
                                  2.2250738585072014e-308,
                                  709.7,
                                  710.5,
                                  -745.1,
                                  -746,
                                  0x1.921fb54442d18p0,
                                  0x1.921fb54442d18p1,
                                  4503599627370497.5,
                                  0x1.fffffffffffffp-1,
                                  0x1.0000000000001p0,
                                  0.49999999999999994,
                                  6381956970095103.0 * 0x1p797};

double any_double(std::mt19937_64& random) { return std::bit_cast<double>(random()); }

constexpr int points = 50000;  // in the interval, and as many over all doubles

TEST_CASE("the functions of constant expressions are within a unit of the library's everywhere") {
  for (unary const& f : unary_functions) {
    std::mt19937_64 random(1);
    double worst = 0, worst_at = 0;
    auto const look = [&](double x) {
      double const off = units_off(f.constant(x), f.library(x));
      if (off > worst) worst = off, worst_at = x;
    };
    for (int i = 0; i < points; ++i) look(std::uniform_real_distribution(f.low, f.high)(random));
    for (int i = 0; i < points; ++i) look(any_double(random));
    for (int i = 0; i < points; ++i)
      look(std::ldexp(std::uniform_real_distribution(-2.0, 2.0)(random), -static_cast<int>(random() % 60)));
    for (double x : special) look(x);
    INFO(f.name << "(" << worst_at << ")");
    CHECK(worst <= 1);
  }
}

TEST_CASE("roots and roundings of constant expressions are exact") {
  for (unary const& f : exact_functions) {
    std::mt19937_64 random(2);
    auto const look = [&](double x) {
      // sqrt of a long double, rounded once more, is not always the nearest double.
      double const expected = f.name == std::string("sqrt") ? std::sqrt(x) : static_cast<double>(f.library(x));
      double const got = f.constant(x);
      INFO(f.name << "(" << x << ")");
      if (std::bit_cast<std::uint64_t>(got) != std::bit_cast<std::uint64_t>(expected))
        CHECK((std::isnan(got) && std::isnan(expected)));
    };
    for (int i = 0; i < points; ++i) look(std::uniform_real_distribution(f.low, f.high)(random));
    for (int i = 0; i < points; ++i) look(any_double(random));
    for (double x : special) look(x);
  }
}

TEST_CASE("powers, angles and lengths of constant expressions are within a unit, fmod is exact") {
  for (binary const& f : binary_functions) {
    std::mt19937_64 random(3);
    double worst = 0, worst_x = 0, worst_y = 0;
    auto const look = [&](double x, double y) {
      double const off = units_off(f.constant(x, y), f.library(x, y));
      if (off > worst) worst = off, worst_x = x, worst_y = y;
    };
    std::uniform_real_distribution inside(f.low, f.high);
    for (int i = 0; i < points; ++i) look(inside(random), inside(random));
    for (int i = 0; i < points; ++i) look(any_double(random), any_double(random));
    for (int i = 0; i < points; ++i)
      look(1 + std::ldexp(inside(random), -static_cast<int>(random() % 50)),
           std::ldexp(inside(random), static_cast<int>(random() % 50)));
    for (int i = 0; i < points; ++i) look(inside(random), static_cast<double>(random() % 60) - 30);
    for (double x : special)
      for (double y : special) look(x, y);
    INFO(f.name << "(" << worst_x << ", " << worst_y << ")");
    CHECK(worst <= 1);
  }
  std::mt19937_64 random(4);
  auto const look = [](double x, double y) {
    double const got = constant::fmod(x, y), expected = std::fmod(x, y);
    INFO("fmod(" << x << ", " << y << ")");
    if (std::bit_cast<std::uint64_t>(got) != std::bit_cast<std::uint64_t>(expected))
      CHECK((std::isnan(got) && std::isnan(expected)));
  };
  for (int i = 0; i < points; ++i) look(any_double(random), any_double(random));
  for (double x : special)
    for (double y : special) look(x, y);
}

// ---- in constant expressions

constexpr double off(double got, double expected) { return got < expected ? expected - got : got - expected; }

static_assert(off(constant::exp(1), 2.718281828459045) < 5e-16);
static_assert(constant::exp(1000) == inf && constant::exp(-1000) == 0 && constant::exp(-745) > 0 &&
              constant::exp(inf) == inf);
static_assert(constant::log(0) == -inf && constant::is_nan(constant::log(-1)) && constant::log2(1024) == 10 &&
              constant::log10(1e15) == 15);
static_assert(off(constant::sin(1e22), -0.8522008497671888) < 2e-16 &&
              off(constant::cos(1e300), -0.5753861119575491) < 2e-16);
static_assert(constant::is_nan(constant::sin(inf)) && constant::is_nan(constant::asin(2)) && constant::atanh(1) == inf);
static_assert(constant::sqrt(2) == 1.4142135623730951 && constant::sqrt(5e-324) > 0 && constant::cbrt(-27) == -3);
static_assert(constant::pow(2, 0.5) == 1.4142135623730951 && constant::pow(2, 2000) == inf &&
              constant::pow(-2, 3) == -8);
static_assert(constant::pow(0, -1) == inf && constant::pow(nan, 0) == 1 && constant::hypot(3e300, 4e300) == 5e300);
static_assert(constant::erf(0.5) + constant::erfc(0.5) == 1 && constant::erfc(30) == 0 &&
              constant::fmod(-7.5, 2) == -1.5);
static_assert(constant::sinh(1000) == inf && constant::tanh(-1000) == -1 && constant::acosh(1) == 0 &&
              constant::floor(-0.5) == -1);

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

static_assert(ddx::eval(exp(x), x = 1.0) > 2.718);
static_assert(off(ddx::eval(ddx::diff(sin(x) * log(y), x), x = 0.5, y = 2.0), 0.6082938784828856) < 1e-15);
static_assert(off(ddx::eval(pow(x, y) + atan2(x, y) + hypot(x, y), x = 2.0, y = 3.0), 12.193553879011557) < 1e-14);
static_assert(ddx::eval(ddx::diff(sqrt(x), x), x = 4.0) == 0.25 && ddx::eval(floor(x) + fmod(x, 2), x = 3.5) == 4.5);
static_assert(ddx::fn<"x">([](auto p) { return tanh(p) * erf(p) + sigmoid(p); })(0.0) == 0.5);
static_assert(ddx::eval(exp(x), x = 1.0f) == 2.7182817f);

TEST_CASE("a constant expression has the value of run time") {
  constexpr auto f =
      ddx::fn<"x">([](auto p) { return exp(sin(p)) * log1p(pow(p, 2)) / cosh(p) + asinh(p) - cbrt(p) * erfc(p); });
  constexpr double at_compile_time = ddx::grad(f)(0.7)[0];
  double volatile at = 0.7;
  CHECK(ddx::grad(f)(static_cast<double>(at))[0] == Approx(at_compile_time).epsilon(1e-14));
}

}  // namespace

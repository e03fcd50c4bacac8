// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Programs on doubles enter with real in place of double; that they compute the same, and derivatives besides, is
// checked.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <compare>
#include <ddx/error.hpp>
#include <ddx/tape/format.hpp>
#include <ddx/tape/tape.hpp>
#include <limits>
#include <map>
#include <numeric>
#include <sstream>
#include <type_traits>
#include <unordered_set>
#include <vector>

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using ddx::real;

static_assert(sizeof(real) == 16);
static_assert(std::is_trivially_copyable_v<real>);
static_assert(std::is_convertible_v<double, real> && std::is_convertible_v<int, real>);
static_assert(!std::is_convertible_v<real, double> && std::is_constructible_v<double, real>);
static_assert(std::is_same_v<decltype(real() < real()), bool> && std::is_same_v<decltype(real() * 2 == 1.0), bool>);
static_assert(std::numeric_limits<real>::digits == 53 && std::numeric_limits<real>::is_specialized);
static_assert(std::numeric_limits<real>::epsilon().value() == std::numeric_limits<double>::epsilon());

/// The derivative of f at x by the tape.
template <class Function>
double slope(Function f, double at) {
  ddx::tape tape;
  real const x = tape.input(at);
  real const y = f(x);
  return tape.gradient(y, x);
}

/// What tells numbers apart that compare equal or not at all, but for the sign of a NaN.
std::string text(double x) { return fmt::format("{}", std::isnan(x) ? nan : x); }

TEST_CASE("a real without a tape is a double") {
  real x = 3, y(2.5f);
  real z = x * y + 1;
  z += 2;
  CHECK(z.value() == 10.5);
  CHECK_FALSE(z.recorded());
  real total = 0;
  for (real v : {real(1), real(2)}) total += v;
  CHECK(total == 3);
  CHECK(static_cast<int>(real(2.75)) == 2);
  CHECK(static_cast<double>(x * 2) == 6);
  CHECK((x ? 1 : 0) == 1);
}

TEST_CASE("an assignment is one statement, whatever its size") {
  ddx::tape tape;
  auto const x = tape.inputs(std::vector{1.0, 2.0});
  real const y = sin(x[0]) * x[1] + exp(x[0] / 3) - 2 * x[1];
  auto const s = tape.statistics();
  CHECK(s.inputs == 2);
  CHECK(s.statements == 3);
  CHECK(s.operations == 7);
  CHECK(y.value() == Approx(std::sin(1.0) * 2 + std::exp(1 / 3.0) - 4));
  CHECK(tape.gradient(y, x)[0] == Approx(std::cos(1.0) * 2 + std::exp(1 / 3.0) / 3));
  CHECK(tape.gradient(y, x)[1] == Approx(std::sin(1.0) - 2));
}

TEST_CASE("a recorded operation takes at most 24 bytes") {
  ddx::tape tape;
  auto const x = tape.inputs(std::vector{1.0, 2.0, 3.0});
  auto const bytes_of = [&](auto const& make) {
    std::size_t const before = tape.statistics().bytes;
    make();
    return tape.statistics().bytes - before;
  };
  CHECK(bytes_of([&] { static_cast<void>(real(x[0] * x[1] + x[2])); }) == 24);
  CHECK(bytes_of([&] { static_cast<void>(real(x[0] * x[1])); }) == 24);
  CHECK(bytes_of([&] { static_cast<void>(real(2 * x[1])); }) == 24);
  CHECK(bytes_of([&] { static_cast<void>(real(sin(x[1]))); }) == 16);
  CHECK(bytes_of([&] { static_cast<void>(x[0] < x[1]); }) == 24);
}

TEST_CASE("an expression kept in a variable owns its operands") {
  ddx::tape tape;
  real const x = tape.input(2);
  auto const make = [&] {
    real const local = x * x;
    return sin(local) + local;
  };
  auto const kept = make();
  real const y = kept;
  CHECK(y.value() == Approx(std::sin(4.0) + 4));
  CHECK(tape.gradient(y, x) == Approx((std::cos(4.0) + 1) * 4));
}

TEST_CASE("compound assignments and increments differentiate") {
  CHECK(slope(
            [](real x) {
              real y = x;
              y *= x;
              y += 3 * x;
              y -= 1;
              y /= x;
              return y;
            },
            2) == Approx(1 + 1.0 / 4));
  CHECK(slope(
            [](real x) {
              real y = x++;
              return real(y * x);
            },
            2) == Approx(5));
  CHECK(slope(
            [](real x) {
              real y = --x;
              return real(y * x);
            },
            2) == Approx(2));
  CHECK(slope(
            [](real x) {
              x = x * x;
              x += x;
              return x;
            },
            3) == Approx(12));
}

TEST_CASE("comparisons compare values") {
  ddx::tape tape;
  real const x = tape.input(1), y = tape.input(2);
  CHECK(x < y);
  CHECK(x <= 1);
  CHECK(2.0 > x);
  CHECK(x * 2 >= y);
  CHECK(x + 1 == y);
  CHECK(x != y);
  CHECK((x < y && y > 0));
  CHECK_FALSE(real(nan) == nan);
  CHECK(std::is_lt(x <=> y));
  CHECK(std::is_gt(2 <=> x));
  CHECK(std::is_eq(x * 2 <=> y));
  CHECK(std::is_neq(real(nan) <=> y));
  CHECK_FALSE(!x);
  CHECK((x && y));
  struct place {
    real at;
    int number;
    auto operator<=>(place const&) const = default;
  };
  CHECK(place{1, 2} < place{1, 3});
}

TEST_CASE("algorithms of the standard library take reals") {
  ddx::tape tape;
  auto x = tape.inputs(std::vector{3.0, 1.0, 2.0});
  auto const given = x;
  std::sort(x.begin(), x.end());
  CHECK(x[0] == 1);
  real const dot = std::inner_product(x.begin(), x.end(), x.begin(), real(0));
  real const sum = std::accumulate(x.begin(), x.end(), real(0));
  CHECK(dot == 14);
  CHECK(tape.gradient(real(dot / sum), given)[0] == Approx(6.0 / 6 - 14.0 / 36));
  CHECK(std::max(x[0], x[1]).value() == 2);
  using std::max, std::min, std::swap, std::abs, std::pow, std::isnan;
  swap(x[0], x[1]);
  CHECK(x[0] == 2);
  CHECK(real(max(x[0], 0.5)).value() == 2);
  CHECK(real(min(x[0] * 2, x[1])).value() == 1);
  CHECK(real(abs(-x[0])).value() == 2);
  CHECK(real(pow(x[0], 3)).value() == 8);
  CHECK_FALSE(isnan(x[0]));
  CHECK(std::unordered_set<real>{real(1), real(1), real(2)}.size() == 2);
  CHECK(std::map<real, int>{{real(1), 5}}.at(real(1)) == 5);
}

TEST_CASE("names of the standard library that the table does not have") {
  using ddx::isfinite, ddx::isinf;
  double const at = -1.75;
  CHECK(slope([](auto x) { return real(fabs(x)); }, at) == -1);
  CHECK(slope([](auto x) { return real(tgamma(-x)); }, at) == Approx(-std::tgamma(1.75) * 0.24747245354686));
  CHECK(slope([](auto x) { return fmin(x, 3 * x); }, at) == 3);
  CHECK(slope([](auto x) { return fmax(x, real(nan)); }, at) == 1);
  CHECK(slope([](auto x) { return fdim(2.0, x); }, at) == -1);
  CHECK(slope([](auto x) { return fma(x, x, 3.0); }, at) == -3.5);
  CHECK(slope([](auto x) { return copysign(x, 1.0); }, at) == -1);
  CHECK(slope([](auto x) { return real(ldexp(x, 3)); }, at) == 8);
  int exponent = 0;
  CHECK(frexp(real(at), &exponent).value() == std::frexp(at, &exponent));
  CHECK(exponent == 1);
  CHECK(slope([&](auto x) { return frexp(x, &exponent); }, at) == 0.5);
  real whole;
  CHECK(modf(real(at), &whole).value() == -0.75);
  CHECK(whole == -1);
  CHECK(lround(real(2.5)) == 3);
  CHECK(isinf(real(inf)));
  CHECK_FALSE(isfinite(real(nan)));
  CHECK(signbit(real(-0.0)));
  CHECK(nearbyint(real(2.5)).value() == 2);
  CHECK(slope([](auto x) { return hypot(x, 2.0, real(3)); }, at) == Approx(at / std::hypot(at, 2, 3)));
  CHECK(slope([](auto x) { return remainder(x, 0.5 * x * x); }, at) == Approx(1 - -1 * at));
  CHECK(slope([](auto x) { return nextafter(x, 0.0); }, at) == 1);
  CHECK(slope([](auto x) { return lerp(1.0, x, 0.25); }, at) == 0.25);
  CHECK(lrint(real(2.5)) == 2);
  CHECK(llrint(real(3.5)) == 4);
  CHECK(real(scalbln(real(3), 2L)) == 12);
  CHECK(isunordered(real(nan), 1.0));
  using ddx::fpclassify, ddx::isnormal;
  for (double x : {3.7, -3.7, 2.5, 3.5, -2.5, 0.5, -0.5, 0.0, 1e300, 4.9e-324, inf, nan}) {
    INFO(x);
    for (double y : {1.4, -1.0, 2.0, 1e-3, 1e308, inf})
      CHECK(text(remainder(real(x), y).value()) == text(std::remainder(x, y)));
    CHECK(text(rint(real(x)).value()) == text(std::rint(x)));
    CHECK(text(nextafter(real(x), 1.0).value()) == text(std::nextafter(x, 1.0)));
    CHECK(text(copysign(real(2), -x).value()) == text(std::copysign(2, -x)));
    CHECK(ilogb(real(x)) == std::ilogb(x));
    CHECK(fpclassify(real(x)) == std::fpclassify(x));
    CHECK(isnormal(real(x)) == std::isnormal(x));
  }
}

TEST_CASE("functions that steer programs are kept by the tape: a replay is refused, never wrong") {
  int exponent = 0;
  auto const refused = [](double at, double then, auto f) {
    ddx::tape tape;
    real const x = tape.input(at), y = f(x);
    try {
      tape.replay(std::vector{then});
    } catch (ddx::error const&) { return true; }
    double const expected = f(real(then)).value();
    CHECK(text(tape.value(y)) == text(expected));
    return false;
  };
  auto const half = [](real x) { return rint(x); };
  CHECK_FALSE(refused(2.4, 3.6, half));
  CHECK(refused(2.4, 3.5, half));
  CHECK_FALSE(refused(2.4, -3.6, [](real x) { return nearbyint(x); }));
  CHECK(refused(2.4, 2.6, [](real x) { return real(x * lrint(x)); }));
  CHECK(refused(2.4, 30, [](real x) { return logb(x); }));
  CHECK(refused(2.4, 30, [](real x) { return real(x * ilogb(x)); }));
  CHECK_FALSE(refused(2.4, 3, [](real x) { return real(x * ilogb(x)); }));
  CHECK(refused(2.4, 30, [&](real x) { return frexp(x, &exponent); }));
  CHECK(refused(2.4, -1, [](real x) { return signbit(x) ? real(0) : x; }));
  CHECK(refused(2.4, -1, [](real x) { return copysign(real(1), x); }));
  CHECK(refused(2.4, nan, [](real x) { return isnan(x) ? real(0) : x; }));
  CHECK(refused(2.4, inf, [](real x) { return isinf(x) ? real(0) : x; }));
  CHECK(refused(2.4, inf, [](real x) { return isfinite(x) ? x : real(0); }));
  CHECK(refused(2.4, 0, [](real x) { return ddx::fpclassify(x) == FP_ZERO ? real(5) : x; }));
  CHECK(refused(nan, 2, [](real x) { return fmin(x, 3.0); }));
}

TEST_CASE("the branch that is not taken contributes nothing, even where its derivative is infinite or NaN") {
  CHECK(slope([](real x) { return real(where(x > 0, sqrt(x), 0.0)); }, 0) == 0);
  CHECK(slope(
            [](real x) {
              real const root = sqrt(x);
              return real(where(x > 0, root, 3 * x));
            },
            0) == 3);
  CHECK(slope(
            [](real x) {
              real const root = sqrt(x);
              return real(max(root, 1 + x));
            },
            0) == 1);
  CHECK(slope([](real x) { return real(max(sqrt(x), x + 1)); }, 0) == 1);
  CHECK(slope([](real x) { return real(sqrt(max(x, 0.0))); }, -1) == 0);
  CHECK(slope([](real x) { return real(where(x == 0, 1.0, sin(x) / x)); }, 0) == 0);
  CHECK(slope(
            [](real x) {
              real const q = sin(x) / x;
              return real(where(x == 0, 1.0, q));
            },
            0) == 0);
  CHECK(slope([](real x) { return real(relu(x) + abs(x)); }, 0) == 0);
}

TEST_CASE("powers at their edges") {
  CHECK(slope([](real x) { return real(pow(x, 2)); }, 0) == 0);
  CHECK(slope([](real x) { return real(pow(x, 0)); }, 0) == 0);
  CHECK(slope([](real x) { return real(pow(x, 1)); }, 0) == 1);
  CHECK(slope([](real x) { return real(pow(x, 3)); }, -2) == 12);
  CHECK(slope([](real x) { return real(pow(x, 0.5)); }, 0) == inf);
  CHECK(slope([](real x) { return real(pow(0.0, x)); }, 2) == 0);
  ddx::tape tape;
  real const x = tape.input(0);
  CHECK(tape.hessian(real(pow(x, 2)), std::vector{x})[0][0] == 2);
  CHECK(tape.hessian(real(x * x * x), std::vector{x})[0][0] == 0);
}

TEST_CASE("a real is written and read as its value") {
  ddx::tape tape;
  real const x = tape.input(1.5);
  std::stringstream text;
  text << x << ' ' << x * 2;
  CHECK(text.str() == "1.5 3");
  real read;
  std::istringstream("2.25") >> read;
  CHECK(read == 2.25);
  CHECK(fmt::format("{}", x) == "1.5");
  CHECK(fmt::format("{:8.3f}|{:+e}|{:>6}|{:<6}|{:g}", x, x, x, x, x) ==
        fmt::format("{:8.3f}|{:+e}|{:>6}|{:<6}|{:g}", 1.5, 1.5, 1.5, 1.5, 1.5));
  CHECK(fmt::format("{:.1f}", x * 2) == "3.0");
}

TEST_CASE("a number that is left over is refused with a sentence") {
  real left;
  {
    ddx::tape tape;
    left = tape.input(1);
  }
  CHECK(left.value() == 1);
  CHECK_THROWS_WITH(real(left * 2), Catch::Contains("no tape records"));
  CHECK_THROWS_AS(left < 2, ddx::error);
  ddx::tape other;
  CHECK_THROWS_WITH(real(left * 2), Catch::Contains("recorded on another tape"));
  real const x = other.input(2);
  CHECK_THROWS_AS(real(left * x), ddx::error);
  CHECK_THROWS_AS(other.gradient(left, x), ddx::error);
  CHECK(other.gradient(real(x * x), x) == 4);
  other.reset();
  CHECK_THROWS_AS(real(x * 2), ddx::error);
  CHECK_THROWS_AS(other.gradient(x, x), ddx::error);
}

}  // namespace

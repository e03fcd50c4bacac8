// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas enter; that they are values, whole YAP expressions and template arguments, and lose nothing on the way, is checked.
#include <boost/yap/yap.hpp>
#include <catch2/catch.hpp>
#include <ddx/ddx.hpp>
#include <string>
#include <type_traits>
#include <vector>

namespace {

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;
constexpr ddx::array<"v", "n"> v;

/// A formula made of the locals of a scope that is gone when it is used.
auto made_of_locals(double scale) {
  ddx::var<"x"> local_x;
  auto const half = local_x * scale;
  auto const shifted = half + 1.5;
  return shifted * sin(half);
}

TEST_CASE("a formula owns its operands: it outlives the scope that made it") {
  auto const f = made_of_locals(0.5);
  std::vector<double> overwritten(1000, 7.0);  // what the scope left on the stack is gone
  CHECK(overwritten[3] == 7.0);
  CHECK(ddx::eval(f, x = 3.0) == Approx((1.5 + 1.5) * std::sin(1.5)));
  CHECK(fmt::format("{}", f) == "(0.5*x + 1.5)*sin(0.5*x)");
}

TEST_CASE("formulas can be copied, kept in containers and handed to functions") {
  auto const f = pow(x, 2) + 3 * y;
  std::vector<std::remove_const_t<decltype(f)>> kept(3, f);
  CHECK(ddx::eval(kept[2], x = 2.0, y = 1.0) == 7.0);
  auto const twice = [](auto const& g) { return g + g; };
  CHECK(ddx::eval(twice(kept[0]), x = 2.0, y = 1.0) == 14.0);
}

TEST_CASE("formulas are small and trivial: literals are all they hold") {
  CHECK(sizeof(2 * x + 3 * y) <= 4 * sizeof(double));
  CHECK(std::is_trivially_copyable_v<decltype(2 * x + 3 * y)>);
}

TEST_CASE("formulas and symbols are expressions of Boost.YAP") {
  CHECK(boost::yap::is_expr<std::remove_const_t<decltype(x)>>::value);
  CHECK(boost::yap::is_expr<std::remove_const_t<decltype(v)>>::value);
  CHECK(boost::yap::is_expr<decltype(x + y)>::value);
  CHECK(boost::yap::is_expr<decltype(sin(x * 2) / -y)>::value);
  CHECK(boost::yap::is_expr<decltype(where(x < y && !(x == 1), x, 2))>::value);
  CHECK(boost::yap::is_expr<decltype(ddx::diff(x * x, x))>::value);
  CHECK(boost::yap::is_expr<decltype(ddx::sum<"n">(v))>::value);
  auto const f = x + y * 2;
  CHECK(decltype(f)::kind == boost::yap::expr_kind::plus);
  CHECK(std::is_same_v<std::remove_cvref_t<decltype(boost::yap::left(f))>, std::remove_const_t<decltype(x)>>);
  CHECK(boost::yap::value(boost::yap::right(boost::yap::right(f))).value == 2.0);
}

TEST_CASE("a formula in local scope is a constant expression and a template argument") {
  constexpr auto local = pow(x, 2) * 0.5 + y;
  static_assert(ddx::eval<local>(x = 4.0, y = 1.0) == 9.0);
  static_assert(ddx::eval(local, x = 4.0, y = 1.0) == 9.0);
  constexpr auto derived = ddx::diff(local, x);
  static_assert(ddx::eval<derived>(x = 4.0, y = 1.0) == 4.0);
  static_assert(ddx::eval<ddx::diff(pow(x, 3), x)>(x = 2.0) == 12.0);
  CHECK(fmt::format("{}", derived) == "x");
}

constexpr auto at_namespace_scope = (x + 1) * (x - 1);
static_assert(ddx::eval<at_namespace_scope>(x = 3.0) == 8.0);
static_assert(ddx::eval(ddx::diff(at_namespace_scope, x), x = 3.0) == 6.0);
static_assert(ddx::eval(where(x > 0, x, -x) / 4 - min(x, 1) + square(x) + relu(-x) + max(x, 2) + sign(x), x = 3.0) ==
              0.75 - 1 + 9 + 0 + 3 + 1);

template <auto F>
constexpr double at_two() {
  return ddx::eval<F>(x = 2.0);
}
static_assert(at_two<x * x * x>() == 8.0);
static_assert(at_two<ddx::diff(x* x* x, x, x)>() == 12.0);

/// The formulas' literals known at compile time, and as slots.
template <auto F, class... Bindings>
void check_both(Bindings const&... bindings) {
  double const known = ddx::eval<F>(bindings...), slots = ddx::eval(F, bindings...);
  CHECK(known == Approx(slots).epsilon(1e-14));
}

TEST_CASE("literals known to the compiler and literals in slots give the same values") {
  check_both<2 * x + y / 3 - 0.1>(x = 0.7, y = 2.3);
  check_both<pow(x, 2) * pow(y, -3) + pow(x, 0) + pow(x, 0.5) + pow(2, x)>(x = 0.7, y = 2.3);
  check_both<pow(x, 40) + pow(x, 16) + pow(x, 17) + pow(x, -16)>(x = 1.3);
  check_both<where(x > 0.5, 3 * x, 1 / (x - 0.7)) * 2 + min(x, 1) + max(0, y)>(x = 0.7, y = 2.3);
  check_both<exp(-x * 2) * sin(3 * y) / sqrt(2 + x) + atan2(x, 2) + hypot(3, y)>(x = 0.7, y = 2.3);
  check_both<ddx::diff(pow(x, 3) * exp(2 * x * y) + 5 * log(3 * x), x)>(x = 0.7, y = 2.3);
  check_both<ddx::diff(pow(x, 3) * pow(y, 2.5), x, y, x)>(x = 0.7, y = 2.3);
  check_both<0 * x + 1>(x = 0.7);
}

TEST_CASE("literals in slots at edges are those of known literals") {
  CHECK(ddx::eval(ddx::diff(pow(x, 0), x), x = 0.0) == 0);
  CHECK(ddx::eval(ddx::diff(pow(x, 1), x), x = 0.0) == 1);
  CHECK(ddx::eval(ddx::diff(pow(x, 2), x), x = 0.0) == 0);
  CHECK(ddx::eval(ddx::diff(pow(x, 2), x, x), x = 0.0) == 2);
  CHECK(ddx::eval(pow(x, 3), x = -2.0) == -8);
  CHECK(ddx::eval(ddx::diff(pow(x, 3), x), x = -2.0) == 12);
  CHECK(ddx::eval(ddx::diff(ddx::diff(pow(x, 3), x), x), x = -2.0) == -12);
}

TEST_CASE("derivatives compose: nested, mixed, higher, of parts") {
  auto const f = pow(x, 4) * pow(y, 3);
  CHECK(fmt::format("{}", ddx::diff(ddx::diff(f, x), y)) == "12*x^3*y^2");
  CHECK(fmt::format("{}", ddx::diff(f, x, y)) == "12*x^3*y^2");
  CHECK(fmt::format("{}", ddx::diff(f, y, x)) == "12*x^3*y^2");
  CHECK(fmt::format("{}", ddx::diff(f, x, x, x, x, x)) == "0");
  CHECK(fmt::format("{}", ddx::diff(y * ddx::diff(pow(x, 3), x), y)) == "3*x^2");
  CHECK(fmt::format("{}", ddx::diff(x * ddx::diff(pow(x, 3), x), x)) == "9*x^2");
  CHECK(fmt::format("{}", ddx::diff(exp(x) * sin(x), x)) == "exp(x)*sin(x) + exp(x)*cos(x)");
  CHECK(fmt::format("{}", ddx::diff(y, x)) == "0");
  CHECK(ddx::eval(ddx::diff(sin(x * y), x, y, x), x = 0.5, y = 2.0) ==
        Approx(-2 * 2.0 * std::sin(1.0) - 0.5 * 4.0 * std::cos(1.0)));
}

TEST_CASE("grad binds to names, with known literals and in order") {
  auto [fx, fy] = ddx::grad(2 * x * y + pow(y, 3), x, y);
  CHECK(fmt::format("{} | {}", fx, fy) == "2*y | 2*x + 3*y^2");
  auto const g = ddx::grad(x * y, y, x);
  CHECK(fmt::format("{} | {}", g.get<0>(), g.get<1>()) == "x | y");
  constexpr auto constant = ddx::grad(x * y * 4, x, y);
  static_assert(std::tuple_size_v<decltype(constant)> == 2);
  static_assert(ddx::eval<constant.get<0>()>(x = 1.0, y = 3.0) == 12.0);
}

TEST_CASE("a name is known if the formula as written has it, even if the derivative lost it") {
  CHECK(ddx::eval(ddx::diff(x * x + y, x), x = 1.5, y = 2.0) == 3.0);
  CHECK(ddx::eval(ddx::diff(x + y, y), x = 1.5, y = 2.0) == 1.0);
}

TEST_CASE("others' types are not hijacked by the operators") {
  struct foreign {
    int operator+(int right) const { return 40 + right; }
  };
  CHECK(foreign{} + 2 == 42);
  CHECK(std::string("a") + "b" == "ab");
  CHECK_FALSE(ddx::Formula<int>);
  CHECK_FALSE(ddx::Formula<std::string>);
  CHECK(ddx::Formula<decltype(x + 1)>);
  CHECK(ddx::Symbol<decltype(x)>);
  CHECK_FALSE(ddx::Symbol<decltype(x + 1)>);
}

TEST_CASE("numbers of all types are literals") {
  CHECK(fmt::format("{}", x + 1) == "x + 1");
  CHECK(fmt::format("{}", x + 1u) == "x + 1");
  CHECK(fmt::format("{}", x + 1.5f) == "x + 1.5");
  CHECK(fmt::format("{}", x + 1ull) == "x + 1");
  CHECK(fmt::format("{}", x + 'a') == "x + 97");
  CHECK(fmt::format("{}", x + true) == "x + 1");
  CHECK(fmt::format("{}", +x) == "x");
}

}  // namespace

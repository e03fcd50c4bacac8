// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Primitives written by a user, in namespaces of the user's: they are printed, differentiated twice, evaluated, traced
// and compiled into loops as those of the library.
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/ddx.hpp>
#include <string>
#include <vector>

namespace mine {

/// 1 / sqrt(x); generic, so vectors enter it.
struct rsqrt_ {
  static constexpr std::string_view name = "rsqrt";
  static constexpr auto value = [](auto x) {
    using ddx::math::sqrt;
    return decltype(x)(1) / sqrt(x);
  };
  static constexpr ddx::rules partials{[](auto x, auto y) { return -y / (2 * x); }};
  static constexpr ddx::notation latex{"{0}^{-1/2}", ddx::precedence::power, ddx::precedence::atom};
  static constexpr ddx::notation cpp{"1/std::sqrt({0})", ddx::precedence::product};
  static constexpr std::array domain{ddx::interval{0.1, 4}};
};
DDX_FUNCTION(rsqrt, rsqrt_);

/// The Gudermannian of a number only: called lane by lane in loops, not in constant expressions.
struct gudermann_ {
  static constexpr std::string_view name = "gd";
  static constexpr auto value = [](double x) { return std::atan(std::sinh(x)); };
  static constexpr ddx::rules partials{[](auto x, auto) { return sech(x); }};
};
DDX_FUNCTION(gd, gudermann_);

/// The error of a model and its label, of two operands.
struct bent_ {
  static constexpr std::string_view name = "bent";
  static constexpr auto value = [](double x, double y) { return x * x * y + std::exp(y); };
  static constexpr ddx::rules partials{[](auto x, auto y, auto) { return 2 * x * y; },
                                       [](auto x, auto y, auto) { return pow(x, 2) + exp(y); }};
};
DDX_FUNCTION(bent, bent_);

}  // namespace mine

// A name in ddx itself is found without qualification.
namespace ddx {

struct swish_ {
  static constexpr std::string_view name = "swish";
  static constexpr auto value = [](auto x) { return x * sigmoid_::value(x); };
  static constexpr rules partials{[](auto x, auto y) { return y + sigmoid(x) * (1 - y); }};
};
DDX_FUNCTION(swish, swish_);

}  // namespace ddx

namespace {

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;
constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;

TEST_CASE("a custom primitive is printed in every style, with its derivatives") {
  CHECK(ddx::to_string(mine::rsqrt(x) + mine::bent(x, 2)) == "rsqrt(x) + bent(x, 2)");
  CHECK(ddx::to_string(mine::rsqrt(x + 1), ddx::format::latex) == "\\left(x + 1\\right)^{-1/2}");
  CHECK(ddx::to_string(2 * mine::rsqrt(x), ddx::format::cpp) == "2*(1/std::sqrt(x))");
  CHECK(ddx::to_string(ddx::diff(mine::gd(3 * x), x)) == "3*sech(3*x)");
  CHECK(ddx::to_string(ddx::diff(mine::rsqrt(x), x)) == "-rsqrt(x)/(2*x)");
  constexpr auto f = ddx::fn<"a">([](auto a) { return mine::rsqrt(a) * swish(a); });
  CHECK(ddx::to_string(f) == "rsqrt(a)*swish(a)");
  CHECK(ddx::to_string(ddx::grad(f)).find("rsqrt(a)") != std::string::npos);
}

TEST_CASE("a custom primitive is differentiated twice, by both of its operands") {
  constexpr auto f = mine::bent(3 * x, y);
  double const a = 0.7, b = -0.4;
  CHECK(ddx::eval<f>(x = a, y = b) == Approx(9 * a * a * b + std::exp(b)));
  CHECK(ddx::eval<ddx::diff(f, x)>(x = a, y = b) == Approx(18 * a * b));
  CHECK(ddx::eval<ddx::diff(ddx::diff(f, x), y)>(x = a, y = b) == Approx(18 * a));
  CHECK(ddx::eval<ddx::diff(ddx::diff(f, y), y)>(x = a, y = b) == Approx(std::exp(b)));
  CHECK(ddx::eval(ddx::diff(ddx::diff(mine::gd(x), x), x), x = a) == Approx(-std::tanh(a) / std::cosh(a)));
  CHECK(ddx::eval(mine::gd(x), x = 0.5f) == Approx(std::atan(std::sinh(0.5f))));
}

TEST_CASE("a text names a custom primitive whose record it is given") {
  constexpr auto f = ddx::formula<"bent(2*x, rsqrt(y))", mine::bent_, mine::rsqrt_>;
  CHECK(ddx::to_string(f) == "bent(2*x, rsqrt(y))");
  CHECK(ddx::eval<f>(x = 0.5, y = 4.0) == Approx(0.5 + std::exp(0.5)));
}

TEST_CASE("a custom primitive is traced and evaluated in constant expressions") {
  constexpr auto f = ddx::fn<"a", "b">([](auto a, auto b) { return mine::rsqrt(a) * mine::rsqrt(a) * b; });
  static_assert(f(4.0, 8.0) == 2);
  static_assert(ddx::grad(f)(4.0, 8.0)[0] == -0.5);
  static_assert(ddx::eval(mine::rsqrt(x), x = 0.25) == 2);
  CHECK(ddx::hessian(f)(4.0, 8.0)[0][0] == Approx(0.25));
}

TEST_CASE("a custom primitive is compiled into loops, by vectors or lane by lane") {
  std::vector<float> const data{0.5f, 1, 2, 3, 0.25f, 4, 0.1f, 0.7f, 1.3f, 2.2f, 3.1f, 0.9f};
  std::vector<float> const weights{1.5f, -0.5f, 0.25f, 2};
  constexpr auto f = ddx::sum<"n">(ddx::sum<"d">(mine::rsqrt(X) * w + mine::gd(X * w) + swish(w)));
  auto const kernel = ddx::compile<f, ddx::diff(f, w)>();
  float total = 0;
  std::vector<float> gradient(4);
  kernel(ddx::into(total, gradient), X = ddx::view(data, 3, 4), w = weights);
  double expected = 0;
  std::vector<double> by_w(4);
  for (std::size_t i = 0; i < 12; ++i) {
    double const a = static_cast<double>(data[i]), b = static_cast<double>(weights[i % 4]), s = 1 / (1 + std::exp(-b));
    expected += b / std::sqrt(a) + std::atan(std::sinh(a * b)) + b * s;
    by_w[i % 4] += 1 / std::sqrt(a) + a / std::cosh(a * b) + s + b * s * (1 - s);
  }
  CHECK(static_cast<double>(total) == Approx(expected).epsilon(1e-5));
  for (std::size_t j = 0; j < 4; ++j) CHECK(static_cast<double>(gradient[j]) == Approx(by_w[j]).epsilon(1e-5));
}

TEST_CASE("a custom primitive is part of a training step") {
  std::vector<float> const data{0.5f, 1, 2, 3, 0.25f, 4};
  std::vector<float> weights{0.3f, -0.2f};
  constexpr auto loss = ddx::mean<"n">(mine::bent(ddx::sum<"d">(X * w), 0.5));
  auto step = ddx::stepper<loss, w>(ddx::sgd{.lr = 0.1});
  double const before = static_cast<double>(step(X = ddx::view(data, 3, 2), w = weights));
  double const after = static_cast<double>(step(X = ddx::view(data, 3, 2), w = weights));
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    double const s = static_cast<double>(data[2 * i]) * 0.3 - static_cast<double>(data[2 * i + 1]) * 0.2;
    sum += 0.5 * s * s + std::exp(0.5);
  }
  CHECK(before == Approx(sum / 3).epsilon(1e-6));
  CHECK(after < before);
}

}  // namespace

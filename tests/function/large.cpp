// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A function of 800 operators enters; that it and its gradient compile with both compilers and are right is checked.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/function/fn.hpp>

namespace {

constexpr int terms = 100;

/// 8 operators a term.
template <class Number>
constexpr Number sum_of_terms(std::array<Number, 10> const& x) {
  using std::exp, std::sin;
  Number sum = x[0] * 0.0;
  for (int i = 0; i < terms; ++i) {
    Number const &a = x[static_cast<unsigned>(i % 10)], &b = x[static_cast<unsigned>((i * 7 + 3) % 10)];
    sum = sum + sin(a * (0.1 + i)) * exp(b * -0.5) / (1.0 + b * b);
  }
  return sum;
}

constexpr auto large = ddx::fn<"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9">(
    [](auto... x) { return sum_of_terms(std::array{x...}); });

TEST_CASE("a function of 800 operators and its gradient are those of the same code on numbers") {
  auto const call = [](auto const& f, std::array<double, 10> const& x) {
    return f(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9]);
  };
  std::array<double, 10> at{};
  for (std::size_t i = 0; i < at.size(); ++i) at[i] = 0.3 + 0.1 * static_cast<double>(i);
  auto const [value, gradient] = call(ddx::value_and_grad(large), at);
  CHECK(value == Approx(sum_of_terms(at)));
  for (std::size_t i = 0; i < at.size(); ++i) {
    auto const along = [&](double step) {
      auto moved = at;
      moved[i] += step;
      return sum_of_terms(moved);
    };
    double const h = 1e-4, slope = (8 * (along(h) - along(-h)) - (along(2 * h) - along(-2 * h))) / (12 * h);
    CHECK(gradient[i] == Approx(slope).epsilon(1e-6));
  }
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Steps on data and parameters by columns and with strides enter; they must do what they do by definition.
#include "step_oracle.hpp"

namespace {

using ddx::mean, ddx::sum;
using oracle::random_elements;
using oracle::step_check;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::var<"b"> b;
constexpr ddx::array<"T", "n", "d"> T;

TEST_CASE("parameters are trained where they lie") {
  constexpr auto squares = mean<"n">(pow(sum<"d">(X * w) + b - y, 2)) + sum<"n">(sum<"d">(pow(T - X, 2)));
  for (std::ptrdiff_t n : {1, 9, 140})
    for (std::ptrdiff_t d : {1, 7, 17}) {
      CAPTURE(n, d);
      auto const steps = [&](auto const& data, auto const& table) {
        random_elements<double> weights(2, 3 * d), labels(3, n);
        double bias = 0.5;
        return step_check<squares, w, b, T>::within(256, 0.0625, 2, X = data, T = table, y = labels.view(n), b = bias,
                                                    w = ddx::view(weights.data(), d).strides(3));
      };
      random_elements<double> x(1, 2 * n * d), t(4, 2 * n * d + n);
      CHECK(steps(x.view(n, d), t.view(n, d).column_major()) == "");
      CHECK(steps(x.view(n, d).column_major(), t.view(n, d).strides(d + 1, 1)) == "");
      CHECK(steps(x.view(n, d).column_major(), t.view(n, d).strides(2 * d, 2)) == "");
    }
}

}  // namespace

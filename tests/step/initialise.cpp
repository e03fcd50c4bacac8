// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Parameters and seeds enter; first values leave, the same everywhere.
#include <ddx/step/initialise.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

TEST_CASE("initial values are fixed by the seed on every platform") {
  // From an independent implementation of mt19937_64 in Python: 1/28 * (top 53 bits / 2^52 - 1), seed 7.
  std::array<double, 2> w{};
  float b = 0;
  std::array<ddx::parameter, 2> const parameters{{{w, 784}, {b, 784}}};
  ddx::initialise(parameters, 7);
  CHECK(w[0] == 0.018170378868061283);
  CHECK(w[1] == 0.032092943063760294);
  CHECK(b == static_cast<float>(-0.027327551354677283));
}

TEST_CASE("initial values are uniform within 1/sqrt(fan_in)") {
  std::vector<float> w(100000);
  std::vector<ddx::parameter> const parameters{{w, 25}};
  ddx::initialise(parameters, 3);
  auto const [least, most] = std::minmax_element(w.begin(), w.end());
  CHECK(*least >= -0.2f);
  CHECK(*least < -0.1999f);
  CHECK(*most <= 0.2f);
  CHECK(*most > 0.1999f);
  CHECK(std::abs(std::accumulate(w.begin(), w.end(), 0.0) / 100000) < 0.0015);  // standard deviation 0.00037
  double squares = 0;
  for (float const x : w) squares += double(x) * x;
  CHECK(squares / 100000 == Approx(0.04 / 3).epsilon(0.02));
}

TEST_CASE("a parameter without a fan_in keeps its values") {
  std::vector<double> w{1, 2, 3};
  double b = 4;
  std::vector<ddx::parameter> const parameters{w, b};
  ddx::initialise(parameters, 3);
  CHECK(w == std::vector<double>{1, 2, 3});
  CHECK(b == 4);
}

TEST_CASE("a parameter sees the caller's memory") {
  std::vector<float> w(3);
  std::array<double, 2> v{};
  double b = 0;
  CHECK(ddx::parameter(w).bytes().size() == 12);
  CHECK(ddx::parameter(v).bytes().size() == 16);
  CHECK(static_cast<void*>(ddx::parameter(b).bytes().data()) == &b);
  CHECK(ddx::parameter(std::span(w).first(2)).bytes().size() == 8);
}

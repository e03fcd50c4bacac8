// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Pairs of constants enter; whether exact arithmetic answers, and only where the result is exact and finite, is checked.
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/graph/rational.hpp>
#include <ddx/graph/sequence.hpp>
#include <limits>
#include <random>

namespace {

namespace exact = ddx::exact;

/// A random double: small integers, dyadic fractions, decimal fractions and wild exponents.
double some_number(std::mt19937& random) {
  double const whole = static_cast<double>(random() % 2001) - 1000;
  switch (random() % 5) {
    case 0: return whole;
    case 1: return whole / 64;
    case 2: return whole / 10;
    case 3: return std::ldexp(whole, static_cast<int>(random() % 2000) - 1000);
    default: return std::ldexp(static_cast<double>(random()) + 0.5, static_cast<int>(random() % 40) - 20);
  }
}

TEST_CASE("exact multiplication answers for the product that a fused multiply-add confirms and never rounds") {
  std::mt19937 random(1);
  int answered = 0;
  for (int i = 0; i < 200000; ++i) {
    double const a = some_number(random), b = some_number(random);
    double product = 0;
    if (!exact::multiply(a, b, product)) continue;
    ++answered;
    REQUIRE(std::isfinite(product));
    REQUIRE(product == a * b);
    if (std::abs(product) > 1e-250) REQUIRE(std::fma(a, b, -product) == 0);
  }
  CHECK(answered > 50000);
}

TEST_CASE("exact addition answers for the sum that long double confirms and never rounds") {
  static_assert(std::numeric_limits<long double>::digits >= 64);
  std::mt19937 random(2);
  int answered = 0;
  for (int i = 0; i < 200000; ++i) {
    double const a = some_number(random), b = some_number(random);
    double sum = 0;
    if (!exact::add(a, b, sum)) continue;
    ++answered;
    REQUIRE(std::isfinite(sum));
    REQUIRE(static_cast<long double>(a) + b == sum);
  }
  CHECK(answered > 50000);
}

TEST_CASE("exact arithmetic refuses what rounds, overflows or is not a number") {
  double result = 0;
  CHECK_FALSE(exact::multiply(0.1, 3, result));
  CHECK_FALSE(exact::multiply(1e200, 1e200, result));
  CHECK_FALSE(exact::multiply(1e-200, 1e-200, result));
  CHECK_FALSE(exact::multiply(std::numeric_limits<double>::infinity(), 0, result));
  CHECK_FALSE(exact::multiply(std::nan(""), 1, result));
  CHECK_FALSE(exact::add(0.1, 0.2, result));
  CHECK_FALSE(exact::add(1e308, 1e308, result));
  CHECK_FALSE(exact::add(std::nan(""), 1, result));
  CHECK(exact::multiply(0.5, 3, result));
  CHECK(result == 1.5);
  CHECK(exact::add(0.5, 0.25, result));
  CHECK(result == 0.75);
}

TEST_CASE("quotients are kept as quotients in lowest terms with a positive denominator") {
  ddx::rational r;
  REQUIRE(exact::divide({1, 1}, {3, 1}, r));
  CHECK(r == ddx::rational{1, 3});
  REQUIRE(exact::divide({2, 1}, {-6, 1}, r));
  CHECK(r == ddx::rational{-1, 3});
  REQUIRE(exact::multiply({2, 3}, {9, 4}, r));
  CHECK(r == ddx::rational{3, 2});
  REQUIRE(exact::add({1, 3}, {1, 6}, r));
  CHECK(r == ddx::rational{1, 2});
  REQUIRE(exact::add({1, 3}, {-1, 3}, r));
  CHECK(r.is(0));
  CHECK_FALSE(exact::divide({1, 1}, {0, 1}, r));
  REQUIRE(exact::power({2, 3}, -2, r));
  CHECK(r == ddx::rational{9, 4});
  CHECK_FALSE(exact::power({0, 1}, -1, r));
  CHECK_FALSE(exact::power({10, 1}, 40, r));
}

TEST_CASE("a sequence keeps its elements through growth, copies and pushing one of its own") {
  ddx::sequence<int> s;
  for (int i = 0; i < 16; ++i) s.push_back(i);
  s.push_back(s[3]);
  REQUIRE(s.size() == 17);
  CHECK(s.back() == 3);
  ddx::sequence<int> const copy = s;
  s.clear();
  s.push_back(7);
  CHECK(copy.size() == 17);
  CHECK(copy[0] == 0);
  s = copy;
  CHECK(s.size() == 17);
  s.resize(20, 9);
  CHECK(s[19] == 9);
}

}  // namespace

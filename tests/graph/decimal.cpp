// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Decimal digits enter; that the nearest double leaves is checked against the C library.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ddx/graph/decimal.hpp>
#include <limits>
#include <random>
#include <string>

namespace {

using ddx::detail::nearest_double;

static_assert(nearest_double("0.1") == 0.1);
static_assert(nearest_double("1e22") == 1e22);
static_assert(nearest_double("1e23") == 1e23);
static_assert(nearest_double("5e-324") == 5e-324);
static_assert(nearest_double("2.4703282292062327e-324") == 0);
static_assert(nearest_double("2.4703282292062328e-324") == 5e-324);
static_assert(nearest_double("2.2250738585072011e-308") == 2.2250738585072011e-308);
static_assert(nearest_double("1.7976931348623157e308") == 1.7976931348623157e308);
static_assert(nearest_double("1.7976931348623159e308") == std::numeric_limits<double>::infinity());
static_assert(nearest_double("1e999999999") == std::numeric_limits<double>::infinity());
static_assert(nearest_double("1e-999999999") == 0);
static_assert(nearest_double("0e999999999") == 0);
static_assert(nearest_double("123456789012345678901234567890") == 123456789012345678901234567890.0);
static_assert(nearest_double("9007199254740993") == 9007199254740992);
static_assert(nearest_double("9007199254740993.00000000000000000000000001") == 9007199254740994);

TEST_CASE("digits of random doubles are read as the C library reads them") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 30000; ++i) {
    std::uint64_t bits = random() >> 1;
    if (i % 4 == 0) bits &= 0xfffffffffffffu;  // subnormal
    double number = 0;
    std::memcpy(&number, &bits, sizeof number);
    if (!std::isfinite(number)) continue;
    char text[64];
    std::snprintf(text, sizeof text, "%.*e", static_cast<int>(random() % 25), number);
    CAPTURE(text);
    REQUIRE(nearest_double(text) == std::strtod(text, nullptr));
  }
}

TEST_CASE("halfway cases and their neighbours are read as the C library reads them") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 1000; ++i) {
    double const low = std::ldexp(static_cast<double>(random() >> 11), static_cast<int>(random() % 1900) - 1100);
    long double const half = (static_cast<long double>(low) + std::nextafter(low, HUGE_VAL)) / 2;
    char digits[1200];
    std::snprintf(digits, sizeof digits, "%.1100Le", half);
    std::string text = digits;
    for (char const last : {'0', '1'}) {
      text[text.find('e') - 1] = last;
      CAPTURE(text);
      REQUIRE(nearest_double(text) == std::strtod(text.c_str(), nullptr));
    }
  }
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A million doubles enter; that their text is the one that fmt writes is checked, and in constant expressions that of some edges.
#include <fmt/format.h>

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/graph/number.hpp>
#include <limits>
#include <random>
#include <string>

namespace {

using ddx::detail::number_text;

static_assert(number_text(0).view() == "0");
static_assert(number_text(-0.0).view() == "-0");
static_assert(number_text(0.1).view() == "0.1");
static_assert(number_text(-2.5).view() == "-2.5");
static_assert(number_text(1e-4).view() == "0.0001");
static_assert(number_text(1e-5).view() == "1e-05");
static_assert(number_text(123456789012345.6).view() == "123456789012345.6");
static_assert(number_text(9999999999999998.0).view() == "9999999999999998");
static_assert(number_text(1e16).view() == "1e+16");
static_assert(number_text(1.0 / 3).view() == "0.3333333333333333");
static_assert(number_text(5e-324).view() == "5e-324");
static_assert(number_text(std::numeric_limits<double>::min()).view() == "2.2250738585072014e-308");
static_assert(number_text(std::numeric_limits<double>::max()).view() == "1.7976931348623157e+308");

TEST_CASE("the text of a number is the shortest that reads back, as fmt writes it") {
  std::mt19937_64 random(1);
  int different = 0;
  auto const check = [&](double value) {
    if (!std::isfinite(value)) return;
    std::string const expected = fmt::format("{}", value);
    if (number_text(value).view() == expected) return;
    ++different;
    UNSCOPED_INFO(number_text(value).view() << " instead of " << expected);
  };
  for (int i = 0; i < 500000; ++i) check(std::bit_cast<double>(random()));
  for (int i = 0; i < 100000; ++i) check(std::bit_cast<double>(random() >> (12 + random() % 50)));  // subnormals
  for (int i = 0; i < 200000; ++i)                                                                  // short ones
    check(static_cast<double>(random() % 1000000) / 1000 * std::pow(10.0, static_cast<int>(random() % 40) - 20));
  for (int i = 0; i < 200000; ++i)  // binary fractions
    check(std::ldexp(static_cast<double>(random() >> 11), -static_cast<int>(random() % 80)));
  double const inf = std::numeric_limits<double>::infinity();
  for (int exponent = -1074; exponent < 1024; ++exponent) {  // where neighbours are not equally far
    double const power = std::ldexp(1.0, exponent);
    check(power);
    check(-power);
    check(std::nextafter(power, 0));
    check(std::nextafter(power, inf));
  }
  CHECK(different == 0);
}

}  // namespace

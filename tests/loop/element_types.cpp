// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Arrays of float, double, bool and integers of all widths, mixed in one program, enter; kernels must compute in the documented type
// and agree with the oracle.
#include "oracle.hpp"

namespace {

using ddx::grad, ddx::mean, ddx::sum;
using oracle::check;
using oracle::random_elements;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::array<"z", "n"> z;
constexpr ddx::var<"b"> b;

constexpr auto score = sum<"d">(X * w) + b * y;

template <class Data, class Weights, class Labels>
void mixed(double low, double high) {
  for (std::ptrdiff_t n : {0, 1, 8, 17, 35})
    for (std::ptrdiff_t d : {1, 7, 8, 16, 33, 70}) {
      random_elements<Data> x(1, n * d, low, high);
      random_elements<Weights> weights(2, d);
      random_elements<Labels> labels(3, n, 0, 1);
      CAPTURE(n, d);
      CHECK(check<score, sum<"n">(score), sum<"n">(X * score)>::within(256, X = x.view(n, d), w = weights.view(d),
                                                                       y = labels.view(n), b = 0.5f) == "");
    }
}

TEST_CASE("unsigned bytes with float weights") { mixed<std::uint8_t, float, std::uint8_t>(0, 255); }
TEST_CASE("unsigned bytes with double weights") { mixed<std::uint8_t, double, bool>(0, 255); }
TEST_CASE("signed bytes with float weights and double labels") { mixed<std::int8_t, float, double>(-128, 127); }
TEST_CASE("32-bit integers with float weights") { mixed<std::int32_t, float, std::int8_t>(-1000, 1000); }
TEST_CASE("16-bit integers with double weights") { mixed<std::int16_t, double, std::uint16_t>(-30000, 30000); }
TEST_CASE("bool with double weights") { mixed<bool, double, std::int32_t>(0, 1); }
TEST_CASE("bool with float weights") { mixed<bool, float, float>(0, 1); }
TEST_CASE("64-bit integers with double weights") { mixed<std::int64_t, double, std::uint64_t>(-1000, 1000); }
TEST_CASE("float data with double weights") { mixed<float, double, float>(-2, 2); }
TEST_CASE("double data with float weights") { mixed<double, float, std::uint8_t>(-2, 2); }

TEST_CASE("elements of every type are read one after the other and apart") {
  constexpr ddx::array<"T", "d", "n"> T;
  for (std::ptrdiff_t n : {1, 16, 35}) {
    std::ptrdiff_t const d = 19;
    random_elements<std::uint8_t> x(1, n * d, 0, 255);
    random_elements<std::int16_t> t(2, n * d, -300, 300);
    random_elements<bool> labels(3, n);
    random_elements<float> weights(4, d);
    CAPTURE(n);
    CHECK(check<X - T, sum<"n">(X * y) + w, sum<"d">(T / 8)>::within(64, X = x.view(n, d), T = t.view(d, n),
                                                                     y = labels.view(n), w = weights.view(d)) == "");
  }
}

template <class... Bindings>
using computed_in = decltype(ddx::compile<sum<"n">(y + z + b)>()(std::declval<Bindings>()...));

template <class Y, class Z, class B>
using result_with = computed_in<decltype(y = std::declval<std::vector<Y>&>()),
                                decltype(z = std::declval<std::vector<Z>&>()), decltype(b = std::declval<B>())>;

TEST_CASE("the widest floating type among the arrays decides, then the one among the numbers, then double") {
  using bytes = std::uint8_t;
  static_assert(std::is_same_v<result_with<float, float, double>, float>);
  static_assert(std::is_same_v<result_with<float, double, float>, double>);
  static_assert(std::is_same_v<result_with<bytes, float, double>, float>);
  static_assert(std::is_same_v<result_with<bytes, double, float>, double>);
  static_assert(std::is_same_v<result_with<bytes, int, float>, float>);
  static_assert(std::is_same_v<result_with<bytes, int, double>, double>);
  static_assert(std::is_same_v<result_with<bytes, int, int>, double>);
  std::vector<bytes> ones(300, 255);
  CHECK(ddx::compile<sum<"n">(y + z + b)>()(y = ones, z = ones, b = 1) == 300 * 511);
}

TEST_CASE("elements of const ranges, spans and arrays are bound like those of vectors") {
  std::vector<float> const values{1, 2, 3};
  std::array<double, 3> const others{4, 5, 6};
  CHECK(ddx::compile<sum<"n">(y * z)>()(y = values, z = others) == 32);
  CHECK(ddx::compile<sum<"n">(y * z)>()(y = std::span(values), z = ddx::view(others, 3)) == 32);
}

}  // namespace

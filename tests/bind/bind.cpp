// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Names, numbers, ranges and views enter; that bindings hold the right elements in the right shape, or say what is wrong, is
// checked.
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <ddx/bind/bind.hpp>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

namespace {

constexpr ddx::var<"x"> x;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"X", "n", "d"> X;

template <class Binding>
using value_of = typename ddx::detail::binding_parts<Binding>::value;

TEST_CASE("a scalar binds copies of constants and references to variables of the caller") {
  double variable = 2;
  double const constant = 3;
  static_assert(std::is_same_v<value_of<decltype(x = 1.0)>, ddx::scalar_value<double>>);
  static_assert(std::is_same_v<value_of<decltype(x = 1.0f)>, ddx::scalar_value<float>>);
  static_assert(std::is_same_v<value_of<decltype(x = variable)>, ddx::scalar_reference<double>>);
  static_assert(std::is_same_v<value_of<decltype(x = constant)>, ddx::scalar_value<double>>);
  static_assert(ddx::Binding<decltype(x = 1)>);
  static_assert(!ddx::Binding<int>);
  auto const bound = x = variable;
  variable = 5;
  CHECK(boost::hana::second(bound).get() == 5);
  CHECK(boost::hana::second(x = constant).get() == 3);
}

TEST_CASE("an array of one axis binds vectors, arrays, spans and built-in arrays without a copy") {
  std::vector<float> elements{1, 2, 3};
  std::array<double, 2> const pair{1, 2};
  std::uint8_t bytes[4]{};
  auto const bound = boost::hana::second(w = elements);
  static_assert(std::is_same_v<decltype(bound), ddx::array_view<float, 1> const>);
  CHECK(bound.data == elements.data());
  CHECK(bound.extents[0] == 3);
  static_assert(std::is_same_v<value_of<decltype(w = pair)>, ddx::array_view<double const, 1>>);
  static_assert(std::is_same_v<value_of<decltype(w = bytes)>, ddx::array_view<std::uint8_t, 1>>);
  CHECK(boost::hana::second(w = std::span(elements)).data == elements.data());
  CHECK(boost::hana::second(w = bytes).extents[0] == 4);
}

TEST_CASE("a view gives elements their extents, outermost first") {
  std::vector<float> elements(12);
  auto const rows = ddx::view(elements, 3, 4);
  static_assert(rows.rank == 2);
  CHECK(rows.data == elements.data());
  CHECK(rows.extents == std::array<std::ptrdiff_t, 2>{3, 4});
  CHECK(ddx::view(elements.data(), 2, 2, 3).extents == std::array<std::ptrdiff_t, 3>{2, 2, 3});
  CHECK(ddx::view(std::as_const(elements), 12).data == elements.data());
  static_assert(std::is_same_v<decltype(ddx::view(std::as_const(elements), 12))::element, float const>);
  CHECK(boost::hana::second(X = rows).extents[1] == 4);
  CHECK(ddx::view(std::span(elements), 6u, 2ul).extents[0] == 6);
}

TEST_CASE("a view says which shape the elements cannot have, whatever the numbers") {
  std::vector<float> elements(8), none;
  CHECK_THROWS_WITH(ddx::view(elements, 4, 3), "view: 8 elements cannot have the shape 4 x 3");
  CHECK_THROWS_WITH(ddx::view(elements, 7), "view: 8 elements cannot have the shape 7");
  CHECK_THROWS_WITH(ddx::view(elements, -2, -4), "view: 8 elements cannot have the shape -2 x -4");
  CHECK_THROWS_WITH(ddx::view(elements, 0, 8), "view: 8 elements cannot have the shape 0 x 8");
  auto const huge = std::numeric_limits<std::ptrdiff_t>::max();
  CHECK_THROWS_AS(ddx::view(elements, huge, huge), ddx::error);
  CHECK_THROWS_AS(ddx::view(elements, std::ptrdiff_t{1} << 32, std::ptrdiff_t{1} << 32), ddx::error);
  CHECK_THROWS_AS(ddx::view(none, 3), ddx::error);
  CHECK(ddx::view(none, 0, 5).extents[1] == 5);
  CHECK_NOTHROW(ddx::view(elements, 2, 2, 2));
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The same elements in every kind of memory enter: row- and column-major, with strides, C arrays, Eigen's matrices, views like
// std::mdspan. Kernels and steps must give what they give for plain row-major elements.
#include <array>
#include <cstdint>
#include <span>

#include "../step/step_oracle.hpp"

#if __has_include(<eigen3/Eigen/Core>)
#include <eigen3/Eigen/Core>
#define DDX_TEST_EIGEN
#endif

namespace {

using ddx::grad, ddx::mean, ddx::sum;
using oracle::check;
using oracle::random_elements;
using oracle::step_check;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::var<"b"> b;

constexpr auto score = sum<"d">(X * w) + b * y;
constexpr auto loss = sum<"n">(pow(score, 2));

/// The least of what std::mdspan is.
namespace small_mdspan {

struct shape {
  static constexpr std::size_t rank_dynamic() { return 2; }
  constexpr shape(std::ptrdiff_t rows, std::ptrdiff_t columns) : extent{rows, columns} {}
  std::ptrdiff_t extent[2];
};
struct right {
  constexpr right(shape s) : extents(s) {}
  constexpr std::ptrdiff_t stride(std::size_t i) const { return i == 0 ? extents.extent[1] : 1; }
  shape extents;
};
struct left {
  constexpr left(shape s) : extents(s) {}
  constexpr std::ptrdiff_t stride(std::size_t i) const { return i == 0 ? 1 : extents.extent[0]; }
  shape extents;
};
template <class Element, class Mapping>
struct view {
  using mapping_type = Mapping;
  using extents_type = shape;
  static constexpr std::size_t rank() { return 2; }
  std::ptrdiff_t extent(std::size_t i) const { return mapping.extents.extent[i]; }
  std::ptrdiff_t stride(std::size_t i) const { return mapping.stride(i); }
  Element* data_handle() const { return data; }
  Element* data;
  Mapping mapping;
};

}  // namespace small_mdspan

template <class View>
constexpr ddx::layout layout_of =
    ddx::detail::layout_of<std::remove_cvref_t<decltype(boost::hana::second(std::declval<View>()))>>;

TEST_CASE("what a type tells of its memory is seen without including the library it comes from") {
  using small_mdspan::view;
  static_assert(layout_of<decltype(X = std::declval<view<float, small_mdspan::right>&>())> == ddx::layout::row_major);
  static_assert(layout_of<decltype(X = std::declval<view<float, small_mdspan::left>&>())> == ddx::layout::column_major);
  float c[3][4]{};
  std::array<std::array<double, 4>, 3> const nested{};
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(boost::hana::second(X = c))>, ddx::array_view<float, 2>>);
  CHECK(boost::hana::second(X = c).extents == std::array<std::ptrdiff_t, 2>{3, 4});
  static_assert(
      std::is_same_v<std::remove_cvref_t<decltype(boost::hana::second(X = nested))>, ddx::array_view<double const, 2>>);
  CHECK(boost::hana::second(X = nested).extents == std::array<std::ptrdiff_t, 2>{3, 4});
}

template <class Element>
void in_all_layouts() {
  for (std::ptrdiff_t n : {0, 1, 7, 9, 35, 131})
    for (std::ptrdiff_t d : {1, 8, 15, 33}) {
      random_elements<Element> x(1, 3 * n * d + 3 * n + 3 * d, 0, 3);
      random_elements<float> weights(2, 2 * d), labels(3, 3 * n);
      CAPTURE(n, d);
      auto const all = [&](auto const& data) {
        return check<loss, grad(loss, w), score, X * y>::within(512, X = data,
                                                                w = ddx::view(weights.data(), d).strides(2),
                                                                y = ddx::view(labels.data(), n).strides(3), b = 0.5f);
      };
      CHECK(all(x.view(n, d).column_major()) == "");
      CHECK(all(x.view(n, d).strides(d + 3, 1)) == "");
      CHECK(all(x.view(n, d).strides(1, n + 2)) == "");
      CHECK(all(x.view(n, d).strides(3 * d, 3)) == "");
      CHECK(all(x.view(n, d).strides(0, 1)) == "");
      CHECK(all(ddx::view(x.data() + n * d, n, d).strides(-d, 1)) == "");
    }
}

TEST_CASE("floats in all layouts") { in_all_layouts<float>(); }
TEST_CASE("bytes in all layouts") { in_all_layouts<std::uint8_t>(); }

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The same elements in every kind of memory enter: row- and column-major, with strides, C arrays, Eigen's matrices, views like
// std::mdspan. Kernels and steps must give what they give for plain row-major elements.
#include <array>
#include <cstdint>
#include <span>

#include "../loop/oracle.hpp"

#if __has_include(<eigen3/Eigen/Core>)
#define EIGEN_DONT_VECTORIZE  // g++ 12 warns of its own intrinsics
#include <eigen3/Eigen/Core>
#define DDX_TEST_EIGEN
#endif

namespace {

using ddx::grad, ddx::mean, ddx::sum;
using oracle::check;
using oracle::random_elements;

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

constexpr std::ptrdiff_t row_counts[]{0, 1, 7, 9, 35, 131};
constexpr std::ptrdiff_t widths[]{1, 8, 15, 33};

TEST_CASE("a matrix by columns, by rows apart, transposed, every third element, one row for all, backwards") {
  for (std::ptrdiff_t n : row_counts)
    for (std::ptrdiff_t d : widths) {
      random_elements<float> x(1, 3 * n * d + 3 * n + 3 * d, 0, 3), weights(2, 2 * d), labels(3, 3 * n);
      CAPTURE(n, d);
      auto const all = [&](auto const& data) {
        return check<grad(loss, w), score>::within(512, X = data, w = ddx::view(weights.data(), d).strides(2),
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

TEST_CASE("bytes by columns") {
  for (std::ptrdiff_t n : row_counts)
    for (std::ptrdiff_t d : widths) {
      random_elements<std::uint8_t> x(1, n * d, 0, 255);
      random_elements<float> weights(2, d);
      random_elements<bool> labels(3, n);
      CAPTURE(n, d);
      CHECK(check<loss, grad(loss, w)>::within(512, X = x.view(n, d).column_major(), w = weights.view(d),
                                               y = labels.view(n), b = 0.5f) == "");
    }
}

/// The same call with outputs in plain vectors and in other places.
TEST_CASE("outputs go to columns, to every second element and to the other floating type") {
  std::ptrdiff_t const n = 37, d = 19;
  random_elements<float> x(1, n * d), labels(3, n);
  constexpr auto scaled = X * y;
  constexpr auto centred = X - mean<"n">(X);
  auto const kernel = ddx::compile<scaled, centred, sum<"n">(X), sum<"d">(X)>();
  auto const call = [&](auto&&... targets) { kernel(ddx::into(targets...), X = x.view(n, d), y = labels.view(n)); };
  std::vector<float> first, second, third, fourth;
  call(first, second, third, fourth);
  CHECK(third.size() == static_cast<std::size_t>(d));
  auto const compared = [&](auto const& matrix, auto const& other, auto const& vector, auto const& rows) {
    for (std::ptrdiff_t j = 0; j < d; ++j) {
      for (std::ptrdiff_t i = 0; i < n; ++i) {
        auto const at = static_cast<std::size_t>(i * d + j);
        REQUIRE(static_cast<float>(matrix(i, j)) == first[at]);
        REQUIRE(static_cast<float>(other(i, j)) == second[at]);
        REQUIRE(static_cast<float>(rows(i)) == fourth[static_cast<std::size_t>(i)]);
      }
      REQUIRE(static_cast<float>(vector(j)) == third[static_cast<std::size_t>(j)]);
    }
  };
  {
    std::vector<float> columns(static_cast<std::size_t>(n * d)), apart(static_cast<std::size_t>(3 * n * d), -1);
    std::vector<double> wide(static_cast<std::size_t>(d)), pairs(static_cast<std::size_t>(2 * n), -1);
    call(ddx::view(columns, n, d).column_major(), ddx::view(apart.data() + 1, n, d).strides(3 * d, 3), wide,
         ddx::view(pairs.data(), n).strides(2));
    compared([&](auto i, auto j) { return columns[static_cast<std::size_t>(i + j * n)]; },
             [&](auto i, auto j) { return apart[static_cast<std::size_t>(1 + 3 * (i * d + j))]; },
             [&](auto j) { return wide[static_cast<std::size_t>(j)]; },
             [&](auto i) { return pairs[static_cast<std::size_t>(2 * i)]; });
    for (std::size_t i = 0; i < apart.size(); ++i) REQUIRE((i % 3 == 1 || apart[i] == -1));
    for (std::size_t i = 1; i < pairs.size(); i += 2) REQUIRE(pairs[i] == -1);
  }
#ifdef DDX_TEST_EIGEN
  {
    Eigen::MatrixXf columns;
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> wide(2 * n, d + 4);
    wide.setConstant(-1);
    Eigen::VectorXf vector;
    Eigen::RowVectorXd rows(n);
    call(columns, wide.block(1, 2, n, d), vector, rows);
    compared(columns, wide.block(1, 2, n, d), vector, rows);
    CHECK(wide.row(0).minCoeff() == -1);
    CHECK(wide.row(0).maxCoeff() == -1);
    CHECK(wide.col(1).maxCoeff() == -1);
    CHECK(wide.col(d + 2).maxCoeff() == -1);
  }
#endif
}

TEST_CASE("products of matrices by columns and by rows apart") {
  constexpr ddx::array<"A", "i", "k"> A;
  constexpr ddx::array<"B", "k", "j"> B;
  for (std::ptrdiff_t n : {1, 8, 37})
    for (std::ptrdiff_t k : {0, 1, 17}) {
      std::ptrdiff_t const m = 21;
      random_elements<float> a(1, 2 * n * k + n), c(2, k * m);
      std::vector<float> by_rows, by_columns(static_cast<std::size_t>(n * m));
      auto const product = ddx::compile<sum<"k">(A * B)>();
      CAPTURE(n, k);
      CHECK(check<sum<"k">(A * B)>::within(64, A = a.view(n, k).column_major(), B = c.view(k, m)) == "");
      CHECK(check<sum<"k">(A * B)>::within(64, A = a.view(n, k).strides(2 * k + 1, 2),
                                           B = c.view(k, m).column_major()) == "");
      product(ddx::into(by_rows), A = a.view(n, k), B = c.view(k, m));
      product(ddx::into(ddx::view(by_columns, n, m).column_major()), A = a.view(n, k), B = c.view(k, m));
      for (std::ptrdiff_t i = 0; i < n; ++i)
        for (std::ptrdiff_t j = 0; j < m; ++j)
          REQUIRE(by_columns[static_cast<std::size_t>(i + j * n)] ==
                  Approx(by_rows[static_cast<std::size_t>(i * m + j)]).margin(1e-5));
    }
}

#ifdef DDX_TEST_EIGEN
TEST_CASE("Eigen's matrices, maps, blocks and vectors are bound as they are") {
  std::ptrdiff_t const n = 21, d = 10;
  Eigen::MatrixXf const data = Eigen::MatrixXf::Random(n, 2 * d);
  Eigen::VectorXf weights = Eigen::VectorXf::Random(d);
  Eigen::RowVectorXd const labels = Eigen::RowVectorXd::Random(n);
  auto const got = ddx::compile<score>()(X = data.leftCols(d), w = weights, y = labels, b = 1);
  static_assert(std::is_same_v<decltype(got), std::vector<double> const>);
  Eigen::VectorXd const expected = data.leftCols(d).cast<double>() * weights.cast<double>() + labels.transpose();
  for (std::ptrdiff_t i = 0; i < n; ++i) REQUIRE(got[static_cast<std::size_t>(i)] == Approx(expected(i)).margin(1e-12));

  auto const step = ddx::stepper<mean<"n">(pow(sum<"d">(X * w) - y, 2)), w>(ddx::sgd{.lr = 0.5});
  Eigen::VectorXd const errors = data.leftCols(d).cast<double>() * weights.cast<double>() - labels.transpose();
  Eigen::VectorXd const moved =
      weights.cast<double>() - data.leftCols(d).cast<double>().transpose() * errors / static_cast<double>(n);
  Eigen::Map<Eigen::MatrixXf const, 0, Eigen::OuterStride<>> const map(data.data(), n, d, Eigen::OuterStride<>(n));
  CHECK(step(X = map, w = weights, y = labels) == Approx(errors.squaredNorm() / static_cast<double>(n)));
  CHECK((weights.cast<double>() - moved).norm() < 1e-6);
}
#endif

TEST_CASE("a column of one table and a block of another are trained and read beside each other") {
  std::ptrdiff_t const n = 12, d = 5;
  std::vector<float> table(static_cast<std::size_t>(n * (d + 2)));
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<float>(i % 11);
  auto const data = ddx::view(table.data(), n, d).strides(d + 2, 1);
  auto const label = ddx::view(table.data() + d, n).strides(d + 2);
  auto const place = ddx::view(table.data() + d + 1, n).strides(d + 2);
  std::vector<float> weights{1, 2, 3, 4, 5};
  ddx::compile<score>()(ddx::into(place), X = data, y = label, w = weights, b = 1);
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    float expected = table[static_cast<std::size_t>(i * (d + 2) + d)];
    for (std::ptrdiff_t k = 0; k < d; ++k)
      expected += weights[static_cast<std::size_t>(k)] * table[static_cast<std::size_t>(i * (d + 2) + k)];
    REQUIRE(place.data[i * (d + 2)] == expected);
  }
}

}  // namespace

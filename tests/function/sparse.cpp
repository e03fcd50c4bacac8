// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Functions with sparse derivatives enter; patterns are checked by the compiler, entries against the dense matrices.
#include <array>
#include <catch2/catch.hpp>
#include <cstddef>
#include <ddx/function/sparse.hpp>

namespace {

constexpr auto chain = ddx::fn<"a", "b", "c", "d", "e">([](auto a, auto b, auto c, auto d, auto e) {
  auto const link = [](auto x, auto y) { return 100 * pow(y - x * x, 2) + pow(1 - x, 2); };
  return link(a, b) + link(b, c) + link(c, d) + link(d, e);
});

constexpr auto arrow = ddx::fn<"a", "b", "c", "d">(
    [](auto a, auto b, auto c, auto d) { return exp(a * b) + a * sin(c) + d * d * a + 3 * b; });

constexpr auto several =
    ddx::fn<"x", "y", "z">([](auto x, auto y, auto z) { return std::array{x * y, sin(z), floor(x) * y, x + 2 * z}; });

template <class Sparse, class Dense, std::size_t Count>
void check_against(Sparse const& sparse, Dense const& dense, std::array<double, Count> const& at) {
  auto const entries = std::apply(sparse, at);
  auto full = std::apply(dense, at);
  std::size_t next = 0;
  for (auto const [row, column] : sparse.places) {
    double& want = full[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
    CHECK(entries[next++] == Approx(want).margin(1e-12));
    want = 0;
  }
  for (auto const& row : full)
    for (double rest : row) CHECK(rest == 0);
}

TEST_CASE("the Hessian of a chain is tridiagonal") {
  constexpr auto hessian = ddx::sparse_hessian(chain);
  static_assert(hessian.rows == 5 && hessian.columns == 5 && hessian.places.size() == 13);
  static_assert(hessian.places[2] == ddx::matrix_place{1, 0});
  check_against(hessian, ddx::hessian(chain), std::array{0.3, -1.2, 0.7, 2.0, 1.1});
}

TEST_CASE("the Hessian of an arrow has its head and its diagonal") {
  constexpr auto hessian = ddx::sparse_hessian(arrow);
  static_assert(hessian.places.size() == 10);
  check_against(hessian, ddx::hessian(arrow), std::array{0.3, -1.2, 0.7, 2.0});
}

TEST_CASE("a Jacobian has no entries where nothing depends") {
  constexpr auto jacobian = ddx::sparse_jacobian(several);
  static_assert(jacobian.rows == 4 && jacobian.columns == 3 && jacobian.places.size() == 6);
  static_assert(jacobian.places[2] == ddx::matrix_place{1, 2} && jacobian.places[3] == ddx::matrix_place{2, 1});
  check_against(jacobian, ddx::jacobian(several), std::array{1.3, -1.2, 0.7});
}

}  // namespace

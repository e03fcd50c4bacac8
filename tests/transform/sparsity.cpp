// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Graphs enter; their patterns of zeros are compared with derivatives, colourings are checked by compressing and recovering matrices.
#include <array>
#include <ddx/transform/derivative.hpp>
#include <ddx/transform/sparsity.hpp>

#include "values.hpp"

namespace {

using matrix = std::vector<std::vector<double>>;

std::string name(int i) { return "x" + std::to_string(i); }

/// A graph of n inputs whose names live as long as the program.
ddx::graph inputs_of(int n) {
  static std::vector<std::string> const names = [] {
    std::vector<std::string> result;
    for (int i = 0; i < 200; ++i) result.push_back(name(i));
    return result;
  }();
  ddx::graph g;
  for (int i = 0; i < n; ++i) building::scalar(g, names[static_cast<std::size_t>(i)]);
  return g;
}

ddx::sequence<int> first(int n) {
  ddx::sequence<int> result;
  for (int i = 0; i < n; ++i) result.push_back(i);
  return result;
}

using pairs = std::vector<std::pair<int, int>>;

pairs entries(ddx::sparsity const& s) {
  pairs result;
  for (int row = 0; row < s.rows; ++row)
    for (int i = s.begin[row]; i < s.begin[row + 1]; ++i) result.emplace_back(row, s.column[i]);
  return result;
}

ddx::sparsity pattern_of(int n, bool (*has)(int row, int column)) {
  ddx::detail::bit_rows rows(n, n);
  for (int row = 0; row < n; ++row)
    for (int column = 0; column < n; ++column)
      if (has(row, column)) rows.set(row, column);
  ddx::sparsity result;
  rows.write(result);
  return result;
}

/// Compresses a matrix with random entries (symmetric ones where asked) and checks that each comes back.
void check_recovery(ddx::sparsity const& s, ddx::coloring const& colors, bool symmetric) {
  std::mt19937 random(61);
  auto const at = [](int i) { return static_cast<std::size_t>(i); };
  matrix full(at(s.rows), std::vector<double>(at(s.columns), 0)),
      compressed(at(s.rows), std::vector<double>(at(colors.count), 0));
  for (auto [row, column] : entries(s)) {
    double& entry = full[at(row)][at(column)];
    entry = 1 + static_cast<double>(random() % 1000);
    if (symmetric && column < row) entry = full[at(column)][at(row)];
  }
  for (auto [row, column] : entries(s)) compressed[at(row)][at(colors.color[column])] += full[at(row)][at(column)];
  auto const places = ddx::compressed_places(s, colors);
  int i = 0;
  for (auto [row, column] : entries(s)) {
    ddx::compressed_place const place = places[i++];
    INFO("entry " << row << ", " << column);
    REQUIRE(compressed[at(place.row)][at(place.color)] == full[at(row)][at(column)]);
  }
}

TEST_CASE("the Jacobian's pattern says which outputs depend on which inputs") {
  ddx::graph const g =
      passes::graph_of({DDX_EXPRESSION(x * y), DDX_EXPRESSION(sin(z)), DDX_EXPRESSION(7), DDX_EXPRESSION(x + y + z),
                        DDX_EXPRESSION(where(x > 0, y, 2)), DDX_EXPRESSION(y + sign(x))});
  CHECK(entries(ddx::jacobian_sparsity(g.view(), first(3))) ==
        pairs{{0, 0}, {0, 1}, {1, 2}, {3, 0}, {3, 1}, {3, 2}, {4, 1}, {5, 1}});
  ddx::sequence<int> turned;
  turned.push_back(2);
  turned.push_back(1);
  CHECK(entries(ddx::jacobian_sparsity(g.view(), turned)) == pairs{{0, 1}, {1, 0}, {3, 0}, {3, 1}, {4, 1}, {5, 1}});
}

TEST_CASE("the Hessian's pattern says which pairs of inputs interact") {
  auto const hessian = [](passes::expression e) {
    return entries(ddx::hessian_sparsity(passes::graph_of(e).view(), first(3)));
  };
  CHECK(hessian(DDX_EXPRESSION(x + 2 * y - z / 3)) == pairs{});
  CHECK(hessian(DDX_EXPRESSION(x * y + z)) == pairs{{0, 1}, {1, 0}});
  CHECK(hessian(DDX_EXPRESSION(x * x + exp(y))) == pairs{{0, 0}, {1, 1}});
  CHECK(hessian(DDX_EXPRESSION(sin(x + y) + z)) == pairs{{0, 0}, {0, 1}, {1, 0}, {1, 1}});
  CHECK(hessian(DDX_EXPRESSION(x / y)) == pairs{{0, 1}, {1, 0}, {1, 1}});
  CHECK(hessian(DDX_EXPRESSION(relu(x + y) + abs(z) + min(x, z))) == pairs{});
  CHECK(hessian(DDX_EXPRESSION(where(x > y, x * z, y))) == pairs{{0, 2}, {2, 0}});
  CHECK(hessian(DDX_EXPRESSION(where(x * y > z, x, y))) == pairs{});
  CHECK(hessian(DDX_EXPRESSION(log(x) * 3 + y)) == pairs{{0, 0}});
  CHECK(hessian(DDX_EXPRESSION(sigmoid(z) + x)) == pairs{{2, 2}});
}

TEST_CASE("each output has a Hessian of its own") {
  ddx::graph const g = passes::graph_of({DDX_EXPRESSION(x * y), DDX_EXPRESSION(z * z * x)});
  CHECK(entries(ddx::hessian_sparsity(g.view(), first(3), 0)) == pairs{{0, 1}, {1, 0}});
  CHECK(entries(ddx::hessian_sparsity(g.view(), first(3), 1)) == pairs{{0, 2}, {2, 0}, {2, 2}});
}

TEST_CASE("chains have tridiagonal Hessians, stars have arrows") {
  int const n = 40;
  ddx::graph g = inputs_of(n);
  ddx::traced chain = 0, star = 0;
  for (int i = 0; i + 1 < n; ++i) {
    chain = chain + pow(ddx::traced(g, i) - ddx::traced(g, i + 1) * ddx::traced(g, i), 2);
    star = star + exp(ddx::traced(g, i + 1) * ddx::traced(g, 0));
  }
  g.outputs.push_back(building::id(g, chain));
  g.outputs.push_back(building::id(g, star));
  auto const band = ddx::hessian_sparsity(g.view(), first(n), 0), arrow = ddx::hessian_sparsity(g.view(), first(n), 1);
  CHECK(entries(band) == entries(pattern_of(n, [](int i, int k) { return std::abs(i - k) <= 1; })));
  CHECK(entries(arrow) == entries(pattern_of(n, [](int i, int k) { return i == k || i == 0 || k == 0; })));
  CHECK(ddx::color_symmetric(band).count == 3);
  CHECK(ddx::color_symmetric(arrow).count == 2);
  check_recovery(band, ddx::color_symmetric(band), true);
  check_recovery(arrow, ddx::color_symmetric(arrow), true);
}

TEST_CASE("a band takes as many colours as it is wide, a dense matrix one a column, a diagonal one") {
  struct family {
    bool (*has)(int, int);
    int colors, symmetric;
  };
  for (family const &f : {family{[](int i, int k) { return i == k; }, 1, 1},
                          family{[](int i, int k) { return std::abs(i - k) <= 1; }, 3, 3},
                          family{[](int i, int k) { return std::abs(i - k) <= 2; }, 5, 5},
                          family{[](int, int) { return true; }, 30, 30}, family{[](int, int) { return false; }, 1, 1},
                          family{[](int i, int k) { return i == k || i == 29 || k == 29; }, 30, 2},
                          family{[](int i, int k) { return i == k || i == 0 || k == 0; }, 30, 2}}) {
    auto const s = pattern_of(30, f.has);
    auto const by_columns = ddx::color_columns(s), by_stars = ddx::color_symmetric(s);
    CHECK(by_columns.count == f.colors);
    CHECK(by_stars.count <= f.symmetric);
    check_recovery(s, by_columns, false);
    check_recovery(s, by_stars, true);
  }
}

TEST_CASE("random matrices come back from their compressed form") {
  std::mt19937 random(62);
  for (int trial = 0; trial < 300; ++trial) {
    int const rows = 1 + static_cast<int>(random() % 30), columns = 1 + static_cast<int>(random() % 30);
    ddx::detail::bit_rows any(rows, columns), mirrored(columns, columns);
    for (int i = 0; i < rows * columns / 8; ++i)
      any.set(static_cast<int>(random() % static_cast<unsigned>(rows)),
              static_cast<int>(random() % static_cast<unsigned>(columns)));
    for (int i = 0; i < columns * 2; ++i) {
      int const a = static_cast<int>(random() % static_cast<unsigned>(columns)),
                b = static_cast<int>(random() % static_cast<unsigned>(columns));
      mirrored.set(a, b);
      mirrored.set(b, a);
    }
    ddx::sparsity s, symmetric;
    any.write(s);
    mirrored.write(symmetric);
    check_recovery(s, ddx::color_columns(s), false);
    check_recovery(symmetric, ddx::color_columns(symmetric), false);
    auto const stars = ddx::color_symmetric(symmetric);
    check_recovery(symmetric, stars, true);
    CHECK(stars.count <= columns);
  }
}

TEST_CASE("what the patterns of random graphs leave out is zero") {
  std::mt19937 random(63);
  int zeros = 0, compared = 0;
  for (int trial = 0; trial < 1500; ++trial) {
    ddx::graph const g = random_graph::make(random, 6 + static_cast<int>(random() % 8),
                                            trial % 2 ? random_graph::kinds::all : random_graph::kinds::rational);
    auto const jacobian = ddx::jacobian_sparsity(g.view(), first(3)),
               hessian = ddx::hessian_sparsity(g.view(), first(3));
    ddx::graph d = g;
    d.outputs.clear();
    auto const gradient = ddx::differentiator(d).gradient(g.outputs[0], first(3));
    for (int partial : gradient) d.outputs.push_back(partial);
    for (int partial : gradient)
      for (int second : ddx::differentiator(d).gradient(partial, first(3))) d.outputs.push_back(second);
    for (int point = 0; point < 3; ++point) {
      std::vector<double> at;
      for (int i = 0; i < 3; ++i) at.push_back(std::uniform_real_distribution(-2.0, 2.0)(random));
      auto const values = oracle::outputs(d.view(), at);
      for (int i = 0; i < 3; ++i) {
        INFO(random_graph::describe(g.view(), g.outputs[0]) << " by input " << i);
        double const slope = values[static_cast<std::size_t>(i)];
        if (!jacobian.contains(0, i) && std::isfinite(slope)) REQUIRE(slope == 0);
        for (int k = 0; k < 3; ++k) {
          double const second = values[static_cast<std::size_t>(3 + 3 * i + k)];
          CHECK(hessian.contains(i, k) == hessian.contains(k, i));
          ++compared;
          if (hessian.contains(i, k) || !std::isfinite(second) || !std::isfinite(slope)) continue;
          ++zeros;
          REQUIRE(std::abs(second) <= 1e-9 * (1 + std::abs(slope)));
        }
      }
    }
  }
  CHECK(compared > 10000);
  CHECK(zeros > 2000);
}

TEST_CASE("patterns and colours are known inside the compiler") {
  constexpr auto found = [] {
    ddx::graph g;
    g.inputs.push_back({.name = "x"});
    g.inputs.push_back({.name = "y"});
    ddx::traced const x(g, ddx::detail::input_node(g, 0)), y(g, ddx::detail::input_node(g, 1));
    g.outputs.push_back((x * x + sin(y)).node_in(g));
    ddx::sequence<int> inputs;
    inputs.push_back(0);
    inputs.push_back(1);
    auto const hessian = ddx::hessian_sparsity(g.view(), inputs);
    return std::array{hessian.count(), ddx::color_symmetric(hessian).count,
                      ddx::jacobian_sparsity(g.view(), inputs).count()};
  }();
  static_assert(found[0] == 2 && found[1] == 1 && found[2] == 2);
}

}  // namespace

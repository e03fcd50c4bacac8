// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The table of identities enters; that each line is applied, that both of its sides have the same value and are undefined at the
// same points, and that the page of documentation lists it, is checked. A new line is tested without being named here.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <ddx/print/print.hpp>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "../graph/building.hpp"
#include "../graph/interpret.hpp"
#include "../graph/random_graph.hpp"
#include "../print/parse.hpp"

namespace {

using building::scalar;

/// One side of a line as a graph of x, y and z with one output; `argument` replaces x.
ddx::graph side(char const* text, ddx::traced (*argument)(ddx::traced) = nullptr) {
  ddx::graph table, g;
  for (ddx::primitive const* p : ddx::all_primitives) table.nodes.push_back({.op = p});
  ddx::graph pattern;
  int const root = ddx::detail::identity_reader(pattern, table).read(text);
  REQUIRE(root >= 0);
  ddx::traced const inputs[]{scalar(g, "x"), scalar(g, "y"), scalar(g, "z")};
  std::vector<int> image;
  for (ddx::node n : pattern.nodes) {
    if (ddx::is<ddx::input_>(n)) {
      ddx::traced const x = inputs[n.index];
      image.push_back((n.index == 0 && argument ? argument(x) : x).node_in(g));
      continue;
    }
    for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[static_cast<std::size_t>(n.operands[k])];
    image.push_back(g.intern(n));
  }
  g.outputs.push_back(image[static_cast<std::size_t>(root)]);
  return g;
}

std::string title(ddx::identity const& line) { return std::string(line.left) + " = " + line.right; }

/// Where a sign can be proven, x is written as something that has it.
ddx::traced (*argument_for(ddx::identity const& line))(ddx::traced) {
  if (line.condition == ddx::given::positive) return [](ddx::traced x) { return 2 + pow(x, 2); };
  if (line.condition == ddx::given::nonnegative)
    return [](ddx::traced x) { return pow(x, 2) + pow(scalar(*x.owner(), "z"), 2); };
  return nullptr;
}

ddx::level level_for(ddx::identity const& line) {
  return line.condition == ddx::given::real ? ddx::level::assume_real : ddx::level::sound;
}

int cost(ddx::graph const& g) { return ddx::detail::operations(g.view()); }

/// Operands at which to compare: edges, and random ones.
double some_operand(std::mt19937& random) {
  static constexpr double edges[]{0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 1e-9, -1e-9};
  return random() % 3 == 0 ? edges[random() % 11] : std::uniform_real_distribution(-3.0, 3.0)(random);
}

TEST_CASE("both sides of every identity have the same value wherever the condition holds") {
  std::mt19937 random(41);
  for (ddx::identity const& line : ddx::identities) {
    INFO(title(line));
    int compared = 0;
    for (int trial = 0; trial < 400; ++trial) {
      double x = some_operand(random);
      double const y = some_operand(random), z = some_operand(random);
      if (line.condition == ddx::given::nonnegative) x = std::abs(x);
      if (line.condition == ddx::given::positive) x = std::abs(x) + 0.01;
      std::map<std::string, double> const names{{"x", x}, {"y", y}, {"z", z}};
      double const left = oracle::text_value(line.left, names).run(),
                   right = oracle::text_value(line.right, names).run();
      CAPTURE(x, y, z);
      if (std::isfinite(left)) {
        ++compared;
        REQUIRE(right == Approx(left).epsilon(1e-9).margin(1e-7));
      } else if (line.condition != ddx::given::real) {
        REQUIRE_FALSE(std::isfinite(right));
      }
    }
    CHECK(compared > 20);
  }
}

TEST_CASE("every identity is applied where it saves operations, and its right side stays") {
  for (ddx::identity const& line : ddx::identities) {
    auto const argument = argument_for(line);
    ddx::graph const left = side(line.left, argument), right = side(line.right, argument);
    int const before = cost(left), after = cost(right);
    for (auto mode : {ddx::sharing::keep, ddx::sharing::expand}) {
      ddx::graph const got = ddx::simplify(left.view(), mode, level_for(line)),
                       want = ddx::simplify(right.view(), mode, level_for(line));
      INFO(title(line) << ", " << (mode == ddx::sharing::keep ? "kept: " : "expanded: ") << ddx::print(got.view()));
      bool const pays = after < before || (after == before && line.gain == ddx::worth::as_many);
      if (pays) CHECK(ddx::print(got.view()) == ddx::print(want.view()));
      CHECK(cost(got) <= before);
    }
  }
}

TEST_CASE("an identity that would forget where its variable is defined is not applied") {
  auto const log_of = [](ddx::traced x) { return log(x); };
  for (ddx::identity const& line : ddx::identities) {
    if (line.condition != ddx::given::always) continue;
    ddx::graph const left = side(line.left, log_of);
    INFO(title(line));
    for (auto mode : {ddx::sharing::keep, ddx::sharing::expand}) {
      ddx::graph const got = ddx::simplify(left.view(), mode);
      for (double x : {-2.0, -0.5}) {
        bool const was = std::isfinite(oracle::outputs(left.view(), {x, 0.3, 0.7})[0]);
        CHECK(std::isfinite(oracle::outputs(got.view(), {x, 0.3, 0.7})[0]) == was);
      }
    }
  }
}

/// A graph into which the left sides of random lines are put, one with nodes of the others as its variables.
ddx::graph composed(std::mt19937& random) {
  ddx::graph g;
  std::vector<int> pool;
  for (std::string_view name : random_graph::names) pool.push_back(scalar(g, name).node_in(g));
  auto const pick = [&] { return pool[pool.size() - 1 - random() % std::min<std::size_t>(pool.size(), 6)]; };
  for (int step = 0; step < 6; ++step) {
    ddx::identity const& line = ddx::identities[random() % std::size(ddx::identities)];
    bool const rounds = title(line).find("pi") != std::string::npos;  // sin(pi) is not 0 in floating point
    ddx::graph const part = side(rounds ? "sin(x)" : line.left);
    int const variables[]{pick(), pick(), pick()};
    std::vector<int> image;
    for (ddx::node n : part.nodes) {
      for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[static_cast<std::size_t>(n.operands[k])];
      image.push_back(ddx::is<ddx::input_>(n) ? variables[n.index] : g.intern(n));
    }
    pool.push_back(image[static_cast<std::size_t>(part.outputs[0])]);
    ddx::primitive const* const joints[]{&ddx::info<ddx::add_>, &ddx::info<ddx::subtract_>, &ddx::info<ddx::multiply_>,
                                         &ddx::info<ddx::divide_>};
    int const operands[]{pick(), pick()};
    pool.push_back(ddx::detail::apply_node(g, *joints[random() % 4], operands));
  }
  g.outputs.push_back(pool.back());
  return g;
}

/// Whether rounding hides what is exact: something large may cancel, something tiny, which might be exactly zero, is divided by
/// or has its logarithm or its sign taken.
bool is_delicate(ddx::graph const& g, std::vector<double> const& at) {
  auto const values = oracle::all_scalars(g.view(), at);
  for (double value : values)
    if (std::abs(value) > 1e5) return true;
  for (ddx::node const& n : g.nodes) {
    if (n.op->arity == 0 || ddx::is<ddx::multiply_>(n) || ddx::is<ddx::add_>(n) || ddx::is<ddx::subtract_>(n)) continue;
    double const last = values[static_cast<std::size_t>(n.operands[n.op->arity - 1])];
    if (ddx::is<ddx::pow_>(n) && std::abs(last - std::round(last)) < 1e-7 && last != std::round(last)) return true;
    if (last != 0 && std::abs(last) < 1e-7) return true;
  }
  return false;
}

TEST_CASE("formulas composed of left sides keep their value, and where they are not finite, at no more cost") {
  std::mt19937 random(42);
  int compared = 0, undefined = 0, saved = 0;
  for (int trial = 0; trial < 6000; ++trial) {
    ddx::graph const g = composed(random);
    for (auto mode : {ddx::sharing::keep, ddx::sharing::expand})
      for (auto assumed : {ddx::level::sound, ddx::level::assume_real}) {
        ddx::graph const simple = ddx::simplify(g.view(), mode, assumed);
        if (mode == ddx::sharing::keep) REQUIRE(cost(simple) <= cost(g));
        saved += cost(g) - cost(simple);
        for (int point = 0; point < 3; ++point) {
          std::vector<double> const at{some_operand(random), some_operand(random), some_operand(random)};
          auto const expected = random_graph::estimated(g.view(), at, random);
          if (!expected || is_delicate(g, at)) continue;
          double const value = oracle::outputs(simple.view(), at)[0];
          INFO("graph " << trial << ": " << random_graph::describe(g.view(), g.outputs[0]) << " became "
                        << random_graph::describe(simple.view(), simple.outputs[0]) << " at " << at[0] << ", " << at[1]
                        << ", " << at[2]);
          if (std::isfinite(expected->value)) {
            ++compared;
            REQUIRE(std::abs(value - expected->value) <= expected->error + 1e-9);
          } else if (assumed == ddx::level::sound) {
            ++undefined;
            REQUIRE_FALSE(std::isfinite(value));
          }
        }
      }
  }
  CHECK(compared > 10000);
  CHECK(undefined > 1000);
  CHECK(saved > 10000);
}

TEST_CASE("the functions that a line needs are those that its left side names") {
  for (ddx::identity const& line : ddx::identities) {
    ddx::graph const left = side(line.left);
    std::uint64_t named = 0;
    for (ddx::node const& n : left.nodes) {
      bool const arithmetic = ddx::is<ddx::add_>(n) || ddx::is<ddx::subtract_>(n) || ddx::is<ddx::multiply_>(n) ||
                              ddx::is<ddx::divide_>(n) || ddx::is<ddx::negate_>(n);
      if (n.op->arity > 0 && !arithmetic) named |= ddx::detail::function_bit(n.op->id);
    }
    INFO(title(line));
    constexpr std::uint64_t functions = (std::uint64_t{1} << 58) - 1;
    CHECK((line.needs & functions) == named);
  }
}

TEST_CASE("the text of every left side is in canonical form") {
  for (ddx::identity const& line : ddx::identities) {
    ddx::graph const left = side(line.left);
    ddx::graph const canonical = ddx::simplifier(left.view(), ddx::sharing::keep).run();
    INFO(title(line));
    CHECK(cost(canonical) == cost(left));
  }
}

std::string level_name(ddx::given condition) {
  switch (condition) {
    case ddx::given::always: return "always";
    case ddx::given::nonnegative: return "x is not negative";
    case ddx::given::positive: return "x is positive";
    case ddx::given::real: return "assuming reals";
  }
  return {};
}

std::string code(std::string text) { return "`" + text + "`"; }

TEST_CASE("the page on simplification lists every identity with its condition") {
  char const* const source = std::getenv("DDX_SOURCE");
  REQUIRE(source != nullptr);
  std::ifstream file(std::string(source) + "/docs/simplification.md");
  std::stringstream page;
  page << file.rdbuf();
  std::string const text = page.str();
  REQUIRE_FALSE(text.empty());
  for (ddx::identity const& line : ddx::identities) {
    std::string const gain = line.gain == ddx::worth::fewer ? "fewer" : "as many";
    std::string const row =
        "| " + code(line.left) + " | " + code(line.right) + " | " + level_name(line.condition) + " | " + gain + " |";
    INFO(row);
    CHECK(text.find(row + "\n") != std::string::npos);
  }
}

}  // namespace

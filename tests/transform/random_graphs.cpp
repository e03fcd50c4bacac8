// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Thousands of random graphs enter; that simplification keeps their values and their domain, costs nothing and is done after one
// pass, and that forward and reverse derivatives agree, is checked.
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "../graph/building.hpp"
#include "../graph/random_graph.hpp"

namespace {

using random_graph::kinds;

constexpr ddx::sharing modes[]{ddx::sharing::keep, ddx::sharing::expand};

std::vector<double> some_point(std::mt19937& random) {
  static constexpr double special[]{0, 1, -1, 2, -0.5};
  std::vector<double> at;
  for (int i = 0; i < random_graph::inputs; ++i)
    at.push_back(random() % 4 == 0 ? special[random() % 5] : std::uniform_real_distribution(-3.0, 3.0)(random));
  return at;
}

/// Whether the outputs of two graphs are the same expressions, whatever the numbers of their nodes.
bool identical(ddx::graph const& a, ddx::graph const& b) {
  ddx::graph both = ddx::graph::like(a.view());
  auto const copied = [&](ddx::graph const& g) {
    std::vector<int> images;
    for (ddx::node n : g.nodes) {
      for (int k = 0; k < n.op->arity; ++k) n.operands[k] = images[static_cast<std::size_t>(n.operands[k])];
      images.push_back(both.intern(n));
    }
    return images[static_cast<std::size_t>(g.outputs[0])];
  };
  return copied(a) == copied(b);
}

std::string text(ddx::graph const& g) { return random_graph::describe(g.view(), g.outputs[0]); }

TEST_CASE("simplification keeps the value of random graphs of all primitives, and where it is not finite") {
  std::mt19937 random(21);
  int compared = 0, infinite = 0;
  for (int trial = 0; trial < 6000; ++trial) {
    ddx::graph const g = random_graph::make(random, 6 + static_cast<int>(random() % 20), kinds::all);
    for (auto mode : modes) {
      ddx::graph const simple = ddx::simplify(g.view(), mode);
      for (int point = 0; point < 4; ++point) {
        auto const at = some_point(random);
        auto const expected = random_graph::estimated(g.view(), at, random);
        if (!expected) continue;
        double const value = oracle::outputs(simple.view(), at)[0];
        INFO("graph " << trial << ", " << (mode == ddx::sharing::keep ? "keep: " : "expand: ") << text(g) << " became "
                      << text(simple) << " at " << at[0] << ", " << at[1] << ", " << at[2]);
        if (std::isfinite(expected->value)) {
          ++compared;
          REQUIRE(std::abs(value - expected->value) <= expected->error);
        } else {
          ++infinite;
          REQUIRE_FALSE(std::isfinite(value));
        }
      }
    }
  }
  CHECK(compared > 10000);
  CHECK(infinite > 1000);
}

TEST_CASE("simplifying twice is simplifying once") {
  std::mt19937 random(22);
  for (int trial = 0; trial < 8000; ++trial) {
    ddx::graph const g =
        random_graph::make(random, 6 + static_cast<int>(random() % 20), trial % 2 ? kinds::all : kinds::rational);
    ddx::graph const once = ddx::simplify(g.view(), ddx::sharing::expand),
                     twice = ddx::simplify(once.view(), ddx::sharing::expand);
    INFO("graph " << trial << ": " << text(g) << " became " << text(once) << ", then " << text(twice));
    REQUIRE(identical(once, twice));
  }
}

/// The operations of a graph; x^-n is a power and a division, however it is written.
int cost(ddx::graph_view g) {
  ddx::graph const live = ddx::simplifier::compacted(g);
  int count = building::operations(g);
  for (ddx::node const& n : live.nodes) {
    if (!ddx::is<ddx::pow_>(n)) continue;
    ddx::node const& exponent = live.nodes[n.operands[1]];
    count += ddx::is<ddx::constant_>(exponent) && exponent.constant.negative() ? 1 : 0;
  }
  return count;
}

TEST_CASE("simplification for evaluation never adds an operation") {
  std::mt19937 random(23);
  double before = 0, after = 0;
  for (int trial = 0; trial < 16000; ++trial) {
    ddx::graph const g =
        random_graph::make(random, 6 + static_cast<int>(random() % 24), trial % 2 ? kinds::all : kinds::rational);
    for (auto assumed : {ddx::level::sound, ddx::level::assume_real}) {
      ddx::graph const simple = ddx::simplify(g.view(), ddx::sharing::keep, assumed);
      int const was = cost(g.view()), is = cost(simple.view());
      before += was;
      after += is;
      INFO("graph " << trial << ": " << text(g) << " became " << text(simple));
      REQUIRE(is <= was);
    }
  }
  CHECK(after < 0.75 * before);
}

__extension__ using wide = __int128;

/// An exact number: a quotient of integers, or nothing where it is undefined; `lost` where the integers grow too large.
struct exact_number {
  wide above = 0, below = 1;
};

struct exact_evaluation {
  bool lost = false;
  std::optional<exact_number> result;
};

exact_evaluation evaluate_exactly(ddx::graph_view g, std::vector<int> const& at) {
  std::vector<std::optional<exact_number>> values;
  bool lost = false;
  auto const reduced = [&](wide above, wide below) -> std::optional<exact_number> {
    if (below == 0) return {};
    wide a = above < 0 ? -above : above, b = below < 0 ? -below : below;
    while (b != 0) {
      wide const rest = a % b;
      a = b;
      b = rest;
    }
    if (below < 0) a = -a;
    exact_number const r{above / a, below / a};
    wide const limit = static_cast<wide>(1) << 60;
    if (r.above > limit || r.above < -limit || r.below > limit) lost = true;
    return lost ? exact_number{} : r;
  };
  auto const whole = [](double x) { return static_cast<wide>(x); };
  for (int i = 0; i < g.node_count; ++i) {
    ddx::node const& n = g.nodes[i];
    std::optional<exact_number> r;
    if (ddx::is<ddx::constant_>(n)) {
      r = reduced(whole(n.constant.numerator * 0x1p40), whole(n.constant.denominator * 0x1p40));
    } else if (ddx::is<ddx::input_>(n)) {
      r = exact_number{at[static_cast<std::size_t>(n.index)], 1};
    } else {
      auto const a = values[static_cast<std::size_t>(n.operands[0])];
      auto const b = n.op->arity > 1 ? values[static_cast<std::size_t>(n.operands[1])] : a;
      if (ddx::is<ddx::pow_>(n) && b->above == 0) {
        r = exact_number{1, 1};  // as pow(NaN, 0) is
      } else if (a && b) {
        if (ddx::is<ddx::add_>(n)) r = reduced(a->above * b->below + b->above * a->below, a->below * b->below);
        else if (ddx::is<ddx::subtract_>(n))
          r = reduced(a->above * b->below - b->above * a->below, a->below * b->below);
        else if (ddx::is<ddx::multiply_>(n)) r = reduced(a->above * b->above, a->below * b->below);
        else if (ddx::is<ddx::divide_>(n)) r = reduced(a->above * b->below, a->below * b->above);
        else if (ddx::is<ddx::negate_>(n)) r = reduced(-a->above, a->below);
        else {
          REQUIRE(ddx::is<ddx::pow_>(n));
          int const exponent = static_cast<int>(b->above);
          r = exact_number{1, 1};
          for (int k = 0; r && k < std::abs(exponent); ++k) r = reduced(r->above * a->above, r->below * a->below);
          if (r && exponent < 0) r = reduced(r->below, r->above);
        }
      }
    }
    if (lost) return {true, {}};
    values.push_back(r);
  }
  return {false, values[static_cast<std::size_t>(g.outputs[0])]};
}

TEST_CASE("in exact arithmetic simplification changes neither the value nor the points where it is undefined") {
  std::mt19937 random(24);
  int defined = 0, undefined = 0;
  for (int trial = 0; trial < 10000; ++trial) {
    ddx::graph const g = random_graph::make(random, 5 + static_cast<int>(random() % 9), kinds::rational);
    // Only what the output needs is evaluated: an undefined part that it lacks does not matter.
    ddx::graph const live = ddx::simplifier::compacted(g.view());
    for (auto mode : modes) {
      ddx::graph const simple = ddx::simplify(g.view(), mode);
      for (int point = 0; point < 12; ++point) {
        std::vector<int> at;
        for (int i = 0; i < random_graph::inputs; ++i) at.push_back(static_cast<int>(random() % 5) - 2);
        auto const expected = evaluate_exactly(live.view(), at), got = evaluate_exactly(simple.view(), at);
        if (expected.lost || got.lost) continue;
        INFO("graph " << trial << ", " << (mode == ddx::sharing::keep ? "keep: " : "expand: ") << text(g) << " became "
                      << text(simple) << " at " << at[0] << ", " << at[1] << ", " << at[2]);
        REQUIRE(expected.result.has_value() == got.result.has_value());
        if (!expected.result) {
          ++undefined;
          continue;
        }
        ++defined;
        REQUIRE(expected.result->above == got.result->above);
        REQUIRE(expected.result->below == got.result->below);
      }
    }
  }
  CHECK(defined > 20000);
  CHECK(undefined > 5000);
}

TEST_CASE("forward and reverse derivatives of random graphs agree, raw and simplified") {
  std::mt19937 random(25);
  int compared = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    ddx::graph g = random_graph::make(random, 6 + static_cast<int>(random() % 14), kinds::all);
    int const output = g.outputs[0];
    ddx::sequence<int> inputs, outputs, tangents;
    outputs.push_back(output);
    for (int i = 0; i < random_graph::inputs; ++i) {
      inputs.push_back(i);
      tangents.push_back(ddx::detail::constant_node(g, {0.5 + i, 1}));
    }
    auto const gradient = ddx::differentiator(g).gradient(output, inputs);
    int const forward = ddx::differentiator(g).tangent(outputs, inputs, tangents)[0];
    ddx::traced reverse = 0;
    for (int i = 0; i < random_graph::inputs; ++i) reverse += ddx::traced(g, gradient[i]) * ddx::traced(g, tangents[i]);
    g.outputs.clear();
    g.outputs.push_back(reverse.node_in(g));
    ddx::graph h = g;
    h.outputs[0] = forward;
    ddx::graph const kept = ddx::simplify(g.view(), ddx::sharing::keep),
                     expanded = ddx::simplify(g.view(), ddx::sharing::expand);
    for (int point = 0; point < 3; ++point) {
      std::vector<double> at;
      for (int i = 0; i < random_graph::inputs; ++i) at.push_back(std::uniform_real_distribution(-2.0, 2.0)(random));
      auto const r = random_graph::estimated(g.view(), at, random), f = random_graph::estimated(h.view(), at, random);
      if (!r || !f || !std::isfinite(r->value) || !std::isfinite(f->value)) continue;
      ++compared;
      INFO("graph " << trial);
      REQUIRE(std::abs(r->value - f->value) <= r->error + f->error);
      for (ddx::graph const* simple : {&kept, &expanded})
        REQUIRE(std::abs(oracle::outputs(simple->view(), at)[0] - r->value) <= r->error);
    }
  }
  CHECK(compared > 1000);
}

TEST_CASE("derivatives of random graphs are their slopes") {
  std::mt19937 random(26);
  int compared = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    ddx::graph g = random_graph::make(random, 6 + static_cast<int>(random() % 10), kinds::all);
    ddx::graph d = g;
    d.outputs[0] = building::derivative(d, g.outputs[0], 0);
    d = ddx::simplify(d.view(), ddx::sharing::keep);
    std::vector<double> at;
    for (int i = 0; i < random_graph::inputs; ++i) at.push_back(std::uniform_real_distribution(-2.0, 2.0)(random));
    auto const slope = [&](double step) {
      auto const at_offset = [&](double offset) {
        auto moved = at;
        moved[0] += offset;
        return oracle::outputs(g.view(), moved)[0];
      };
      return (8 * (at_offset(step) - at_offset(-step)) - (at_offset(2 * step) - at_offset(-2 * step))) / (12 * step);
    };
    // A difference is trusted where two step sizes agree.
    double const coarse = slope(2e-3), fine = slope(1e-3);
    if (!std::isfinite(coarse) || !std::isfinite(fine) || std::abs(fine) > 1e4 ||
        std::abs(coarse - fine) > 1e-6 * (1 + std::abs(fine)))
      continue;
    double const symbolic = oracle::outputs(d.view(), at)[0];
    if (!std::isfinite(symbolic)) continue;
    ++compared;
    INFO("graph " << trial << ": " << text(g) << " at " << at[0] << ", " << at[1] << ", " << at[2]);
    REQUIRE(symbolic == Approx(fine).epsilon(1e-4).margin(1e-4));
  }
  CHECK(compared > 500);
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Pairs of formulas enter; whether they have the same canonical form is checked by the compiler and at run time.
#include <catch2/catch.hpp>
#include <ddx/formula/derive.hpp>
#include <random>

#include "../graph/random_graph.hpp"

namespace {

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;
constexpr ddx::var<"z"> z;
constexpr ddx::array<"A", "i", "j"> A;

// The order of sums and products does not matter.
static_assert(ddx::same(x + y, y + x));
static_assert(ddx::same(x * y, y* x));
static_assert(ddx::same(x + y + z, z + (y + x)));
static_assert(ddx::same(sin(x) * cos(y), cos(y) * sin(x)));
static_assert(ddx::same(sin(x + y), sin(y + x)));
static_assert(ddx::same(2 * x, x + x));
static_assert(ddx::same(x * x, pow(x, 2)));
static_assert(ddx::same(square(x), x* x));
static_assert(ddx::same(x / y, x * (1 / y)));
static_assert(ddx::same(-(-x), x));
static_assert(ddx::same(x - y, x + -y));
static_assert(ddx::same(x - y, -y + x));
static_assert(ddx::same(6 * x / 4, 3 * x / 2));
static_assert(ddx::same(1 / pow(x, 2), pow(x, -2)));
static_assert(ddx::same(x / 2 + x / 2, x));
static_assert(ddx::same(where(!(x > 0), y, z), where(x > 0, z, y)));

// Over several axes is over one after the other.
static_assert(ddx::same(ddx::sum<"i", "j">(A), ddx::sum<"i">(ddx::sum<"j">(A))));
static_assert(ddx::same(ddx::mean<"j", "i">(A), ddx::mean<"j">(ddx::mean<"i">(A))));
static_assert(ddx::same(ddx::max<"i", "j">(A), ddx::max<"i">(ddx::max<"j">(A))));
static_assert(ddx::same(ddx::dot<"i", "j">(A, A), ddx::sum<"i">(ddx::sum<"j">(A* A))));
static_assert(ddx::same(ddx::softmax<"i", "j">(A), exp(A - ddx::logsumexp<"i">(ddx::logsumexp<"j">(A)))));

// Derivatives are compared as what they are.
static_assert(ddx::same(ddx::diff(sin(x) * x, x), sin(x) + x * cos(x)));
static_assert(ddx::same(ddx::diff(exp(2 * x), x), 2 * exp(2 * x)));
static_assert(ddx::same(ddx::diff(log(x), x), 1 / x));
static_assert(ddx::same(ddx::diff(x * y, x, y), x - x + 1) == false);
static_assert(ddx::same(ddx::diff(pow(x, 5), x, x), 20 * pow(x, 3)));

// What differs where something is undefined, in rounding or in value is not the same.
static_assert(!ddx::same(x - x, 0 * x));
static_assert(!ddx::same(x / x, x - x + 1));
static_assert(!ddx::same(0 * x, 0 * y));
static_assert(!ddx::same(x, y));
static_assert(!ddx::same(x - y, y - x));
static_assert(!ddx::same(x / y, y / x));
static_assert(!ddx::same(pow(x, y), pow(y, x)));
static_assert(!ddx::same(sqrt(pow(x, 2)), x));
static_assert(!ddx::same(x * (y + z), x* y + x * z));
static_assert(!ddx::same(sin(x), cos(x)));
static_assert(!ddx::same(x + 1, x + 2));

TEST_CASE("same works at run time as in the compiler") {
  CHECK(ddx::same(x + 2 * y, y * 2 + x));
  CHECK_FALSE(ddx::same(x + 2 * y, y + 2 * x));
}

/// The graph with the operands of + and * turned around at random.
ddx::graph turned(ddx::graph const& g, std::mt19937& random) {
  ddx::graph result = ddx::graph::like(g.view());
  std::vector<int> images;
  for (ddx::node n : g.nodes) {
    for (int k = 0; k < n.op->arity; ++k) n.operands[k] = images[static_cast<std::size_t>(n.operands[k])];
    if ((ddx::is<ddx::add_>(n) || ddx::is<ddx::multiply_>(n)) && random() % 2) std::swap(n.operands[0], n.operands[1]);
    images.push_back(result.intern(n));
  }
  result.outputs.push_back(images[static_cast<std::size_t>(g.outputs[0])]);
  return result;
}

TEST_CASE("a random graph with operands of + and * turned around is the same") {
  std::mt19937 random(61);
  int same = 0, trials = 3000;
  for (int trial = 0; trial < trials; ++trial) {
    ddx::graph g = random_graph::make(random, 5 + static_cast<int>(random() % 10), random_graph::kinds::all);
    ddx::graph const other = turned(g, random);
    std::vector<int> images;
    for (ddx::node n : other.nodes) {
      for (int k = 0; k < n.op->arity; ++k) n.operands[k] = images[static_cast<std::size_t>(n.operands[k])];
      images.push_back(g.intern(n));
    }
    g.outputs.push_back(images[static_cast<std::size_t>(other.outputs[0])]);
    ddx::graph const canonical = ddx::simplify(g.view(), ddx::sharing::expand, ddx::sum_order::canonical);
    if (canonical.outputs[0] == canonical.outputs[1]) ++same;
    else
      UNSCOPED_INFO(random_graph::describe(g.view(), g.outputs[0])
                    << "\n  and " << random_graph::describe(g.view(), g.outputs[1]));
  }
  CHECK(same == trials);
}

}  // namespace

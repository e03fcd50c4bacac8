// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Graphs enter; that their drawings name every node and edge, and that Graphviz reads them, is checked.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <ddx/function/fn.hpp>
#include <ddx/print/print.hpp>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "../graph/building.hpp"
#include "../graph/random_graph.hpp"

namespace {

namespace fs = std::filesystem;

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

int count(std::string const& text, std::string const& word) {
  int result = 0;
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++result;
  return result;
}

/// Whether Graphviz reads a text; true where there is no Graphviz.
bool is_read(std::string const& text) {
  static bool const present = std::system("command -v dot >/dev/null 2>&1") == 0;
  if (!present) return true;
  fs::path const file = fs::temp_directory_path() / ("ddx_dot_" + std::to_string(std::rand()) + ".dot");
  std::ofstream(file) << text;
  bool const read =
      std::system(("dot -Tcanon " + file.string() + " >/dev/null 2>" + file.string() + ".log").c_str()) == 0 &&
      fs::file_size(file.string() + ".log") == 0;
  fs::remove(file);
  fs::remove(file.string() + ".log");
  return read;
}

TEST_CASE("a drawing has a node for each operation, a box for each input, an arrow for each operand") {
  CHECK(fmt::format("{:d}", x * sin(x) + 1) ==
        "digraph ddx {\n"
        "  ordering=in;\n"
        "  n0 [label=\"x\", shape=box];\n"
        "  n1 [label=\"sin\"];\n"
        "  n0 -> n1;\n"
        "  n2 [label=\"*\"];\n"
        "  n0 -> n2;\n"
        "  n1 -> n2;\n"
        "  n3 [label=\"1\", shape=plaintext];\n"
        "  n4 [label=\"+\"];\n"
        "  n2 -> n4;\n"
        "  n3 -> n4;\n"
        "  y0 [label=\"output\", shape=plaintext];\n"
        "  n4 -> y0;\n"
        "}\n");
}

TEST_CASE("operators are labelled with their signs, arrays with their axes") {
  constexpr ddx::array<"w", "n", "d"> w;
  std::string const text =
      fmt::format("{:d}", where(x <= y && !(x == 0), pow(x, y), -x) / ddx::mean<"n">(ddx::max<"d">(w)) - ddx::pi(x));
  for (char const* label : {"<=", "and", "not", "==", "where", "^", "-", "/", "mean[n]", "max[d]", "w[n, d]", "pi"})
    CHECK(count(text, "label=\"" + std::string(label) + "\"") >= 1);
  CHECK(is_read(text));
}

TEST_CASE("what is used twice is drawn once, all outputs are drawn") {
  constexpr auto f = ddx::fn<"x", "y">([](auto a, auto b) { return exp(a * b) + 2 * a; });
  std::string const text = fmt::format("{:d}", ddx::value_and_grad(f));
  CHECK(count(text, "label=\"exp\"") == 1);
  CHECK(count(text, "label=\"output ") == 3);
  CHECK(is_read(text));
}

TEST_CASE("values and gradients stand below the operations") {
  ddx::graph g;
  ddx::traced const a = building::scalar(g, "a");
  g.outputs.push_back(building::id(g, a * a / 4));
  std::vector<double> const values{3, 9, 4, 2.25}, gradients{1.5, 0.25, std::numeric_limits<double>::infinity(), -0.0};
  std::string const text = ddx::print_dot(g.view(), {values.data(), gradients.data()});
  CHECK(count(text, "label=\"a\\nvalue 3\\ngradient 1.5\"") == 1);
  CHECK(count(text, "label=\"*\\nvalue 9\\ngradient 0.25\"") == 1);
  CHECK(count(text, "label=\"4\\nvalue 4\\ngradient inf\"") == 1);
  CHECK(count(text, "label=\"/\\nvalue 2.25\\ngradient -0\"") == 1);
  CHECK(count(ddx::print_dot(g.view(), {values.data()}), "gradient") == 0);
  CHECK(is_read(text));
}

TEST_CASE("names are escaped; a graph without outputs is drawn whole, else what the outputs need") {
  ddx::graph g;
  ddx::traced const a = building::scalar(g, "say \"a\\b\"\nc");
  building::id(g, sin(a));
  std::string const whole = ddx::print_dot(g.view());
  CHECK(count(whole, "label=\"say \\\"a\\\\b\\\"\\nc\"") == 1);
  CHECK(count(whole, "label=\"sin\"") == 1);
  CHECK(is_read(whole));
  g.outputs.push_back(building::id(g, a));
  CHECK(count(ddx::print_dot(g.view()), "label=\"sin\"") == 0);
}

TEST_CASE("random graphs have as many arrows as operands, and Graphviz reads them") {
  std::mt19937 random(81);
  for (int trial = 0; trial < 40; ++trial) {
    ddx::graph const g = ddx::simplifier::compacted(random_graph::make(random, 30, random_graph::kinds::all).view());
    std::string const text = ddx::print_dot(g.view());
    int operands = 0;
    for (ddx::node const& n : g.nodes) operands += n.op->arity;
    CHECK(count(text, " -> n") == operands);
    CHECK(count(text, " -> y") == 1);
    CHECK(count(text, "[label=") == g.nodes.size() + 1);
    if (trial < 10) CHECK(is_read(text));
  }
}

}  // namespace

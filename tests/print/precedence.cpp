// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Graphs as they stand, not in canonical form, enter; that each style has every parenthesis that it needs is checked: by text, and by
// reading the text of thousands of random graphs with the usual precedences.
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/print/printer.hpp>
#include <ostream>
#include <string>

#include "../graph/building.hpp"
#include "../graph/random_graph.hpp"
#include "parse.hpp"

namespace {

std::string raw(ddx::graph_view g, ddx::format style) {
  ddx::detail::characters text;
  ddx::detail::printer(g, style).write(g.outputs[0], text);
  return std::string(text.view());
}

struct texts {
  std::string text, unicode, latex, cpp;
  bool operator==(texts const&) const = default;
};

std::ostream& operator<<(std::ostream& out, texts const& t) {
  return out << "\n  " << t.text << "\n  " << t.unicode << "\n  " << t.latex << "\n  " << t.cpp;
}

/// The four texts of what `build` makes of x, y, z.
template <class Build>
texts of(Build build) {
  ddx::graph g;
  ddx::traced const x = building::scalar(g, "x"), y = building::scalar(g, "y"), z = building::scalar(g, "z");
  g.outputs.push_back(ddx::traced(build(x, y, z)).node_in(g));
  ddx::graph_view const view = g.view();
  return {raw(view, ddx::format::text), raw(view, ddx::format::unicode), raw(view, ddx::format::latex),
          raw(view, ddx::format::cpp)};
}

ddx::traced fraction(double above, double below) { return ddx::traced(ddx::rational{above, below}); }

TEST_CASE("sums as they stand") {
  CHECK(of([](auto x, auto y, auto z) { return x - (y - z); }).text == "x - (y - z)");
  CHECK(of([](auto x, auto y, auto z) { return (x - y) - z; }).text == "x - y - z");
  CHECK(of([](auto x, auto y, auto z) { return x + (y + z); }).text == "x + (y + z)");
  CHECK(of([](auto x, auto y, auto) { return x - -y; }).text == "x - (-y)");
  CHECK(of([](auto x, auto y, auto) { return x + -2 * y; }).text == "x + (-2*y)");
  CHECK(of([](auto x, auto, auto) { return x - -2; }).text == "x - (-2)");
  CHECK(of([](auto x, auto, auto) { return -2 - x; }).text == "-2 - x");
  CHECK(of([](auto x, auto y, auto) { return -(x - y); }).text == "-(x - y)");
  CHECK(of([](auto x, auto, auto) { return -(-(-x)); }).text == "-(-(-x))");
  CHECK(of([](auto x, auto y, auto) { return -x + y; }).text == "-x + y");
}

TEST_CASE("products and quotients as they stand") {
  CHECK(of([](auto x, auto y, auto z) { return (x / y) / z; }).text == "x/y/z");
  CHECK(of([](auto x, auto y, auto z) { return x / (y / z); }).text == "x/(y/z)");
  CHECK(of([](auto x, auto y, auto z) { return x * (y / z); }).text == "x*(y/z)");
  CHECK(of([](auto x, auto y, auto z) { return x / (y * z); }).text == "x/(y*z)");
  CHECK(of([](auto x, auto y, auto z) { return x / y * z; }).text == "x/y*z");
  CHECK(of([](auto x, auto y, auto z) { return x * (y * z); }).text == "x*(y*z)");
  CHECK(of([](auto x, auto, auto) { return 2 / (3 * x); }).text == "2/(3*x)");
  CHECK(of([](auto x, auto y, auto) { return x * -y; }).text == "x*(-y)");
  CHECK(of([](auto x, auto y, auto) { return x / -y; }).text == "x/(-y)");
  CHECK(of([](auto x, auto y, auto) { return -x * y; }).text == "-x*y");
  CHECK(of([](auto x, auto y, auto) { return -(x * y); }).text == "-x*y");
  CHECK(of([](auto x, auto y, auto z) { return z * (-x * y); }).text == "z*(-x*y)");
  CHECK(of([](auto x, auto y, auto z) { return (x - y) / (y + z); }).text == "(x - y)/(y + z)");
  CHECK(of([](auto x, auto, auto) { return x * fraction(1, 3); }).text == "x*(1/3)");
  CHECK(of([](auto x, auto, auto) { return x / fraction(1, 3); }).text == "x/(1/3)");
  CHECK(of([](auto x, auto, auto) { return fraction(-1, 3) * x; }).text == "-1/3*x");
  CHECK(of([](auto x, auto, auto) { return x * fraction(-1, 3); }).text == "x*(-1/3)");
  CHECK(of([](auto x, auto, auto) { return x - fraction(1, 3); }).text == "x - 1/3");
}

TEST_CASE("powers as they stand") {
  CHECK(of([](auto x, auto, auto) { return pow(-x, 2); }) ==
        texts{"(-x)^2", "(-x)²", "\\left(-x\\right)^{2}", "std::pow(-x, 2)"});
  CHECK(of([](auto x, auto, auto) { return -pow(x, 2); }) == texts{"-x^2", "-x²", "-x^{2}", "-std::pow(x, 2)"});
  CHECK(of([](auto x, auto, auto) { return pow(x, -2); }) == texts{"x^(-2)", "x⁻²", "x^{-2}", "std::pow(x, -2)"});
  CHECK(of([](auto x, auto, auto) { return pow(x, -120); }).unicode == "x⁻¹²⁰");
  CHECK(of([](auto x, auto y, auto z) { return pow(x, pow(y, z)); }).text == "x^(y^z)");
  CHECK(of([](auto x, auto y, auto z) { return pow(pow(x, y), z); }).text == "(x^y)^z");
  CHECK(of([](auto x, auto, auto) { return pow(pow(x, 2), 3); }).unicode == "(x²)³");
  CHECK(of([](auto x, auto, auto) { return pow(2, -x); }).text == "2^(-x)");
  CHECK(of([](auto x, auto, auto) { return pow(fraction(1, 3), x); }) ==
        texts{"(1/3)^x", "(1/3)^x", "\\left(\\frac{1}{3}\\right)^{x}", "std::pow(1.0/3, x)"});
  CHECK(of([](auto x, auto, auto) { return pow(fraction(-1, 3), x); }).text == "(-1/3)^x");
  CHECK(of([](auto x, auto, auto) { return pow(x, fraction(1, 3)); }) ==
        texts{"x^(1/3)", "x^(1/3)", "x^{\\frac{1}{3}}", "std::pow(x, 1.0/3)"});
  CHECK(of([](auto x, auto y, auto z) { return pow(x / y, z); }).latex == "\\left(\\frac{x}{y}\\right)^{z}");
  CHECK(of([](auto x, auto y, auto z) { return z * (x / y); }).latex == "z \\frac{x}{y}");
  CHECK(of([](auto x, auto, auto) { return pow(sqrt(x), 2); }).unicode == "(√x)²");
  CHECK(of([](auto x, auto, auto) { return sqrt(pow(x, 2)); }).unicode == "√(x²)");
  CHECK(of([](auto x, auto y, auto) { return sqrt(x * y); }).unicode == "√(x·y)");
  CHECK(of([](auto x, auto y, auto) { return pow(x, 2) * pow(y, 10); }).unicode == "x²·y¹⁰");
}

TEST_CASE("signs between factors") {
  CHECK(of([](auto x, auto, auto) { return 2 * x; }) == texts{"2*x", "2x", "2 x", "2*x"});
  CHECK(of([](auto x, auto, auto) { return x * 2; }) == texts{"x*2", "x·2", "x \\cdot 2", "x*2"});
  CHECK(of([](auto x, auto, auto) { return pow(x, 2) * 3; }).latex == "x^{2} \\cdot 3");
  CHECK(of([](auto x, auto y, auto) { return 2 * (x + y); }) ==
        texts{"2*(x + y)", "2(x + y)", "2 \\left(x + y\\right)", "2*(x + y)"});
  CHECK(of([](auto x, auto, auto) { return 2 * exp(x); }).unicode == "2·exp(x)");
  CHECK(of([](auto x, auto, auto) { return fraction(1, 3) * x; }).unicode == "1/3·x");
  CHECK(of([](auto x, auto, auto) { return 1e22 * x; }) == texts{"1e+22*x", "1e+22x", "1 \\cdot 10^{22} x", "1e+22*x"});
}

TEST_CASE("minus in front of a fraction bar in LaTeX") {
  CHECK(of([](auto x, auto y, auto) { return -x / y; }).latex == "-\\frac{x}{y}");
  CHECK(of([](auto x, auto y, auto z) { return -x * z / y; }).latex == "-\\frac{x z}{y}");
  CHECK(of([](auto x, auto y, auto z) { return -x / z / y; }).latex == "-\\frac{\\frac{x}{z}}{y}");
  CHECK(of([](auto x, auto y, auto) { return -2 * x / y; }).latex == "-\\frac{2 x}{y}");
  CHECK(of([](auto, auto y, auto) { return -2 / y; }).latex == "-\\frac{2}{y}");
  CHECK(of([](auto x, auto y, auto z) { return (-x + z) / y; }).latex == "\\frac{-x + z}{y}");
  CHECK(of([](auto x, auto y, auto z) { return z - -x / y; }).latex == "z - \\left(-\\frac{x}{y}\\right)");
}

TEST_CASE("a sum over an axis does not take what follows in LaTeX") {
  ddx::graph g;
  ddx::traced const w = building::array(g, "w", {"n"}), x = building::scalar(g, "x");
  ddx::traced const total(g, ddx::algebra<ddx::traced>::reduce_node(g, ddx::info<ddx::sum_>, building::id(g, w), 0));
  auto const latex = [&](ddx::traced const& t) {
    g.outputs.clear();
    g.outputs.push_back(building::id(g, t));
    return raw(g.view(), ddx::format::latex);
  };
  CHECK(latex(total * x) == "\\left(\\sum_{n} w\\right) x");
  CHECK(latex(x * total) == "x \\sum_{n} w");
  CHECK(latex(x * total * x) == "\\left(x \\sum_{n} w\\right) x");
  CHECK(latex(-total * x) == "\\left(-\\sum_{n} w\\right) x");
  CHECK(latex(total / x) == "\\frac{\\sum_{n} w}{x}");
  CHECK(latex(pow(total, 2)) == "\\left(\\sum_{n} w\\right)^{2}");
}

TEST_CASE("conditions as they stand") {
  CHECK(of([](auto x, auto y, auto z) { return where(x < y, x, y) + z; }).text == "where(x < y, x, y) + z");
  CHECK(of([](auto x, auto y, auto) { return pow(where(x < y, x, y), 2); }).text == "where(x < y, x, y)^2");
  CHECK(of([](auto x, auto y, auto z) { return where((x < y) < z, x, y); }).text ==
        "where(where(x < y, 1, 0) < z, x, y)");
  CHECK(of([](auto x, auto y, auto z) { return where(x + 1 < y - (z + 1), x, y); }).text ==
        "where(x + 1 < y - (z + 1), x, y)");
  CHECK(of([](auto x, auto y, auto z) { return where(!(x < y && y < z) || x == z, x, y); }) ==
        texts{"where(not(x < y and y < z) or x == z, x, y)", "where(¬(x < y ∧ y < z) ∨ x == z, x, y)",
              "\\begin{cases} x & \\lnot\\left(x < y \\land y < z\\right) \\lor x = z \\\\ y & \\text{otherwise} "
              "\\end{cases}",
              "(!(x < y && y < z) || x == z ? x : y)"});
  CHECK(of([](auto x, auto y, auto z) { return where(x < y && (y < z || x == z), x, y); }).text ==
        "where(x < y and (y < z or x == z), x, y)");
  CHECK(of([](auto x, auto y, auto z) { return where((x < y && y < z) || x == z, x, y); }).cpp ==
        "((x < y && y < z) || x == z ? x : y)");
}

TEST_CASE("numbers in C++ are doubles wherever integers would compute something else") {
  CHECK(of([](auto x, auto, auto) { return fraction(1, 3) * x; }).cpp == "1.0/3*x");
  CHECK(of([](auto x, auto, auto) { return fraction(0.5, 3) * x; }).cpp == "0.5/3*x");
  ddx::graph g;
  auto const number = [&](double value) { return ddx::traced(g, ddx::detail::constant_node(g, {value, 1})); };
  auto const cpp = [&](ddx::traced const& t) {
    g.outputs.clear();
    g.outputs.push_back(building::id(g, t));
    return raw(g.view(), ddx::format::cpp);
  };
  CHECK(cpp(number(1) / number(2)) == "1.0/2");
  CHECK(cpp(number(1e15) * number(1e15)) == "1000000000000000.0*1000000000000000");
  CHECK(cpp(number(2147483647) + number(1)) == "2147483647.0 + 1");
  CHECK(cpp(-number(1)) == "-1.0");
  CHECK(cpp(-number(-1)) == "-(-1.0)");
  CHECK(cpp(number(1) / number(2) / number(3)) == "1.0/2/3");
  CHECK(cpp(number(-0.0) + number(1)) == "-0.0 + 1");
  CHECK(cpp(number(1e300) * number(2)) == "1e+300*2");
  CHECK(cpp(fmod(number(1), number(2))) == "std::fmod(1.0, 2.0)");
}

// ---- the other forms as text

/// Unicode of sums, products, quotients and powers.
std::string text_of_unicode(std::string const& unicode) {
  static std::vector<std::pair<std::string, std::string>> const raised{{"⁰", "0"}, {"¹", "1"}, {"²", "2"}, {"³", "3"},
                                                                       {"⁴", "4"}, {"⁵", "5"}, {"⁶", "6"}, {"⁷", "7"},
                                                                       {"⁸", "8"}, {"⁹", "9"}, {"⁻", "-"}};
  std::string text;
  bool up = false;
  for (std::size_t i = 0; i < unicode.size();) {
    auto const digit = std::find_if(raised.begin(), raised.end(),
                                    [&](auto const& r) { return unicode.compare(i, r.first.size(), r.first) == 0; });
    if (digit != raised.end()) {
      if (!up) text += "^(";
      up = true;
      text += digit->second;
      i += digit->first.size();
      continue;
    }
    if (up) text += ")";
    up = false;
    if (unicode.compare(i, 2, "·") == 0) {
      text += "*";
      i += 2;
      continue;
    }
    bool const after_digit = i > 0 && ddx::detail::is_digit(unicode[i - 1]);
    if (after_digit && (unicode[i] == '(' || ddx::detail::is_letter(unicode[i]))) text += "*";
    text += unicode[i++];
  }
  return up ? text + ")" : text;
}

/// LaTeX of the same. A fraction that carries an exponent can be read in two ways and is refused.
std::string text_of_latex(std::string const& latex) {
  std::string text, closing;
  auto const next = [&](std::size_t i, std::string const& word) { return latex.compare(i, word.size(), word) == 0; };
  for (std::size_t i = 0; i < latex.size();) {
    if (next(i, "\\frac{")) text += "((", closing += 'f', i += 6;
    else if (next(i, "^{")) text += "^(", closing += 'p', i += 2;
    else if (next(i, "}{") && closing.back() == 'f') text += ")/(", closing.back() = 'g', i += 2;
    else if (next(i, "}")) {
      bool const fraction = closing.back() == 'g';
      if (fraction && next(i + 1, "^")) throw std::runtime_error("a fraction with an exponent: " + latex);
      text += fraction ? "))" : ")", closing.pop_back(), i += 1;
    } else if (next(i, "\\left(")) text += "(", i += 6;
    else if (next(i, "\\right)")) text += ")", i += 7;
    else if (next(i, " + ") || next(i, " - ")) text += latex.substr(i, 3), i += 3;
    else if (next(i, " \\cdot ")) text += "*", i += 7;
    else if (latex[i] == ' ') text += "*", i += 1;
    else text += latex[i++];
  }
  return text;
}

/// Records with a canonical composite are replaced by it before anything is printed.
bool is_printable(ddx::graph const& g) {
  for (ddx::node const& n : g.nodes)
    if (n.op->canonical != nullptr) return false;
  return true;
}

TEST_CASE("the texts of random graphs as they stand have the value of the graph") {
  std::mt19937 random(71);
  int compared = 0;
  for (int trial = 0; trial < 6000; ++trial) {
    auto const chosen = trial % 3 ? random_graph::kinds::all : random_graph::kinds::rational;
    ddx::graph const g = random_graph::make(random, 5 + static_cast<int>(random() % 12), chosen);
    if (!is_printable(g)) continue;
    std::vector<double> at;
    for (int i = 0; i < random_graph::inputs; ++i) at.push_back(std::uniform_real_distribution(-3.0, 3.0)(random));
    auto const expected = random_graph::estimated(g.view(), at, random);
    if (!expected || !std::isfinite(expected->value)) continue;
    auto const check = [&](std::string const& text) {
      INFO(text << " at " << at[0] << ", " << at[1] << ", " << at[2]);
      ++compared;
      double const value = oracle::text_value(text, {{"x", at[0]}, {"y", at[1]}, {"z", at[2]}}).run();
      REQUIRE(std::abs(value - expected->value) <= expected->error);
    };
    check(raw(g.view(), ddx::format::text));
    if (chosen != random_graph::kinds::rational) continue;
    std::string const unicode = raw(g.view(), ddx::format::unicode), latex = raw(g.view(), ddx::format::latex);
    INFO(unicode);
    check(text_of_unicode(unicode));
    INFO(latex);
    check(text_of_latex(latex));
  }
  CHECK(compared > 6000);
}

}  // namespace

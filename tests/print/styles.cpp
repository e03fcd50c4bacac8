// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas enter; that each of the four styles writes them with the parentheses and numbers it needs is checked.
#include <catch2/catch.hpp>
#include <ddx/print/print.hpp>
#include <fmt/ranges.h>
#include <limits>
#include <ostream>
#include <string>

namespace {

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;
constexpr ddx::var<"z"> z;

struct four_texts {
  std::string text, unicode, latex, cpp;
  bool operator==(four_texts const&) const = default;
};

std::ostream& operator<<(std::ostream& out, four_texts const& t) {
  return out << "\n  " << t.text << "\n  " << t.unicode << "\n  " << t.latex << "\n  " << t.cpp;
}

template <ddx::Formula Type>
four_texts written(Type const& f) {
  return {fmt::format("{}", f), fmt::format("{:u}", f), fmt::format("{:l}", f), fmt::format("{:c}", f)};
}

using texts = four_texts;

TEST_CASE("sums and differences take parentheses on the right of a minus only") {
  CHECK(written(x - (y - z)) == texts{"x - (y - z)", "x - (y - z)", "x - \\left(y - z\\right)", "x - (y - z)"});
  CHECK(written(x - (y + z)) == texts{"x - (y + z)", "x - (y + z)", "x - \\left(y + z\\right)", "x - (y + z)"});
  CHECK(written(x + (y - z)) == texts{"x + y - z", "x + y - z", "x + y - z", "x + y - z"});
  CHECK(written((x - y) - z) == texts{"x - y - z", "x - y - z", "x - y - z", "x - y - z"});
  CHECK(written(-(x + y)) == texts{"-(x + y)", "-(x + y)", "-\\left(x + y\\right)", "-(x + y)"});
  CHECK(written(x + -1) == texts{"x - 1", "x - 1", "x - 1", "x - 1"});
  CHECK(written(-x + y) == texts{"-x + y", "-x + y", "-x + y", "-x + y"});
  CHECK(written(x - -2 * y) == texts{"x + 2*y", "x + 2y", "x + 2 y", "x + 2*y"});
}

TEST_CASE("a gradient is a list, in the order of its variables") {
  auto const all = grad(2 * x * x + y / z, y, x);
  CHECK(fmt::format("{}", all) == "[1/z, 4*x]");
  CHECK(fmt::format("{:l}", all) == "\\left[\\frac{1}{z}, 4 x\\right]");
  CHECK(fmt::format("{:c}", all) == "{1/z, 4*x}");
  CHECK(fmt::format("{:d}", grad(x * y, x, y)) ==
        "digraph ddx {\n  ordering=in;\n  n0 [label=\"x\", shape=box];\n  n1 [label=\"y\", shape=box];\n"
        "  y0 [label=\"output 1\", shape=plaintext];\n  n1 -> y0;\n"
        "  y1 [label=\"output 2\", shape=plaintext];\n  n0 -> y1;\n}\n");
}

TEST_CASE("neighbours along axes are indices") {
  constexpr ddx::array<"A", "n", "d"> A;
  constexpr ddx::array<"w_1", "d"> w;
  constexpr ddx::axis<"n"> n;
  constexpr ddx::axis<"d"> d;
  CHECK(written(A[n + 1][d - 12] * A[d]) == texts{"A*A[n + 1][d - 12]", "A·A[n + 1][d - 12]",
                                                  "A A\\left[n + 1\\right]\\left[d - 12\\right]",
                                                  "A*A[n + 1][d - 12]"});
  CHECK(written(ddx::sum<"d">(A * w)[n - 1]) == texts{"sum[d](A*w_1)[n - 1]", "Σ[d](A·w_1)[n - 1]",
                                                      "\\left(\\sum_{d} A w_{1}\\right)\\left[n - 1\\right]",
                                                      "sum[d](A*w_1)[n - 1]"});
  CHECK(written(where(inside(w, d + 1), w[d + 1], 0)).text == "where(inside[d + 1], w_1[d + 1], 0)");
  CHECK(written(where(inside(w, d + 1), 1, 2)).latex ==
        "\\begin{cases} 1 & \\operatorname{inside}_{d + 1} \\\\ 2 & \\text{otherwise} \\end{cases}");
  CHECK(fmt::format("{:d}", w[d + 1]) ==
        "digraph ddx {\n  ordering=in;\n  n0 [label=\"w_1[d]\", shape=box];\n  n1 [label=\"[d + 1]\"];\n  n0 -> n1;\n"
        "  y0 [label=\"output\", shape=plaintext];\n  n1 -> y0;\n}\n");
}

TEST_CASE("axes are named by positions and sizes") {
  constexpr ddx::array<"A", "n", "d"> A;
  CHECK(written(ddx::position<"n">(A) / ddx::size<"d">(A)) ==
        texts{"position[n]/size[d]", "position[n]/size[d]", "\\frac{\\operatorname{position}_{n}}{\\left|d\\right|}",
              "position[n]/size[d]"});
}

TEST_CASE("products of sums take parentheses, a leading minus stays in front") {
  CHECK(written((x + y) * z) == texts{"z*(x + y)", "z·(x + y)", "z \\left(x + y\\right)", "z*(x + y)"});
  CHECK(written(-x * y) == texts{"-x*y", "-x·y", "-x y", "-x*y"});
  CHECK(written(x * -2) == texts{"-2*x", "-2x", "-2 x", "-2*x"});
  CHECK(written(-(x * y) / z) == texts{"-x*y/z", "-x·y/z", "-\\frac{x y}{z}", "-x*y/z"});
  CHECK(written(2 * (x + 1)) == texts{"2*(x + 1)", "2(x + 1)", "2 \\left(x + 1\\right)", "2*(x + 1)"});
  CHECK(written(x * x * 2) == texts{"2*x^2", "2x²", "2 x^{2}", "2*std::pow(x, 2)"});
}

TEST_CASE("quotients are flat where division goes to the left and take parentheses where it does not") {
  CHECK(written(2 / (3 * x)) == texts{"2/(3*x)", "2/(3x)", "\\frac{2}{3 x}", "2/(3*x)"});
  CHECK(written(x / (y * z)) == texts{"x/(y*z)", "x/(y·z)", "\\frac{x}{y z}", "x/(y*z)"});
  CHECK(written(x / y / z) == texts{"x/(y*z)", "x/(y·z)", "\\frac{x}{y z}", "x/(y*z)"});
  CHECK(written(x / (y / z)) == texts{"x/(y/z)", "x/(y/z)", "\\frac{x}{\\frac{y}{z}}", "x/(y/z)"});
  CHECK(written((x + 1) / (y - 1)) ==
        texts{"(x + 1)/(y - 1)", "(x + 1)/(y - 1)", "\\frac{x + 1}{y - 1}", "(x + 1)/(y - 1)"});
  CHECK(written(x / -y) == texts{"-x/y", "-x/y", "-\\frac{x}{y}", "-x/y"});
}

TEST_CASE("powers bind tighter than a minus and go to the right") {
  CHECK(written(pow(-x, 2)) == texts{"x^2", "x²", "x^{2}", "std::pow(x, 2)"});
  CHECK(written(-pow(x, 2)) == texts{"-x^2", "-x²", "-x^{2}", "-std::pow(x, 2)"});
  CHECK(written(pow(-x, y)) == texts{"(-x)^y", "(-x)^y", "\\left(-x\\right)^{y}", "std::pow(-x, y)"});
  CHECK(written(pow(x, pow(y, z))) == texts{"x^(y^z)", "x^(y^z)", "x^{y^{z}}", "std::pow(x, std::pow(y, z))"});
  CHECK(written(pow(pow(x, y), z)) ==
        texts{"(x^y)^z", "(x^y)^z", "\\left(x^{y}\\right)^{z}", "std::pow(std::pow(x, y), z)"});
  CHECK(written(pow(x * y, z)) == texts{"(x*y)^z", "(x·y)^z", "\\left(x y\\right)^{z}", "std::pow(x*y, z)"});
  CHECK(written(pow(x, y * z)) == texts{"x^(y*z)", "x^(y·z)", "x^{y z}", "std::pow(x, y*z)"});
  CHECK(written(pow(x, -y)) == texts{"x^(-y)", "x^(-y)", "x^{-y}", "std::pow(x, -y)"});
  CHECK(written(pow(x + 1, 10)) ==
        texts{"(x + 1)^10", "(x + 1)¹⁰", "\\left(x + 1\\right)^{10}", "std::pow(x + 1, 10)"});
  CHECK(written(pow(sin(x), 2)) ==
        texts{"sin(x)^2", "sin(x)²", "\\sin\\left(x\\right)^{2}", "std::pow(std::sin(x), 2)"});
  CHECK(written(pow(x, 0.5)).text == "x^0.5");
  CHECK(written(pow(x, -0.5)).text == "x^(-0.5)");
  CHECK(written(pow(-2, x)).text == "(-2)^x");
  CHECK(written(pow(1.5 / x * 2, y)).text == "(3/x)^y");
}

TEST_CASE("numbers are as short as their value allows, fractions stay fractions") {
  CHECK(written(x + 0.1).text == "x + 0.1");
  CHECK(written(x + 1e-3).text == "x + 0.001");
  CHECK(written(x + 1e-7) == texts{"x + 1e-07", "x + 1e-07", "x + 1 \\cdot 10^{-7}", "x + 1e-07"});
  CHECK(written(x + 1e22) == texts{"x + 1e+22", "x + 1e+22", "x + 1 \\cdot 10^{22}", "x + 1e+22"});
  CHECK(written(x * 1e22) == texts{"1e+22*x", "1e+22x", "1 \\cdot 10^{22} x", "1e+22*x"});
  CHECK(written(pow(x, 1e22)).latex == "x^{1 \\cdot 10^{22}}");
  CHECK(written(pow(1e22, x)).latex == "\\left(1 \\cdot 10^{22}\\right)^{x}");
  CHECK(written(x * 1 / 3) == texts{"x/3", "x/3", "\\frac{x}{3}", "x/3"});
  CHECK(written(ddx::diff(x / 3, x)) == texts{"1/3", "1/3", "\\frac{1}{3}", "1.0/3"});
  CHECK(written(ddx::diff(x / -3, x)) == texts{"-1/3", "-1/3", "-\\frac{1}{3}", "-1.0/3"});
  CHECK(written(pow(x, ddx::diff(y / 3, y))).text == "x^(1/3)");
  CHECK(written(x + std::numeric_limits<double>::infinity()) ==
        texts{"x + inf", "x + ∞", "x + \\infty", "x + std::numeric_limits<double>::infinity()"});
  CHECK(written(x * -std::numeric_limits<double>::infinity()) ==
        texts{"-inf*x", "-∞·x", "-\\infty x", "-std::numeric_limits<double>::infinity()*x"});
  CHECK(written(x + std::numeric_limits<double>::quiet_NaN()) ==
        texts{"x + nan", "x + nan", "x + \\mathrm{NaN}", "x + std::numeric_limits<double>::quiet_NaN()"});
}

TEST_CASE("functions, conditions and choices have their notation in each style") {
  CHECK(written(sqrt(x)) == texts{"sqrt(x)", "√x", "\\sqrt{x}", "std::sqrt(x)"});
  CHECK(written(sqrt(x + 1)) == texts{"sqrt(x + 1)", "√(x + 1)", "\\sqrt{x + 1}", "std::sqrt(x + 1)"});
  CHECK(written(pow(sqrt(x), 3)) == texts{"sqrt(x)^3", "(√x)³", "\\sqrt{x}^{3}", "std::pow(std::sqrt(x), 3)"});
  CHECK(written(abs(x - y)) == texts{"abs(x - y)", "|x - y|", "\\left|x - y\\right|", "std::abs(x - y)"});
  CHECK(written(where(x <= y, x, y)) == texts{"where(x <= y, x, y)", "where(x ≤ y, x, y)",
                                              "\\begin{cases} x & x \\le y \\\\ y & \\text{otherwise} \\end{cases}",
                                              "(x <= y ? x : y)"});
  CHECK(written(where((x < y && y < z) || x == 0, 1, z)).text == "where(x < y and y < z or x == 0, 1, z)");
  CHECK(written(where(x < y && (y < z || x == 0), 1, z)).text == "where(x < y and (y < z or x == 0), 1, z)");
  CHECK(written(where(!(x < y), 1, z) + 1).text == "where(x < y, z, 1) + 1");
  CHECK(written(sigmoid(x)).unicode == "σ(x)");
  CHECK(written(erf(x)).latex == "\\operatorname{erf}\\left(x\\right)");
  CHECK(written(exp(ddx::pi(x) * x)) ==
        texts{"exp(x*pi)", "exp(x·π)", "\\exp\\left(x \\pi\\right)", "std::exp(x*std::numbers::pi)"});
}

TEST_CASE("in C++ whole constants are doubles wherever an integer would compute something else or not compile") {
  CHECK(written(min(x, 1)).cpp == "(x < 1.0 || x != x ? x : 1.0)");
  CHECK(written(max(-2, x)).cpp == "(-2.0 > x || -2.0 != -2.0 ? -2.0 : x)");
  CHECK(written(where(x < 1, 1, 0) / 2).cpp == "(x < 1.0 ? 1.0 : 0.0)/2");
  CHECK(written(3 / abs(2 + 0 * x)).cpp == "3/std::abs(2 + 0*x)");
  CHECK(written(relu(x)).cpp == "(x <= 0 ? 0.0 : x)");
  CHECK(written(pow(x, 2) + 1).cpp == "std::pow(x, 2) + 1");
}

TEST_CASE("names of several letters and digits are set upright with an index in LaTeX") {
  constexpr ddx::var<"x1"> x1;
  constexpr ddx::var<"rate"> rate;
  constexpr ddx::var<"learning_rate2"> learning_rate2;
  CHECK(written(x1).latex == "x_{1}");
  CHECK(written(rate * x1).latex == "\\mathrm{rate} x_{1}");
  CHECK(written(learning_rate2).latex == "\\mathrm{learning\\_rate}_{2}");
  CHECK(written(learning_rate2).cpp == "learning_rate2");
}

TEST_CASE("Greek names, indices and signs of LaTeX's own in names") {
  auto const latex = [](auto const& name) { return written(name).latex; };
  CHECK(latex(ddx::var<"alpha">{}) == "\\alpha");
  CHECK(latex(ddx::var<"Omega">{}) == "\\Omega");
  CHECK(latex(ddx::var<"pi">{}) == "\\mathrm{pi}");
  CHECK(latex(ddx::var<"beta12">{}) == "\\beta_{12}");
  CHECK(latex(ddx::var<"x_1">{}) == "x_{1}");
  CHECK(latex(ddx::var<"x_1_2">{}) == "x_{1,2}");
  CHECK(latex(ddx::var<"x_max">{}) == "x_{\\mathrm{max}}");
  CHECK(latex(ddx::var<"sigma_e">{}) == "\\sigma_{e}");
  CHECK(latex(ddx::var<"x_alpha">{}) == "x_{\\alpha}");
  CHECK(latex(ddx::var<"rate_2">{}) == "\\mathrm{rate}_{2}");
  CHECK(latex(ddx::var<"_">{}) == "\\_");
  CHECK(latex(ddx::var<"a{b}%">{}) == "\\mathrm{a\\{b\\}\\%}");
  CHECK(latex(ddx::var<"größe">{}) == "\\mathrm{größe}");
  CHECK(latex(ddx::var<"λ">{}) == "λ");
  CHECK(latex(pow(ddx::var<"x_1">{}, 2)) == "x_{1}^{2}");
}

TEST_CASE("reductions name their axis") {
  constexpr ddx::array<"X", "n", "d"> X;
  constexpr ddx::array<"w", "d"> w;
  CHECK(written(ddx::sum<"d">(X * w)) == texts{"sum[d](X*w)", "Σ[d](X·w)", "\\sum_{d} X w", "sum[d](X*w)"});
  CHECK(written(ddx::mean<"n">(ddx::max<"d">(X) + 1)).text == "mean[n](max[d](X) + 1)");
  CHECK(written(ddx::sum<"d">(w + 1)).latex == "\\sum_{d} \\left(w + 1\\right)");
  CHECK(written(2 * ddx::sum<"d">(w) * ddx::sum<"d">(w)).text == "2*sum[d](w)^2");
  CHECK(written(pow(ddx::sum<"d">(w), 2)).latex == "\\left(\\sum_{d} w\\right)^{2}");
  CHECK(written(ddx::sum<"d">(w) + 1).text == "sum[d](w) + 1");
}

TEST_CASE("a letter that names no style is refused with a sentence") {
  CHECK_THROWS_WITH(fmt::format(fmt::runtime("{:q}"), x + 1),
                    "a formula is printed as {}, {:t} (text), {:u} (Unicode), {:l} (LaTeX), {:c} (C++) or {:d} (DOT)");
  CHECK(fmt::format("{:t}", x + 1) == "x + 1");
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas, functions and graphs enter; the functions in C++ that are printed for them are compared with what one would write. That they
// compile and compute the same is checked by cpp_form.
#include <catch2/catch.hpp>
#include <ddx/function/fn.hpp>
#include <ddx/print/print.hpp>
#include <string>

#include "../graph/building.hpp"

namespace {

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

TEST_CASE("a formula becomes a function of value and gradient, with what is shared computed once") {
  CHECK(ddx::to_cpp(exp(x * y), "f") ==
        "#include <array>\n"
        "#include <cmath>\n"
        "#include <utility>\n"
        "\n"
        "inline std::pair<double, std::array<double, 2>> f(double x, double y) {\n"
        "  double const t1 = std::exp(x*y);\n"
        "  return {t1, {{y*t1, x*t1}}};\n"
        "}\n");
  CHECK(ddx::to_cpp(2 * x, "twice").find("twice(double x) {\n  return {2*x, {{2.0}}};\n}\n") != std::string::npos);
}

TEST_CASE("a function keeps its shape") {
  constexpr auto f = ddx::fn<"x", "y">([](auto a, auto) { return a * a * a; });
  CHECK(ddx::to_cpp(f, "cube") ==
        "inline double cube(double x, [[maybe_unused]] double y) {\n"
        "  return x*(x*x);\n"
        "}\n");
  CHECK(ddx::to_cpp(ddx::grad(f), "slope") ==
        "#include <array>\n"
        "\n"
        "inline std::array<double, 2> slope(double x, [[maybe_unused]] double y) {\n"
        "  return {{3*(x*x), 0.0}};\n"
        "}\n");
  CHECK(ddx::to_cpp(ddx::hessian(f), "curvature") ==
        "#include <array>\n"
        "\n"
        "inline std::array<std::array<double, 2>, 2> curvature(double x, [[maybe_unused]] double y) {\n"
        "  return {{{{6*x, 0.0}}, {{0.0, 0.0}}}};\n"
        "}\n");
  CHECK(ddx::to_cpp(ddx::fn<"a">([](auto a) { return a < 1; }), "small") ==
        "inline double small(double a) {\n"
        "  return (a < 1.0 ? 1.0 : 0.0);\n"
        "}\n");
  CHECK(
      ddx::to_cpp(ddx::fn<"a", "b">([](auto a, auto b) { return where(a < b, 1, 2) * (a < b) + sin(a) * sin(a); }), "f")
          .find("bool const t1 = a < b;") != std::string::npos);
}

TEST_CASE("squares are shared between powers") {
  constexpr auto f = ddx::fn<"x">([](auto a) { return pow(a, 2) + pow(a, 4) + pow(a, 7) + pow(a, 17); });
  CHECK(ddx::to_cpp(f, "f") ==
        "#include <cmath>\n"
        "\n"
        "inline double f(double x) {\n"
        "  double const t1 = x*x;\n"
        "  double const t2 = t1*t1;\n"
        "  return t1 + t2 + x*t1*t2 + std::pow(x, 17);\n"
        "}\n");
}

TEST_CASE("names are made identifiers of C++ that differ from one another and from temporaries") {
  ddx::graph g;
  ddx::traced const a = building::scalar(g, "class"), b = building::scalar(g, "a b"), c = building::scalar(g, "a_b"),
                    t = building::scalar(g, "t1"), d = building::scalar(g, "2x"), e = building::scalar(g, "größe");
  ddx::traced const shared = a * b;
  g.outputs.push_back(building::id(g, shared + exp(shared) * c + t + d + e));
  CHECK(ddx::print_cpp_function(g.view(),
                                {.name = "my function", .returns = ddx::cpp_result::value, .includes = false}) ==
        "inline double my_function(double class_, double a_b, double a_b_, double t1, double _2x, double größe) {\n"
        "  double const t_1 = class_*a_b;\n"
        "  return t_1 + a_b_*std::exp(t_1) + t1 + _2x + größe;\n"
        "}\n");
}

TEST_CASE("long lists are written one value a line") {
  ddx::graph g;
  ddx::traced const a = building::scalar(g, "a_long_name_for_a_variable");
  for (int i = 1; i < 4; ++i) g.outputs.push_back(building::id(g, sin(a * i + i)));
  CHECK(ddx::print_cpp_function(g.view(), {.name = "f", .includes = false}) ==
        "inline std::array<double, 3> f(double a_long_name_for_a_variable) {\n"
        "  return {{\n"
        "      std::sin(a_long_name_for_a_variable + 1),\n"
        "      std::sin(2*a_long_name_for_a_variable + 2),\n"
        "      std::sin(3*a_long_name_for_a_variable + 3)}};\n"
        "}\n");
}

TEST_CASE("arrays are refused with a sentence") {
  ddx::graph g;
  ddx::traced const w = building::array(g, "w", {"n"});
  g.outputs.push_back(ddx::algebra<ddx::traced>::reduce_node(g, ddx::info<ddx::sum_>, building::id(g, w), 0));
  CHECK_THROWS_WITH(ddx::print_cpp_function(g.view()),
                    "ddx::to_cpp: a function of numbers is written, but w is an array; ddx::compile computes it");
}

TEST_CASE("derivatives have names for headings") {
  std::string_view const xy[]{"x", "y"}, xx[]{"x", "x"}, mixed[]{"x", "x", "alpha_1"};
  using ddx::format;
  auto const name = [](auto const& variables, int count, format style) {
    return ddx::derivative_name("f", variables, count, style);
  };
  CHECK(name(xy, 1, format::unicode) == "∂f/∂x");
  CHECK(name(xy, 2, format::unicode) == "∂²f/∂x∂y");
  CHECK(name(xx, 2, format::unicode) == "∂²f/∂x²");
  CHECK(name(xy, 1, format::text) == "df/dx");
  CHECK(name(xy, 2, format::text) == "d^2f/(dx*dy)");
  CHECK(name(xx, 2, format::text) == "d^2f/dx^2");
  CHECK(name(xy, 1, format::latex) == "\\frac{\\partial f}{\\partial x}");
  CHECK(name(mixed, 3, format::latex) == "\\frac{\\partial^{3} f}{\\partial x^{2} \\partial \\alpha_{1}}");
  CHECK(name(xy, 2, format::cpp) == "d2f_dx_dy");
  CHECK(name(xx, 2, format::cpp) == "d2f_dx2");
  CHECK(name(xy, 0, format::unicode) == "f");
}

}  // namespace

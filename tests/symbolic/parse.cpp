// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Texts of formulas enter; what they mean, and what is said where they mean nothing, is checked.
#include <catch2/catch.hpp>
#include <ddx/symbolic/symbolic.hpp>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

namespace {

std::string problem(std::string const& text) {
  try {
    ddx::parse(text);
  } catch (ddx::parse_error const& e) { return e.what(); }
  return "";
}

std::string sentence(std::string const& text) {
  try {
    ddx::parse(text);
  } catch (ddx::parse_error const& e) {
    return std::to_string(e.line) + ":" + std::to_string(e.column) + ": " + e.sentence;
  }
  return "";
}

TEST_CASE("operators bind as usual") {
  std::pair<char const*, char const*> const pairs[]{
      {"-x^2", "-(x^2)"},
      {"2^-x^2", "2^(-(x^2))"},
      {"2^-x*y", "(2^(-x))*y"},
      {"a - b - c", "(a - b) - c"},
      {"a/b/c", "(a/b)/c"},
      {"a/b*c", "(a/b)*c"},
      {"a^b^c", "a^(b^c)"},
      {"a**b**c", "a^(b^c)"},
      {"a*-b", "-(a*b)"},
      {"- -x", "x"},
      {"+x", "x"},
      {"a or b and c", "a or (b and c)"},
      {"not a == b", "not (a == b)"},
      {"!(a < b) || c > 1 && a != b", "not(a < b) or (c > 1 and a != b)"},
      {"a + b < c*2", "(a + b) < (c*2)"},
      {"a < b < c", "a < b and b < c"},
      {"a < b*2 <= c == d", "a < b*2 and b*2 <= c and c == d"},
      {"where(a < 1 < b, 1, 2)", "where(a < 1 and 1 < b, 1, 2)"},
  };
  for (auto const& [one, other] : pairs) {
    CAPTURE(one, other);
    CHECK(ddx::same(ddx::parse(one), ddx::parse(other)));
  }
  CHECK_FALSE(ddx::same(ddx::parse("a - (b - c)"), ddx::parse("a - b - c")));
  CHECK_FALSE(ddx::same(ddx::parse("(-x)^3"), ddx::parse("x^3")));
}

TEST_CASE("numbers are read exactly") {
  CHECK(ddx::eval(ddx::parse("1e-3"), {}) == 1e-3);
  CHECK(ddx::eval(ddx::parse(".5 + 1. + 2.5E+1"), {}) == 26.5);
  CHECK(ddx::eval(ddx::parse("123456789012345678901234567890"), {}) == 123456789012345678901234567890.0);
  CHECK(ddx::to_string(ddx::parse("1/3 + 1/6")) == "1/2");
}

TEST_CASE("constants may be hidden by declared names") {
  CHECK(ddx::to_string(ddx::parse("pi + e")) == "pi + exp(1)");
  ddx::declaration const names[]{{"e"}, {"inf"}};
  CHECK(ddx::parse("e + inf", names).variables() == std::vector<std::string>{"e", "inf"});
  CHECK(ddx::parse("gamma*beta").variables() == std::vector<std::string>{"gamma", "beta"});
}

TEST_CASE("a name that text reads as something else stands between backquotes, and is read back as a name") {
  for (std::string_view name : ddx::detail::reserved_names) {
    ddx::graph g;
    g.inputs.push_back({.name = name});
    ddx::traced const x(g, ddx::detail::input_node(g, 0));
    g.outputs.push_back((2 * sin(x) + pow(x, 2)).node_in(g));
    std::string const text = ddx::print(g.view());
    CHECK(text == fmt::format("2*sin(`{0}`) + `{0}`^2", name));
    CHECK(ddx::parse(text).variables() == std::vector<std::string>{std::string(name)});
    CHECK(ddx::to_string(ddx::parse(text)) == text);
  }
  CHECK(ddx::to_string(ddx::symbolic::variable("e") * ddx::parse("e")) == "`e`*exp(1)");
  CHECK(ddx::parse("`a b` + `x+1`*`x`").variables() == std::vector<std::string>{"a b", "x+1", "x"});
  CHECK(ddx::to_string(ddx::parse("`a b` + `x+1`*`x`")) == "`a b` + `x+1`*x");
  CHECK(ddx::to_string(ddx::diff(ddx::parse("sum[n](`e`[n]^2)"), "e")) == "2*`e`");
  CHECK(ddx::to_string(ddx::parse("`e`"), ddx::format::unicode) == "e");
  CHECK(sentence("x + `e") == "1:7: expected a name and '`' behind '`'");
  CHECK(sentence("x + ``") == "1:6: expected a name and '`' behind '`'");
  CHECK(sentence("x `e`") == "1:3: expected an operator");
}

TEST_CASE("arrays name their axes once") {
  CHECK(ddx::same(ddx::parse("sum[d](X[n, d]*w[d]) + X"), ddx::parse("sum[d](w[d]*X[n,d]) + X[n, d]")));
  ddx::declaration const arrays[]{{"X", 2, {"n", "d"}}, {"w", 1, {"d"}}};
  CHECK(ddx::to_string(ddx::parse("sum[d](X*w)", arrays)) == "sum[d](X*w)");
  CHECK(ddx::to_string(ddx::diff(ddx::parse("sum[d](w*w)", arrays), "w")) == "2*w");
  CHECK(sentence("x + x[i]") == "1:5: 'x' had other axes before");
  CHECK(sentence("x[n, n]") == "1:6: 'x' has the same axis twice");
  CHECK(sentence("x[a,b,c,d,e,f,g]") == "1:15: 'x' has more than 6 axes");
}

TEST_CASE("neighbours along axes are indices, and print as they are read") {
  using ddx::parse, ddx::to_string;
  CHECK(to_string(parse("sum[i](x[i+1] - x[i])")) == "sum[i](where(inside[i + 1], x[i + 1] - x, 0))");
  CHECK(to_string(parse("a[r, c] + a[r - 1, c + 2]")) == "a + a[r - 1][c + 2]");
  CHECK(to_string(parse("a[r, c] * a[c + 2][r - 1]")) == "a*a[r - 1][c + 2]");
  CHECK(to_string(parse("(x[i]*y[i])[i - 3]")) == "where(not(inside[i - 3]), 0, x[i - 3]*y[i - 3])");
  CHECK(to_string(parse("sum[i](x[i + 1][i + 1] * x[i - 1])")) ==
        "sum[i](where(inside[i - 1] and inside[i + 2], x[i + 2]*x[i - 1], 0))");
  CHECK(to_string(parse("x[i + 1] - -x[i + 2]^2 < x")) == "x[i + 1] + x[i + 2]^2 < x");
  ddx::declaration const known[]{{"x", 1, {"i"}}, {"a", 2, {"r", "c"}}};
  CHECK(to_string(ddx::sum<"i">(diff(parse("sum[r](sum[i](exp(y[r] - x[i + 1])))"), "x"))) ==
        "sum[i](where(inside[i - 1], sum[r](where(inside[i + 1], -exp(y - x[i + 1]), 0))[i - 1], 0))");
  ddx::symbolic const deep = diff(parse("sum[i](sum[r](exp(x[i]*z[i + 1, r]))^2)"), "x");
  ddx::symbolic const other = diff(parse("sum[i](y[i]^2)"), "y");
  for (ddx::symbolic const& squares : {ddx::sum<"i">(deep * deep), ddx::sum<"i">(other * deep)})
    CHECK(to_string(squares).find("sum[i](where(inside") == std::string::npos);
  ddx::symbolic const uneven = diff(parse("sum[i](sum[r](exp(x[i]*z[i + 1, r]))^2) + sum[i](x[i]^2)"), "x");
  for (ddx::symbolic const& same :
       {simplify(uneven), expand(uneven), simplify(uneven, ddx::level::assume_real), 2 * uneven / 2})
    CHECK(to_string(ddx::sum<"i">(same * same)).find("sum[i](where(inside") == std::string::npos);
  ddx::symbolic const large = parse("sum[i](exp(sin(y[i]) + cos(y[i])*tan(y[i]) + sqrt(y[i])^3*log(y[i])))*y[i]");
  CHECK(to_string(ddx::sum<"i">(large * (2 * uneven))).find("sum[i](where(inside") == std::string::npos);
  ddx::symbolic const neighbour = parse("(2*x[i])[i + 1]");
  std::string const mean = to_string(ddx::mean<"i">(neighbour));
  CHECK(mean.find("inside[i + 1]") != std::string::npos);
  CHECK(to_string(ddx::mean<"i">(simplify(neighbour))) == mean);
  CHECK(to_string(ddx::mean<"i">(parse(to_string(neighbour)))) == mean);
  for (char const* text : {"sum[i](where(inside[i + 1], x[i + 1] - x, 0))", "a + a[r - 1][c + 2]", "sum[r](a)[c + 1]",
                           "mean[i](x*where(inside[i - 2], x[i - 2], 1))", "where(inside[i + 1] or x > 0, 1, 2)"})
    CHECK(to_string(parse(text, known)) == text);
  CHECK(sentence("x[i] + x[i + y]") == "1:14: expected a whole number of moderate size behind the name of an axis");
  CHECK(sentence("x[i] + x[i + 1.5]") == "1:15: expected ']'");
  CHECK(sentence("x[i] + (x[i])[i]") == "1:14: expected an operator");
  CHECK(sentence("x[i + 99999999999999999999]") ==
        "1:22: expected a whole number of moderate size behind the name of an axis");
  CHECK_THROWS_WITH(parse("x[i] * (y[j] + 1)[i + 1]"),
                    "ddx: [i + 1]: what is indexed has no such axis; check the spelling of the axis");
}

TEST_CASE("recurrences name the neighbour that they go on from") {
  using ddx::parse, ddx::to_string;
  ddx::declaration const known[]{{"x", 1, {"i"}}, {"y", 1, {"i"}}};
  for (char const* text : {"recurrence[i - 1](x, y)", "prod[i](recurrence[i + 1](2, x + y))"})
    CHECK(to_string(parse(text, known)) == text);
  CHECK(to_string(diff(parse("sum[i](recurrence[i - 1](x, y))", known), "y")) == "recurrence[i + 1](x[i + 1], 1)");
  CHECK(sentence("recurrence[i](x, y)") == "1:13: expected + 1 or - 1 behind the axis of a recurrence");
  CHECK(sentence("recurrence[i - 2](x, y)") == "1:17: expected + 1 or - 1 behind the axis of a recurrence");
  CHECK(sentence("recurrence[i - 1](x)") == "1:1: 'recurrence' takes 2 operands");
}

TEST_CASE("problems are said with their place") {
  CHECK(problem("sin(x") == "1:6: expected ')'\n  sin(x\n       ^");
  CHECK(problem("x +\n  y*)") == "2:5: expected a number, a name or '('\n    y*)\n      ^");
  std::pair<char const*, char const*> const cases[]{
      {"", "1:1: expected a number, a name or '('"},
      {"2*", "1:3: expected a number, a name or '('"},
      {"x y", "1:3: expected an operator"},
      {"2x", "1:2: expected an operator"},
      {"(x y)", "1:4: expected ')'"},
      {"x)", "1:2: this closes or parts what is not open"},
      {"x, y", "1:2: this closes or parts what is not open"},
      {"(x, y)", "1:3: expected ')'"},
      {"sin(x, y)", "1:1: 'sin' takes 1 operand"},
      {"1 + atan2(x)", "1:5: 'atan2' takes 2 operands"},
      {"sni(x)", "1:1: unknown function 'sni'; did you mean 'sin'?"},
      {"Sin(x)", "1:1: unknown function 'Sin'; did you mean 'sin'?"},
      {"ln(x)", "1:1: unknown function 'ln'; did you mean 'log'?"},
      {"1 + ArcTan(x)", "1:5: unknown function 'ArcTan'; did you mean 'atan'?"},
      {"1 + sum[d](X*w)", "1:5: no array has the axis 'd'; an array is written with its axes, as in X[d]"},
      {"2*softmax[k](x[k])",
       "1:3: 'softmax' is no function over an axis, there are sum, mean, max, prod, logsumexp, norm, take, recurrence"},
      {"sum(x)", "1:1: 'sum' is over an axis, as in sum[n](x)"},
      {"qqqqqqqq(x)", "1:1: unknown function 'qqqqqqqq'"},
      {"x = 3", "1:3: '=' is no operator; equality is written '=='"},
      {"x # y", "1:3: unexpected character '#'"},
      {"1 + \xc3\xa9", "1:5: unexpected character '\xc3\xa9'"},
      {"x\x01", "1:2: unexpected character (byte 0x01)"},
      {"1e400", "1:1: the number is larger than any double"},
      {"x[i", "1:4: expected ']'"},
      {"x[3]", "1:3: expected the name of an axis"},
      {"size[n", "1:7: expected ']'"},
  };
  for (auto const& [text, what] : cases) CHECK(sentence(text) == what);
  CHECK(sentence(std::string("x\0y", 3)) == "1:2: unexpected character (byte 0x00)");
}

TEST_CASE("depth and length are bounded, and nothing below the bounds overflows the stack") {
  CHECK(sentence(std::string(1 << 20, '(')) == "1:10001: operators and parentheses are nested more than 10000 deep");
  CHECK(sentence(std::string(1 << 20, '-')).find("nested") != std::string::npos);
  std::string nested = "x";
  for (int i = 0; i < 9999; ++i) nested = "(" + nested + ")";
  CHECK(ddx::same(ddx::parse(nested), ddx::parse("x")));
  std::string sum = "x";
  for (int i = 0; i < 50000; ++i) sum += "+x*" + std::to_string(i % 10);
  CHECK(ddx::eval(ddx::diff(ddx::parse(sum), "x"), {}) == 225001);
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Command lines with formulas enter the ddx program of $DDX_BIN; what it answers leaves.
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "../data/idx_file.hpp"
#include "shell.hpp"

namespace {

/// Checks a command line: what it prints on both streams, and its status.
void check(std::string const& arguments, std::string const& text, int status = 0) {
  INFO("ddx " + arguments);
  auto const seen = shell("ddx " + arguments);
  CHECK(seen.text == text);
  CHECK(seen.status == status);
}

// The address sanitizer takes terabytes of address space for itself.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool under_sanitizers = true;
#elif defined(__has_feature)
constexpr bool under_sanitizers = __has_feature(address_sanitizer);
#else
constexpr bool under_sanitizers = false;
#endif

bool is_there(std::string const& program) { return shell("command -v " + program).status == 0; }

}  // namespace

TEST_CASE("diff prints derivatives, higher and mixed ones") {
  check("diff 'x^2 + sin(x*y)' --wrt x", "2*x + y*cos(x*y)\n");
  check("diff x^3 --wrt x --order 2", "6*x\n");
  check("diff 'x^2*y' --wrt x,y", "2*x\n");
  check("diff 'x^3*y^2' --wrt x,y --order 2", "12*x\n");
  check("diff x^2 --wrt z", "0\n");
  check("diff x/3", "1/3\n");
  check("diff 7", "0\n");
  check("diff x^3 x^4 --at x=2", "12\n32\n");
  check("diff 'x*y'", "ddx: the formula has the variables x, y; --wrt says by which\n", 1);
}

TEST_CASE("a name that an option takes for a variable is one in the formula, even where it is a number elsewhere") {
  check("diff 'e*x^2'", "2*x*exp(1)\n");
  check("diff 'e*x^2 + e' --wrt e", "x^2 + 1\n");
  check("diff 'e*x^2' --wrt x --at e=3,x=2", "12\n");
  check("hessian 'e*pi' --wrt e,pi", "0  1\n1  0\n");
  check("diff 'e^2/2' --wrt e", "`e`\n");
  check("substitute 'e*x' --with 'e=y'", "y*x\n");
}

TEST_CASE("formulas may look like options and commands") {
  check("diff -x^2", "-2*x\n");
  check("diff -h*x --wrt x", "-h\n");
  check("diff -2*x", "-2\n");
  check("diff --wrt x -- --x", "1\n");
  check("diff eval^2 --wrt eval", "2*eval\n");
  check("diff --at x=-1 -x^2", "2\n");
  check("diff x^2 --at=x=3", "6\n");
}

TEST_CASE("grad prints a derivative a line") {
  check("grad x^2*y --wrt x,y", "2*x*y\nx^2\n");
  check("grad 'y*sin(x)'", "sin(x)\ny*cos(x)\n");
  check("grad x^2*y --at x=1,y=2", "4\n1\n");
  check("grad x^2*y --wrt z", "0\n");
  check("grad 3", "ddx: the formula has no variables; --wrt names those to differentiate by\n", 1);
}

TEST_CASE("hessian and jacobian print matrices in columns") {
  check("hessian x^2*y", "2*y  2*x\n2*x  0\n");
  check("hessian 'x^10 + y' --wrt y,x", "0  0\n0  90*x^8\n");
  check("hessian x^2*y --format unicode", "2y  2x\n2x  0\n");
  check("hessian x^2*y --format latex", "\\begin{pmatrix} 2 y & 2 x \\\\ 2 x & 0 \\end{pmatrix}\n");
  check("hessian x^2*y --format cpp", "{{2*y, 2*x}, {2*x, 0}}\n");
  check("hessian x^2*y --at x=1,y=2", "4  2\n2  0\n");
  check("jacobian 'r*cos(phi)' 'r*sin(phi)'", "cos(phi)  -r*sin(phi)\nsin(phi)  r*cos(phi)\n");
  check("jacobian x*y y*z --wrt z,x", "0  y\ny  0\n");
  check("jacobian x 'y(' x^2 2>/dev/null", "1\n\n2*x\n", 1);
}

TEST_CASE("taylor expands about a point") {
  check("taylor 'sin(x)'", "x - x^3/6 + x^5/120\n");
  check("taylor 'exp(x)' --order 0", "1\n");
  check("taylor 'sin(x)' --at pi/2 --order 2", "1 - (x - pi/2)^2/2\n");
  check("taylor x^2 --at x=1", "1 + 2*(x - 1) + (x - 1)^2\n");
  check("taylor 'exp(x*y)' --wrt x --order 2", "1 + x*y + x^2*y^2/2\n");
  check("taylor 'exp(x*y)'", "ddx: the formula has the variables x, y; --wrt says by which\n", 1);
  check("taylor x*y --wrt x,y", "ddx taylor: --wrt: takes one variable for taylor\n", 2);
  check("taylor x*y --wrt x --at y=0", "ddx taylor: --at: gives y, but --wrt x\n", 2);
  check("taylor x --order 101", "ddx taylor: --order: takes a whole number from 0 to 100, not '101'\n", 2);
  check("taylor x --at a", "ddx taylor: --at: takes a number or a formula without variables, 'a' has a\n", 2);
  auto const pole = shell("ddx taylor 'log(x)'");
  CHECK(pole.status == 1);
  CHECK(has(pole.text, "ddx: the derivative of order 0 is not finite at x = 0"));
}

TEST_CASE("formulas are rewritten") {
  check("simplify 'x + x - y/y'", "2*x - y/y\n");
  check("simplify 'x + x - y/y' --assume-real", "2*x - 1\n");
  check("expand '(x + 1)^2'", "x^2 + 2*x + 1\n");
  check("factor a*b+a*c", "a*(b + c)\n");
  check("collect 'a*x + b*x' --wrt x", "x*(a + b)\n");
  check("substitute 'x^2 + y' --with x=y,y=x", "y^2 + x\n");
  check("substitute x^2 --with 'x=max(u, v)'", "max(u, v)^2\n");
  check("substitute x", "ddx substitute: --with is missing: it takes formulas for variables, such as x=u+v\n", 2);
}

TEST_CASE("eval prints values that can be read back") {
  check("eval '2*x + y*cos(x*y)' --at x=0,y=2", "2\n");
  check("eval 0.1+0.2", "0.30000000000000004\n");
  check("eval 1/3", "0.3333333333333333\n");
  check("eval 1e300", "1e+300\n");
  check("eval 1/0 -1/0 0/0*x --at x=1", "inf\n-inf\nnan\n");
  check("eval x --at x=pi", "3.141592653589793\n");
  check("eval x", "ddx: x has no value: write --at x=NUMBER\n", 1);
  check("eval x --at x=1,x=2", "ddx eval: --at: gives x twice\n", 2);
  check("eval x --at 1", "ddx eval: --at: takes values such as x=0.5,y=pi/2, not '1'\n", 2);
}

TEST_CASE("print shows a formula in one form or in all that fit on a line") {
  check("print x^2*y1", "text     x^2*y1\nunicode  x²·y1\nlatex    x^{2} y_{1}\ncpp      std::pow(x, 2)*y1\n");
  check("print x^2 --format unicode", "x²\n");
  check("print x^2 --format cpp", "std::pow(x, 2)\n");
  auto const drawing = shell("ddx print x^2 --format dot");
  CHECK(drawing.text.substr(0, 8) == "digraph ");
  CHECK(drawing.text.substr(drawing.text.size() - 3) == "\n}\n");
  check("diff x**2 --format latex", "2 x\n");
}

TEST_CASE("check compares derivatives with differences") {
  auto const seen = shell("ddx check 'x*y^2' --seed 3");
  CHECK(seen.status == 0);
  CHECK(has(seen.text, "d/dx = y^2\n  right at 100 points, to 1"));
  CHECK(has(seen.text, "d/dy = 2*x*y\n  right at 100 points, to 1"));
  CHECK(shell("ddx check 'x*y^2' --seed 3").text == seen.text);
  CHECK(has(shell("ddx check x^2 --points 5 --range 1:2").text, "right at 5 points"));
  check("check 'log(-1 - x^2)'",
        "d/dx = -2*x/(-1 - x^2)\n  not checked: no point was found around which the formula is smooth; --range says "
        "where to look\n",
        1);
  check("check x --points 0", "ddx check: --points: takes a whole number from 1 to 1000000, not '0'\n", 2);
}

TEST_CASE("plot draws in the terminal and into files") {
  if (!is_there("gnuplot")) return;
  temporary_folder const folder;
  auto const seen = shell("ddx plot 'a*sin(x)' --at a=2 --range -3:3");
  INFO(seen.text);
  CHECK(seen.status == 0);
  CHECK(has(seen.text, "* a*sin(x)\n"));
  CHECK(has(seen.text, "# d/dx: a*cos(x)\n"));
  CHECK(!has(seen.text, "\033"));
  CHECK(!has(seen.text, "\f"));
  CHECK(!has(seen.text, " \n"));
  CHECK(has(shell("ddx plot x^3 --order 2").text, "# d^2/dx^2: 6*x\n"));
  // Poles, gaps, constants and nothing at all.
  for (auto const* formula : {"tan(x)", "log(x)", "1/x", "3", "log(-1 - x^2)", "1e300*x", "x + y'"})
    CHECK(shell(std::string("ddx plot \"") + formula + "\" --at y=1").status == (has(formula, "'") ? 1 : 0));
  std::string const png = (folder / "a.png").string(), svg = (folder / "a.svg").string();
  check("plot 'sin(x)' --out " + png, "wrote " + png + "\n");
  CHECK(read_bytes(png).substr(0, 4) == "\x89PNG");
  check("plot 'sin(x)' --out " + svg, "wrote " + svg + "\n");
  CHECK(has(read_bytes(svg), "<svg"));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
  check("plot x*y", "ddx: y has no value: write --at y=NUMBER, or --wrt y to draw over it\n", 1);
  check("plot x --out a.jpg", "ddx plot: --out: takes a file that ends in .png or .svg, not 'a.jpg'\n", 2);
  check("plot x --out nowhere/a.png", "ddx: nowhere: cannot be written into: No such file or directory\n", 1);
  check("plot x y --out a.png", "ddx plot: --out: takes one formula, given as an argument\n", 2);
  check("plot x --range 2:1", "ddx plot: --range: takes two numbers, the smaller one first, such as -1:pi, not '2:1'\n",
        2);
  check("plot x --wrt x,y", "ddx plot: --wrt: takes one variable for plot\n", 2);
}

TEST_CASE("plot says that gnuplot is missing") {
  temporary_folder const folder;
  std::string const bin = (folder / "bin").string();
  auto const seen = shell("mkdir " + bin + "; ln -s \"$(command -v ddx)\" " + bin + "; PATH=" + bin + "; ddx plot x");
  CHECK(seen.status == 1);
  CHECK(seen.text == "ddx: no picture: gnuplot is not installed (Debian: gnuplot-nox)\n");
}

TEST_CASE("lines are answered each, and the wrong ones told with line, column and caret") {
  auto const seen = shell("printf 'x*x\\nsin(x\\nexp(2*x)\\n' | ddx diff - --wrt x 2>/dev/null");
  CHECK(seen.status == 1);
  CHECK(seen.text == "2*x\n\n2*exp(2*x)\n");
  CHECK(shell("printf 'x*x\\nsin(x\\n' | ddx diff - 2>&1 >/dev/null").text ==
        "ddx: 2:6: expected ')'\n  sin(x\n       ^\n");
  CHECK(shell("printf '\\n# x\\n  \\nx\\r\\n\\357\\273\\277x' | ddx diff -").text ==
        "\n\n\n1\n\nddx: 5:1: unexpected character '\xEF\xBB\xBF'\n  \xEF\xBB\xBFx\n  ^\n");
  CHECK(shell("printf '\\357\\273\\277x*x' | ddx diff -").text == "2*x\n");
  check("diff 'sin(x'", "ddx: 1:6: expected ')'\n  sin(x\n       ^\n", 1);
  check("diff x 'sin(x' x^2 2>/dev/null", "1\n\n2*x\n", 1);
  CHECK(shell("printf 'x*y\\n' | ddx diff - 2>&1 >/dev/null").text ==
        "ddx: 1: the formula has the variables x, y; --wrt says by which\n");
}

TEST_CASE("files are read after an @") {
  temporary_folder const folder;
  write_bytes(folder / "f", "x*x\nx +\n3*x\n");
  auto const seen = shell("cd " + folder.path().string() + "; ddx diff @f x^3 2>/dev/null");
  CHECK(seen.status == 1);
  CHECK(seen.text == "2*x\n\n3\n3*x^2\n");
  CHECK(has(shell("cd " + folder.path().string() + "; ddx diff @f").text, "ddx: f:2:4: "));
  CHECK(has(shell("cd " + folder.path().string() + "; mv f f.txt; ddx diff f.txt").text,
            "; to read the file of this name, write @f.txt\n"));
  check("diff @/none", "ddx: /none: cannot be read: No such file or directory\n", 1);
  check("diff @/", "ddx: /: cannot be read: Is a directory\n", 1);
}

TEST_CASE("json gives an object a line") {
  check("diff x^2 --json", "{\"input\":\"x^2\",\"wrt\":[\"x\"],\"result\":\"2*x\"}\n");
  check("diff x^2 --json --at x=1.5", "{\"input\":\"x^2\",\"wrt\":[\"x\"],\"value\":3}\n");
  check("diff x^2 --json --order 2 --format latex", "{\"input\":\"x^2\",\"wrt\":[\"x\",\"x\"],\"result\":\"2\"}\n");
  check("grad x*y --json", "{\"input\":\"x*y\",\"wrt\":[\"x\",\"y\"],\"results\":[\"y\",\"x\"]}\n");
  check("hessian x^2 --json", "{\"input\":\"x^2\",\"wrt\":[\"x\"],\"results\":[[\"2\"]]}\n");
  check("jacobian x x^2 --json", "{\"inputs\":[\"x\",\"x^2\"],\"wrt\":[\"x\"],\"results\":[[\"1\"],[\"2*x\"]]}\n");
  check("eval 1/0 1/4 --json", "{\"input\":\"1/0\",\"value\":\"inf\"}\n{\"input\":\"1/4\",\"value\":0.25}\n");
  auto const lines = shell("printf 'x\\n\\nsin(\\n\\303(\\n' | ddx diff - --json");
  CHECK(lines.status == 1);
  CHECK(lines.text ==
        "{\"input\":\"x\",\"line\":1,\"wrt\":[\"x\"],\"result\":\"1\"}\n"
        "{\"input\":\"sin(\",\"line\":3,\"error\":{\"line\":3,\"column\":5,\"message\":\"expected a number, a name or "
        "'('\"}}\n"
        "{\"input\":\"\xEF\xBF\xBD(\",\"line\":4,\"error\":{\"line\":4,\"column\":1,\"message\":\"unexpected character "
        "'\xEF\xBF\xBD'\"}}\n");
  for (auto const* verb : {"taylor", "simplify", "expand", "factor", "collect", "print", "check"}) {
    auto const seen = shell("ddx " + std::string(verb) + " x^2 --json");
    CAPTURE(seen.text);
    CHECK(nlohmann::json::parse(seen.text).at("input") == "x^2");
  }
}

TEST_CASE("wrong options of formulas are told in one line that says what they take") {
  check("diff",
        "ddx diff: a formula is missing; it takes formulas such as 'x^2*sin(y)'; @FILE or - (standard input) has one "
        "formula a line\n",
        2);
  check("diff x --wrt 3", "ddx diff: --wrt: takes names of variables, such as x,y, not '3'\n", 2);
  check("diff x --order 0", "ddx diff: --order: takes a whole number from 1 to 100, not '0'\n", 2);
  check("diff x --order 101", "ddx diff: --order: takes a whole number from 1 to 100, not '101'\n", 2);
  check("diff x*y --wrt x,y --order 51", "ddx diff: --order: 51 times x, y is of order 102, above 100\n", 2);
  check("diff x --format tex", "ddx diff: --format: takes text, unicode, latex, cpp or dot, not 'tex'\n", 2);
  check("diff x --range 1:2",
        "ddx diff: '--range' is not expected; it takes --help, --wrt, --at, --order, --format, --json\n", 2);
  CHECK(has(shell("ddx diff x --wrt").text, "ddx diff: --wrt takes one NAMES: variables to differentiate by"));
  CHECK(shell("ddx diff x --wrt").status == 2);
}

TEST_CASE("a reader sees each answer before the next line is written") {
  temporary_folder const folder;
  std::string const in = (folder / "in").string(), out = (folder / "out").string();
  auto const seen =
      shell("mkfifo " + in + " " + out + "; ddx diff - <" + in + " >" + out + " & exec 3>" + in + " 4<" + out +
            "; echo 'x*x' >&3; read -r answer <&4; echo \"$answer\"; echo 'x^3' >&3; read -r answer <&4; "
            "echo \"$answer\"; exec 3>&-; wait");
  CHECK(seen.text == "2*x\n3*x^2\n");
}

TEST_CASE("many lines take no more memory than few, and a reader may leave") {
  temporary_folder const folder;
  {
    std::ofstream file(folder / "lines");
    for (int i = 0; i < 20000; ++i) file << "x^" << i % 9 + 2 << "*sin(" << i + 1 << "*x + y)\n";
  }
  std::string const path = (folder / "lines").string();
  // The limit, in kB, leaves no room for what 20,000 derivatives would take together.
  std::string const limit = under_sanitizers ? "" : "ulimit -v 65536; ";
  CHECK(shell(limit + "ddx diff @" + path + " --wrt x | wc -l").text == "20000\n");
  auto const left = shell("ddx diff @" + path + " --wrt x | head -n 1");
  CHECK(left.text == "2*x*sin(x + y) + x^2*cos(x + y)\n");
  CHECK(shell("ddx diff @" + path + " --wrt x >/dev/full").text ==
        "ddx: standard output: cannot be written: No space left on device\n");
  CHECK(shell("(trap '' PIPE; ddx diff @" + path + " --wrt x) | true").text == "");
}

TEST_CASE("hostile text gets a sentence") {
  temporary_folder const folder;
  auto told = [&](std::string const& text, std::string const& sentence) {
    write_bytes(folder / "f", text);
    auto const seen = shell("ddx diff @" + (folder / "f").string() + " --wrt x | head -c 1000");
    CAPTURE(text.substr(0, 40), seen.text.substr(0, 400));
    CHECK(seen.text.size() < 1000);
    CHECK(has(seen.text, sentence));
  };
  std::string const deep = "nested more than ";
  auto repeated = [](std::string const& part, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += part;
    return text;
  };
  told(std::string(500000, '(') + "x" + std::string(500000, ')'), deep);
  told(repeated("sin(", 100000) + "x" + std::string(100000, ')'), deep);
  told(std::string(1000000, '-') + "x", deep);
  told(repeated("x^", 100000) + "x", deep);
  told(repeated("x+", 9000000) + "x", "the formula is longer than 16 MB");
  told(repeated("x+", 1000000) + "x", "1000001");
  told(std::string("x\0y", 3), "unexpected character (byte 0x00)");
  told("x\033[31m", "unexpected character (byte 0x1b)");
  told("\xff\xfe", "unexpected character");
}

TEST_CASE("the version is that of the library") { CHECK(shell("ddx --version").text.substr(0, 4) == "ddx "); }

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The printer: a graph in canonical form enters, text in one of four styles leaves, always with the parentheses it needs.
#include <ddx/print/print.hpp>

#include <fmt/format.h>

#include <cctype>
#include <cmath>

#include <ddx/error.hpp>
#include <ddx/primitive/table.hpp>

namespace ddx {

namespace {

constexpr std::size_t max_text = 64u << 20;

/// Text and how tightly its outermost operation binds. A leading minus binds like a sum.
struct piece {
  std::string text;
  precedence binds = precedence::atom;
  bool minus = false;  // a minus in front of a product: may open a longer product
};

class printer {
 public:
  printer(graph_view g, format style) : g_(g), style_(style) {}

  std::string run(int id) { return write(id).text; }

 private:
  piece write(int id) {
    node const& n = g_.nodes[id];
    piece result = is<constant_>(n)   ? constant(n.constant)
                   : is<input_>(n)    ? piece{name(g_.inputs[n.index].name)}
                   : is<add_>(n)      ? sum(n, " + ")
                   : is<subtract_>(n) ? sum(n, " - ")
                   : is<negate_>(n)   ? negative(n)
                   : is<multiply_>(n) ? multiplication(n)
                   : is<divide_>(n)   ? division(n)
                   : is<pow_>(n)      ? power(n)
                                      : pattern(n);
    if (result.text.size() > max_text)
      throw error("ddx::print: the text of this formula is longer than 64 MB; print its parts");
    return result;
  }

  std::string enclosed(piece const& p, precedence needs) const {
    if (p.binds >= needs) return p.text;
    return style_ == format::latex ? "\\left(" + p.text + "\\right)" : "(" + p.text + ")";
  }

  std::string operand(int id, precedence needs) { return enclosed(write(id), needs); }

  // ---- numbers and names

  static std::string number(double value) {
    std::string const digits = fmt::format("{}", value);
    return digits;
  }

  std::string scientific(std::string digits) const {
    auto const e = digits.find('e');
    if (style_ != format::latex || e == std::string::npos) return digits;
    int const exponent = std::stoi(digits.substr(e + 1));
    return digits.substr(0, e) + " \\cdot 10^{" + std::to_string(exponent) + "}";
  }

  piece constant(rational c) const {
    bool const minus = std::signbit(c.numerator) && !std::isnan(c.numerator);
    precedence const binds = minus ? precedence::sum : precedence::atom;
    if (!std::isfinite(c.numerator)) return {special(c.numerator), binds, minus};
    if (c.denominator == 1) {
      std::string const digits = scientific(number(c.numerator));
      return {digits, !minus && digits.find("cdot") != std::string::npos ? precedence::product : binds, minus};
    }
    if (style_ == format::latex)
      return {(minus ? "-" : "") + std::string("\\frac{") + number(std::abs(c.numerator)) + "}{" +
                  number(c.denominator) + "}",
              binds, minus};
    // In C++ the quotient of two integers is an integer.
    std::string const above = number(c.numerator) + (style_ == format::cpp ? ".0" : "");
    return {above + "/" + number(c.denominator), minus ? precedence::sum : precedence::product, minus};
  }

  std::string special(double value) const {
    std::string const sign = std::signbit(value) && !std::isnan(value) ? "-" : "";
    if (style_ == format::cpp)
      return sign + (std::isnan(value) ? "std::numeric_limits<double>::quiet_NaN()"
                                       : "std::numeric_limits<double>::infinity()");
    if (std::isnan(value)) return style_ == format::latex ? "\\mathrm{NaN}" : "nan";
    return sign + (style_ == format::latex ? "\\infty" : style_ == format::unicode ? "∞" : "inf");
  }

  /// x1 is x_{1} and rate is \mathrm{rate} in LaTeX; elsewhere a name is itself.
  std::string name(std::string_view text) const {
    if (style_ != format::latex || text.size() <= 1) return std::string(text);
    std::size_t digits = text.size();
    while (digits > 1 && std::isdigit(static_cast<unsigned char>(text[digits - 1]))) --digits;
    std::string stem;
    for (char c : text.substr(0, digits)) stem += c == '_' ? std::string("\\_") : std::string(1, c);
    if (digits > 1) stem = "\\mathrm{" + stem + "}";
    return digits == text.size() ? stem : stem + "_{" + std::string(text.substr(digits)) + "}";
  }

  // ---- operators

  piece sum(node const& n, char const* sign) {
    piece const left = write(n.operands[0]);
    return {enclosed(left, precedence::sum) + sign + operand(n.operands[1], precedence::product), precedence::sum};
  }

  piece negative(node const& n) { return {"-" + operand(n.operands[0], precedence::product), precedence::sum, true}; }

  /// The left operand of a product: a leading minus needs no parentheses there, but the whole then binds like a sum.
  std::string leading(int id, bool& minus) {
    piece const left = write(id);
    minus = left.minus;
    return minus ? left.text : enclosed(left, precedence::product);
  }

  static piece product(std::string text, bool minus) {
    return {std::move(text), minus ? precedence::sum : precedence::product, minus};
  }

  piece multiplication(node const& n) {
    bool minus = false;
    std::string const left = leading(n.operands[0], minus);
    // Written without parentheses a*(b*c) is the same product: a chain is printed flat.
    bool const chain = is<multiply_>(g_.nodes[n.operands[1]]) && is<constant_>(g_.nodes[n.operands[0]]);
    std::string const right = operand(n.operands[1], chain ? precedence::product : precedence::sign);
    return product(left + times(left, right, is<constant_>(g_.nodes[n.operands[0]])) + right, minus);
  }

  /// The sign between two factors: none in Unicode after a coefficient, none in LaTeX except between digits.
  std::string times(std::string const& left, std::string const& right, bool coefficient) const {
    auto const digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    bool const digits = digit(left.back()) && digit(right.front());
    if (style_ == format::latex) return digits ? " \\cdot " : " ";
    if (style_ == format::unicode) return coefficient && digit(left.back()) && !digits ? "" : "·";
    return "*";
  }

  piece division(node const& n) {
    bool minus = false;
    if (style_ == format::latex) {
      piece above = write(n.operands[0]);
      minus = above.minus;
      std::string const sign = minus ? "-" : "";
      return {sign + "\\frac{" + above.text.substr(minus ? 1 : 0) + "}{" + write(n.operands[1]).text + "}",
              minus ? precedence::sum : precedence::product, minus};
    }
    std::string above = leading(n.operands[0], minus);
    if (style_ == format::cpp && is_whole(n.operands[0]) && is_whole(n.operands[1])) above += ".0";
    return product(above + "/" + operand(n.operands[1], precedence::sign), minus);
  }

  bool is_whole(int id) const {
    node const& n = g_.nodes[id];
    return is<constant_>(n) && n.constant.denominator == 1 && exact::is_integer(n.constant.numerator);
  }

  piece power(node const& n) {
    if (style_ == format::cpp) return pattern(n);
    std::string const base = operand(n.operands[0], precedence::atom);
    if (style_ == format::latex) return {base + "^{" + write(n.operands[1]).text + "}", precedence::power};
    if (style_ == format::unicode && is_whole(n.operands[1]))
      return {base + superscript(number(g_.nodes[n.operands[1]].constant.numerator)), precedence::power};
    return {base + "^" + operand(n.operands[1], precedence::atom), precedence::power};
  }

  static std::string superscript(std::string const& digits) {
    static constexpr char const* raised[]{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    std::string result;
    for (char c : digits) result += c == '-' ? "⁻" : raised[c - '0'];
    return result;
  }

  // ---- everything else by its record

  /// In C++ std::min(1, x) does not compile and std::abs(1)/2 is 0: whole constants are doubles there, except in std::pow(x, 2).
  std::string argument(node const& n, int id, precedence needs) {
    if (style_ != format::cpp || is<pow_>(n) || !is_whole(id)) return operand(id, needs);
    piece written = write(id);
    written.text += ".0";
    return enclosed(written, needs);
  }

  piece pattern(node const& n) {
    notation const& form = style_ == format::text      ? n.op->text
                           : style_ == format::unicode ? n.op->unicode
                           : style_ == format::latex   ? n.op->latex
                                                       : n.op->cpp;
    std::string result;
    std::string_view const p = form.pattern;
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (p[i] == '#') {
        result += n.op->name;
      } else if (p[i] == '{' && i + 2 < p.size() && p[i + 2] == '}' && p[i + 1] >= '0' && p[i + 1] <= '2') {
        result += argument(n, n.operands[p[i + 1] - '0'], form.needs);
        i += 2;
      } else if (p[i] == '{' && i + 2 < p.size() && p[i + 1] == 'a' && p[i + 2] == '}') {
        result += name(g_.axes[n.index]);
        i += 2;
      } else {
        result += p[i];
      }
    }
    return {result, form.binds};
  }

  graph_view g_;
  format style_;
};

}  // namespace

std::string print(graph_view g, int output, format style) {
  int const outputs[]{g.outputs[output]};
  g.outputs = outputs;
  g.output_count = 1;
  graph const canonical = simplify(g, sharing::expand);
  return printer(canonical.view(), style).run(canonical.outputs[0]);
}

namespace detail {

std::string print_tokens(token const* tokens, int count, double const* values, format style) {
  graph g;
  lowering(g, find_primitive).run(tokens, count, values, literals::known);
  return print(g.view(), 0, style);
}

std::string print_graph(portable_node const* nodes, graph_view rest, int output, format style) {
  sequence<node> resolved(rest.node_count);
  for (int i = 0; i < rest.node_count; ++i) {
    node& n = resolved[i];
    n.op = find_primitive(nodes[i].id);
    for (int k = 0; k < max_arity; ++k) n.operands[k] = nodes[i].operands[k];
    n.index = nodes[i].index;
    n.constant = nodes[i].constant;
    if (is<input_>(n))
      for (int k = 0; k < rest.inputs[n.index].rank; ++k) n.axes |= axis_set{1} << rest.inputs[n.index].axes[k];
    for (int k = 0; k < n.op->arity; ++k) n.axes |= resolved[n.operands[k]].axes;
    if (n.op->kind == role::reduction) n.axes &= ~(axis_set{1} << n.index);
  }
  rest.nodes = resolved.data();
  return print(rest, output, style);
}

void format_letter::throw_format_error(char const* message) { throw fmt::format_error(message); }

}  // namespace detail
}  // namespace ddx

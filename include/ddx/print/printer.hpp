// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The printer: a graph enters, the text of one of its nodes leaves, always with the parentheses it needs. It runs in
// constant expressions and, compiled once into the library, at run time; without recursion, so that a formula may be as
// deep as memory allows.
#pragma once

#include "../transform/simplify.hpp"
#include "format.hpp"
#include "kept_texts.hpp"

namespace ddx::detail {

/// Nodes that are defined elsewhere and stand in a text as t1, t2, …; 0 for all others.
struct temporaries {
  sequence<int> numbers;
  std::string_view prefix = "t";

  constexpr void write(int id, characters& out) const {
    out.append(prefix);
    out.append_whole(numbers[id]);
  }
};

class printer {
 public:
  constexpr printer(graph_view g, format style, temporaries const* defined = nullptr)
      : g_(g), style_(style), temporaries_(defined), kept_(style), shapes_(g.node_count), written_(g.node_count) {
    for (int i = 0; i < g.input_count; ++i) inputs_.push_back(kept_.symbol(g.inputs[i]));
    for (int i = 0; i < g.axis_count; ++i) axes_.push_back(kept_.name(g.axes[i]));
    for (int i = 0; i < g.node_count; ++i) {
      if (is<constant_>(g.nodes[i])) shapes_[i] = kept_.constant(g.nodes[i].constant);
      lay_out(i, is_temporary(i));
      finish(i);
    }
  }

  enum class place {
    whole,      ///< alone
    argument,   ///< where C++ needs a double: a whole number has a point
    definition  ///< of a temporary: its operation
  };

  /// Appends the text of a node.
  constexpr void write(int id, characters& out, place where = place::whole) {
    pending_.clear();
    ++texts_;
    expand({.what = piece::node, .point = where == place::argument, .id = id},
           where != place::definition && is_temporary(id));
    while (!pending_.empty()) {
      piece const p = pending_.back();
      pending_.pop_back();
      switch (p.what) {
        case piece::text: out.append(p.words); break;
        case piece::kept: out.append(kept_.view(p.range)); break;
        case piece::raised: write_raised(kept_.view(p.range), out); break;
        case piece::temporary: temporaries_->write(p.id, out); break;
        case piece::end: written_[p.id].range.end = out.size(); break;
        case piece::node: write_node(p, out); break;
      }
    }
  }

 private:
  /// Where a node's text stands in the text that is written.
  struct text_place {
    int text = 0;  // which text, numbered from 1
    text_span range{};
  };

  /// A part of a node's text, from left to right; `end` is no part, it stands behind the last.
  struct piece {
    enum : char { text, kept, raised, temporary, node, end } what = text;
    bool drop_minus = false;  // the minus stands in front of the fraction bar already
    bool point = false;       // a whole number is a double
    int id = -1;
    text_span range{};
    std::string_view words{};
  };

  constexpr bool is_temporary(int id) const { return temporaries_ != nullptr && temporaries_->numbers[id] > 0; }

  /// A node's text is the same wherever it is used, so it is put together once and repeated.
  constexpr void write_node(piece const& p, characters& out) {
    bool const repeats = g_.nodes[p.id].op->arity > 0 && !p.drop_minus && !p.point && !is_temporary(p.id);
    if (repeats) {
      text_place& known = written_[p.id];
      if (known.text == texts_) {
        out.repeat(known.range.begin, known.range.end);
        return;
      }
      known = {texts_, {out.size(), out.size()}};
      pending_.push_back({.what = piece::end, .id = p.id});
    }
    expand(p, is_temporary(p.id));
  }

  /// Puts the parts of a node in its place.
  constexpr void expand(piece const& whole, bool temporary) {
    lay_out(whole.id, temporary);
    if (whole.drop_minus) {
      piece& first = pieces_[0];
      if (first.what == piece::text) first.words.remove_prefix(1);
      else if (first.what == piece::kept) ++first.range.begin;
      else first.drop_minus = true;
    }
    if (whole.point && shapes_[whole.id].integer) text(".0");
    for (int i = pieces_.size() - 1; i >= 0; --i) pending_.push_back(pieces_[i]);
  }

  /// Sets the parts of a node and `now_`, what holds for them together; a constant's shape is known before.
  constexpr void lay_out(int id, bool temporary) {
    node const& n = g_.nodes[id];
    pieces_.clear();
    now_ = shapes_[id];
    if (temporary) pieces_.push_back({.what = piece::temporary, .id = id});
    else if (is<constant_>(n)) kept(now_.constant);
    else if (is<input_>(n)) kept(inputs_[n.index]);
    else if (is<add_>(n)) sum(n, " + ");
    else if (is<subtract_>(n)) sum(n, " - ");
    else if (is<negate_>(n)) negative(n);
    else if (is<multiply_>(n)) multiplication(n);
    else if (is<divide_>(n)) division(n);
    else if (is<pow_>(n) && style_ != format::cpp) power(n);
    else pattern(n);
  }

  constexpr void finish(int id) {
    piece const& first = pieces_[0];
    piece const& last = pieces_.back();
    now_.first = first.what == piece::node   ? shapes_[first.id].first
                 : first.what == piece::kept ? character(first.range, first.range.begin)
                 : first.what == piece::text ? first.words.front()
                                             : 't';
    now_.last = last.what == piece::node        ? shapes_[last.id].last
                : last.what == piece::kept      ? character(last.range, last.range.end - 1)
                : last.what == piece::text      ? last.words.back()
                : last.what == piece::temporary ? '0'
                                                : '^';
    now_.open = last.what == piece::node && (shapes_[last.id].open || g_.nodes[id].op->kind == role::reduction);
    shapes_[id] = now_;
  }
  constexpr char character(text_span range, int at) const { return range.begin == range.end ? ' ' : kept_[at]; }

  constexpr void text(std::string_view words) {
    if (!words.empty()) pieces_.push_back({.what = piece::text, .words = words});
  }
  constexpr void kept(text_span range) { pieces_.push_back({.what = piece::kept, .range = range}); }

  constexpr void bare(int id, bool point = false) {
    pieces_.push_back({.what = piece::node, .point = point, .id = id});
  }
  constexpr void enclosed(int id, bool point = false) {
    text(style_ == format::latex ? "\\left(" : "(");
    bare(id, point);
    text(style_ == format::latex ? "\\right)" : ")");
  }
  constexpr void operand(int id, precedence needs, bool point = false) {
    if (shapes_[id].binds >= needs) bare(id, point);
    else enclosed(id, point);
  }

  static constexpr void write_raised(std::string_view digits, characters& out) {
    for (char c : digits) out.append(c == '-' ? "⁻" : raised_digits[c - '0']);
  }

  // ---- operators

  constexpr bool integers(node const& n) const {
    return shapes_[n.operands[0]].integer && shapes_[n.operands[1]].integer;
  }

  constexpr void sum(node const& n, std::string_view sign) {
    operand(n.operands[0], precedence::sum, integers(n));
    text(sign);
    operand(n.operands[1], precedence::product);
    now_.binds = precedence::sum;
  }

  constexpr void negative(node const& n) {
    text("-");
    operand(n.operands[0], precedence::product, true);
    now_.binds = precedence::sum;
    now_.minus = true;
  }

  /// The left operand of a product: a leading minus needs no parentheses there, but the whole then binds like a sum.
  constexpr char leading(node const& n) {
    int const id = n.operands[0];
    text_shape const& left = shapes_[id];
    bool const open = left.open && style_ == format::latex;
    now_.minus = left.minus && !open;
    now_.binds = now_.minus ? precedence::sum : precedence::product;
    bool const parentheses = open || (!left.minus && left.binds < precedence::product);
    if (parentheses) enclosed(id);
    else bare(id, integers(n));
    return parentheses ? ')' : left.last;
  }

  constexpr void multiplication(node const& n) {
    node const& left = g_.nodes[n.operands[0]];
    node const& right = g_.nodes[n.operands[1]];
    text_shape const& follows = shapes_[n.operands[1]];
    char const last = leading(n);
    // 2*(b*c) is printed flat, but in a function, which computes in the order of the graph. A sum over an axis ends a
    // product.
    bool const chain = (is<multiply_>(right) && is<constant_>(left) && temporaries_ == nullptr) ||
                       (style_ == format::latex && right.op->kind == role::reduction);
    precedence const needs = chain ? precedence::product : precedence::sign;
    char const first = follows.binds >= needs ? follows.first : '(';
    text(times(last, first, is<constant_>(left) && left.constant.denominator == 1));
    operand(n.operands[1], needs);
  }

  /// The sign between two factors: none in Unicode after a coefficient, none in LaTeX except before digits.
  constexpr std::string_view times(char last, char first, bool coefficient) const {
    if (style_ == format::latex) return is_digit(first) ? " \\cdot " : " ";
    if (style_ != format::unicode) return "*";
    bool const exponent = first == 'e' || first == 'E';  // 2e3 is another number
    return coefficient && is_digit(last) && !is_digit(first) && !exponent ? "" : "·";
  }

  constexpr void division(node const& n) {
    if (style_ != format::latex) {
      leading(n);
      text("/");
      operand(n.operands[1], precedence::sign);
      return;
    }
    now_.minus = shapes_[n.operands[0]].minus;
    now_.binds = now_.minus ? precedence::sum : precedence::sign;
    text(now_.minus ? "-\\frac{" : "\\frac{");
    bare(n.operands[0]);
    pieces_.back().drop_minus = now_.minus;
    text("}{");
    bare(n.operands[1]);
    text("}");
  }

  constexpr bool is_whole(int id) const {
    node const& n = g_.nodes[id];
    return is<constant_>(n) && n.constant.denominator == 1 && exact::is_integer(n.constant.numerator);
  }

  constexpr void power(node const& n) {
    operand(n.operands[0], precedence::atom);
    now_.binds = precedence::power;
    if (style_ == format::latex) {
      text("^{");
      bare(n.operands[1]);
      text("}");
    } else if (style_ == format::unicode && is_whole(n.operands[1])) {
      pieces_.push_back({.what = piece::raised, .range = shapes_[n.operands[1]].constant});
    } else {
      text("^");
      operand(n.operands[1], precedence::atom);
    }
  }

  // ---- everything else by its record

  constexpr void pattern(node const& n) {
    notation const& form = style_ == format::unicode ? n.op->unicode
                           : style_ == format::latex ? n.op->latex
                           : style_ == format::cpp   ? n.op->cpp
                                                     : n.op->text;
    // In C++ std::min(1, x) does not compile and std::abs(1)/2 is 0; std::pow(x, 2) takes an integer.
    bool const doubles = style_ == format::cpp && !is<pow_>(n);
    std::string_view const p = form.pattern;
    std::size_t begin = 0, i = 0;
    auto const words = [&](std::size_t length) {
      text(p.substr(begin, i - begin));
      i += length;
      begin = i;
    };
    while (i < p.size()) {
      bool const hole = p[i] == '{' && i + 2 < p.size() && p[i + 2] == '}';
      if (p[i] == '#') {
        words(1);
        text(n.op->name);
      } else if (hole && p[i + 1] >= '0' && p[i + 1] < '0' + max_arity) {
        int const id = n.operands[p[i + 1] - '0'];
        words(3);
        // Compilers warn of && without parentheses inside of ||.
        if (style_ == format::cpp && is<or_>(n) && is<and_>(g_.nodes[id])) enclosed(id);
        else operand(id, form.needs, doubles);
      } else if (hole && p[i + 1] == 'a') {
        words(3);
        kept(axes_[n.index]);
      } else if (hole && p[i + 1] == 'o') {
        words(3);
        kept(kept_.offset(n.constant.numerator));
      } else {
        ++i;
      }
    }
    words(0);
    now_.binds = form.binds;
  }

  graph_view g_;
  format style_;
  temporaries const* temporaries_;
  kept_texts kept_;                    // the names of inputs and axes, the constants
  sequence<text_span> inputs_, axes_;  // the names
  sequence<text_shape> shapes_;        // of nodes
  sequence<text_place> written_;       // of nodes
  int texts_ = 0;                      // how many have been begun
  text_shape now_;
  sequence<piece> pieces_;   // of the node that is laid out
  sequence<piece> pending_;  // what is still to be written, the next one on top
};

/// The text of an output in canonical form.
constexpr characters text_of(graph_view g, int output, format style) {
  int const outputs[]{g.outputs[output]};
  g.outputs = outputs;
  g.output_count = 1;
  graph const canonical = simplify(g, sharing::expand);
  characters result;
  printer(canonical.view(), style).write(canonical.outputs[0], result);
  return result;
}

}  // namespace ddx::detail

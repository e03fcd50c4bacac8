// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph enters, with values and gradients of its nodes where there are any; its drawing in Graphviz's language leaves.
#pragma once

#include <limits>

#include "../graph/number.hpp"
#include "../primitive/reduction.hpp"
#include "characters.hpp"
#include "node_numbers.hpp"

namespace ddx::detail {

class dot_printer {
 public:
  constexpr dot_printer(graph_view g, node_numbers const& numbers, characters& out)
      : g_(g), numbers_(numbers), out_(out) {}

  constexpr void run() {
    out_.append("digraph ddx {\n  ordering=in;\n");  // operands from left to right
    sequence<char> const drawn = needed();
    for (int i = 0; i < g_.node_count; ++i) {
      if (!drawn[i]) continue;
      write_node(i);
      for (int k = 0; k < g_.nodes[i].op->arity; ++k) write_edge(g_.nodes[i].operands[k], 'n', i);
    }
    for (int i = 0; i < g_.output_count; ++i) {
      out_.append("  y");
      out_.append_whole(i);
      out_.append(" [label=\"output");
      if (g_.output_count > 1) {
        out_.push(' ');
        out_.append_whole(i + 1);
      }
      out_.append("\", shape=plaintext];\n");
      write_edge(g_.outputs[i], 'y', i);
    }
    out_.append("}\n");
  }

 private:
  /// What the outputs need; everything where there are none.
  constexpr sequence<char> needed() const {
    sequence<char> drawn(g_.node_count, g_.output_count == 0 ? 1 : 0);
    for (int i = 0; i < g_.output_count; ++i) drawn[g_.outputs[i]] = 1;
    for (int i = g_.node_count - 1; i >= 0; --i)
      if (drawn[i])
        for (int k = 0; k < g_.nodes[i].op->arity; ++k) drawn[g_.nodes[i].operands[k]] = 1;
    return drawn;
  }

  constexpr void write_node(int id) {
    node const& n = g_.nodes[id];
    out_.append("  n");
    out_.append_whole(id);
    out_.append(" [label=\"");
    write_label(n);
    write_number("value", numbers_.values, id);
    write_number("gradient", numbers_.gradients, id);
    if (numbers_.notes != nullptr && !numbers_.notes[id].empty()) {
      out_.append("\\n");
      write_escaped(numbers_.notes[id]);
    }
    out_.push('"');
    if (is<input_>(n)) out_.append(", shape=box");
    if (is<constant_>(n)) out_.append(", shape=plaintext");
    out_.append("];\n");
  }

  constexpr void write_edge(int from, char kind, int to) {
    out_.append("  n");
    out_.append_whole(from);
    out_.append(" -> ");
    out_.push(kind);
    out_.append_whole(to);
    out_.append(";\n");
  }

  constexpr void write_number(std::string_view what, double const* values, int id) {
    if (values == nullptr) return;
    out_.append("\\n");
    out_.append(what);
    out_.push(' ');
    write_double(values[id]);
  }

  constexpr void write_double(double value) {
    if (value != value) out_.append("nan");
    else if (exact::magnitude(value) == std::numeric_limits<double>::infinity())
      out_.append(value < 0 ? "-inf" : "inf");
    else out_.append(number_text(value).view());
  }

  /// The sign of an operator, the name of a function, an input or an axis, a number.
  constexpr void write_label(node const& n) {
    if (is<constant_>(n)) {
      write_double(n.constant.numerator);
      if (n.constant.denominator != 1) {
        out_.push('/');
        write_double(n.constant.denominator);
      }
    } else if (is<input_>(n)) {
      write_input(g_.inputs[n.index]);
    } else if (is<add_>(n)) out_.push('+');
    else if (is<subtract_>(n) || is<negate_>(n)) out_.push('-');
    else if (is<multiply_>(n)) out_.push('*');
    else if (is<divide_>(n)) out_.push('/');
    else if (is<pow_>(n)) out_.push('^');
    else write_pattern(n);
  }

  /// An array is named with its axes.
  constexpr void write_input(input const& declared) {
    if (declared.is_slot()) {
      out_.push('#');
      out_.append_whole(declared.slot + 1);
    }
    write_escaped(declared.name);
    for (int i = 0; i < declared.rank; ++i) {
      out_.append(i == 0 ? "[" : ", ");
      write_escaped(g_.axes[declared.axes[i]]);
    }
    if (declared.rank > 0) out_.push(']');
  }

  /// What the text form has beside its operands: `<` of `{0} < {1}`, `sum[n]` of `sum[{a}]({0})`.
  constexpr void write_pattern(node const& n) {
    std::string_view p = n.op->text.pattern;
    if (p.substr(0, 4) == "{0} " && p.find(' ', 4) != p.npos) {
      write_escaped(p.substr(4, p.find(' ', 4) - 4));
      return;
    }
    p = p.substr(0, p.find('('));
    if (p.substr(0, 3) == "{0}") p = p.substr(3);  // what stands behind an operand
    std::size_t const axis = p.find("{a}");
    if (p.empty() || p.find('#') != p.npos) {
      write_escaped(n.op->name);
    } else if (axis != p.npos) {
      write_escaped(p.substr(0, axis));
      write_escaped(g_.axes[n.index]);
      p = p.substr(axis + 3);
      if (p.substr(0, 3) == "{o}") {
        out_.append(n.constant.negative() ? " - " : " + ");
        write_double(exact::magnitude(n.constant.numerator));
        p = p.substr(3);
      }
      write_escaped(p);
    } else {
      write_escaped(p);
    }
  }

  constexpr void write_escaped(std::string_view text) {
    for (char c : text) {
      if (c == '"' || c == '\\') out_.push('\\');
      if (c == '\n') out_.append("\\n");
      else out_.push(c);
    }
  }

  graph_view g_;
  node_numbers numbers_;
  characters& out_;
};

}  // namespace ddx::detail

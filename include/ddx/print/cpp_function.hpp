// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph of scalars enters, a function in C++ that computes its outputs leaves, with what is shared computed once.
#pragma once

#include "../evaluate/straight_line.hpp"
#include "../transform/differentiate.hpp"
#include "cpp_form.hpp"
#include "identifier.hpp"
#include "printer.hpp"

namespace ddx::detail {

/// The #include lines that a text in C++ needs.
constexpr void write_includes(std::string_view body, characters& out) {
  struct entry {
    std::string_view name, header;
  };
  constexpr entry table[]{{"std::max(", "algorithm"},
                          {"std::min(", "algorithm"},
                          {"std::clamp(", "algorithm"},
                          {"std::array<", "array"},
                          {"boost::math::", "boost/math/special_functions.hpp"},
                          {"std::", "cmath"},
                          {"std::size_t ", "cstddef"},
                          {"ddx::special::", "ddx/primitive/special_functions.hpp"},
                          {"std::numeric_limits<", "limits"},
                          {"std::numbers::", "numbers"},
                          {"std::pair<", "utility"},
                          {"std::vector<", "vector"}};
  constexpr int count = static_cast<int>(std::size(table));
  bool needed[count]{};
  for (std::size_t at = body.find("::"); at != body.npos; at = body.find("::", at + 2)) {
    std::size_t begin = at;
    while (begin > 0 && (is_letter(body[begin - 1]) || body[begin - 1] == ':')) --begin;
    int best = -1;
    for (int i = 0; i < count; ++i)
      if (body.substr(begin, table[i].name.size()) == table[i].name &&
          (best < 0 || table[i].name.size() > table[best].name.size()))
        best = i;
    if (best >= 0) needed[best] = true;
  }
  needed[0] = needed[0] || needed[1] || needed[2];
  needed[1] = needed[2] = false;
  bool any = false;
  for (int i = 0; i < count; ++i) {
    if (!needed[i]) continue;
    out.append("#include <");
    out.append(table[i].header);
    out.append(">\n");
    any = true;
  }
  if (any) out.push('\n');
}

class cpp_function_printer {
 public:
  constexpr cpp_function_printer(graph_view source, cpp_form const& form, characters& out) : form_(form), out_(out) {
    check_scalar(source);
    graph const simplified = simplify(source, sharing::keep);
    unroll_powers(simplified.view());
    name_inputs();
    choose_temporaries();
  }

  constexpr void run() {
    characters body;
    write_function(body);
    if (form_.includes) write_includes(body.view(), out_);
    out_.append(body.view());
  }

 private:
  static constexpr int most_inlined = 16;  // operations in one expression; compilers nest parentheses 256 deep

  static constexpr void check_scalar(graph_view g) {
    for (int i = 0; i < g.input_count; ++i)
      if (g.inputs[i].rank > 0)
        throw error("ddx::to_cpp: a function of numbers is written, but " + std::string(g.inputs[i].name) +
                    " is an array; ddx::compile computes it");
  }

  /// Whole powers as straight-line evaluation computes them, with squares shared between powers.
  constexpr void unroll_powers(graph_view g) {
    g_ = graph::like(g);
    sequence<int> image(g.node_count, -1);
    for (int i = 0; i < g.node_count; ++i) {
      node n = g.nodes[i];
      for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[n.operands[k]];
      int const exponent = unrolled_exponent(g, i);
      image[i] = exponent > 0 ? power(n.operands[0], exponent) : g_.intern(n);
    }
    for (int i = 0; i < g.output_count; ++i) g_.outputs.push_back(image[g.outputs[i]]);
    g_ = simplifier::compacted(g_.view());  // exponents are not computed
  }

  constexpr int power(int base, int exponent) {
    int result = -1;
    while (true) {
      if (exponent & 1) result = result < 0 ? base : multiply(result, base);
      exponent >>= 1;
      if (exponent == 0) return result;
      base = multiply(base, base);
    }
  }
  constexpr int multiply(int a, int b) {
    int const operands[]{a, b};
    return apply_node(g_, info<multiply_>, operands);
  }

  // ---- names

  constexpr void name_inputs() {
    for (int i = 0; i < g_.inputs.size(); ++i) {
      int const begin = names_.size();
      if (g_.inputs[i].is_slot()) {
        names_.push('v');
        names_.append_whole(g_.inputs[i].slot + 1);
      } else {
        write_identifier(g_.inputs[i].name, names_);
      }
      while (is_taken(names_.between(begin, names_.size()))) names_.push('_');
      ends_.push_back(names_.size());
    }
    for (int i = 0; i < g_.inputs.size(); ++i) g_.inputs[i].name = name(i);
    prefix_.push('t');
    for (int i = 0; i < g_.inputs.size(); ++i)
      if (looks_temporary(name(i))) {
        prefix_.push('_');
        i = -1;
      }
    temporaries_.prefix = prefix_.view();
  }
  constexpr std::string_view name(int i) const { return names_.between(i == 0 ? 0 : ends_[i - 1], ends_[i]); }

  constexpr bool is_taken(std::string_view candidate) const {
    for (int i = 0; i < ends_.size(); ++i)
      if (name(i) == candidate) return true;
    return is_keyword(candidate);
  }
  constexpr bool looks_temporary(std::string_view candidate) const {
    std::string_view const prefix = prefix_.view();
    return candidate.size() > prefix.size() && candidate.substr(0, prefix.size()) == prefix &&
           is_digit(candidate[prefix.size()]);
  }

  // ---- which nodes have a name

  constexpr void choose_temporaries() {
    int const count = g_.nodes.size();
    sequence<int> uses(count, 0), inlined(count, 0);
    sequence<int>& numbers = temporaries_.numbers;
    numbers = sequence<int>(count, 0);
    for (node const& n : g_.nodes)
      for (int k = 0; k < n.op->arity; ++k) uses[n.operands[k]] += times_written(n, k);
    for (int output : g_.outputs) ++uses[output];
    int named = 0;
    for (int i = 0; i < count; ++i) {
      node const& n = g_.nodes[i];
      if (n.op->kind == role::reduction || names_axis(n.op->kind))
        throw error(
            "ddx::to_cpp: a function of numbers is written, but the formula reduces an axis; ddx::compile computes it");
      if (n.op->arity == 0) continue;
      inlined[i] = 1;
      for (int k = 0; k < n.op->arity; ++k) inlined[i] += numbers[n.operands[k]] > 0 ? 0 : inlined[n.operands[k]];
      if (uses[i] > 1 || inlined[i] > most_inlined) numbers[i] = ++named;
    }
  }

  /// How often the form in C++ has an operand.
  static constexpr int times_written(node const& n, int operand) {
    if (is<add_>(n) || is<subtract_>(n) || is<multiply_>(n) || is<divide_>(n) || is<negate_>(n)) return 1;
    std::string_view const p = n.op->cpp.pattern;
    int count = 0;
    for (std::size_t i = 0; i + 2 < p.size(); ++i)
      if (p[i] == '{' && p[i + 1] == '0' + operand && p[i + 2] == '}') ++count;
    return count;
  }

  // ---- the function

  constexpr void write_function(characters& out) {
    printer expressions(g_.view(), format::cpp, &temporaries_);
    out.append("inline ");
    write_result_type(out);
    out.push(' ');
    write_identifier(form_.name, out);
    out.push('(');
    sequence<char> used(g_.inputs.size(), 0);
    for (node const& n : g_.nodes)
      if (is<input_>(n)) used[n.index] = 1;
    for (int i = 0; i < g_.inputs.size(); ++i) {
      out.append(i == 0 ? "" : ", ");
      out.append(used[i] ? "double " : "[[maybe_unused]] double ");
      out.append(name(i));
    }
    out.append(") {\n");
    for (int i = 0; i < g_.nodes.size(); ++i) {
      if (temporaries_.numbers[i] == 0) continue;
      out.append(g_.nodes[i].op->condition ? "  bool const " : "  double const ");
      temporaries_.write(i, out);
      out.append(" = ");
      expressions.write(i, out, printer::place::definition);
      out.append(";\n");
    }
    write_return(expressions, out);
    out.append("}\n");
  }

  constexpr void write_array_type(int count, characters& out) const {
    out.append("std::array<double, ");
    out.append_whole(count);
    out.push('>');
  }

  constexpr void write_result_type(characters& out) const {
    int const count = g_.outputs.size();
    if (form_.returns == cpp_result::value_and_gradient) {
      out.append("std::pair<double, ");
      write_array_type(count - 1, out);
      out.push('>');
    } else if (form_.returns == cpp_result::rows) {
      out.append("std::array<");
      write_array_type(form_.columns, out);
      out.append(", ");
      out.append_whole(count / form_.columns);
      out.push('>');
    } else if (form_.returns == cpp_result::value) {
      out.append("double");
    } else {
      write_array_type(count, out);
    }
  }

  constexpr void write_return(printer& expressions, characters& out) const {
    characters values;
    sequence<int> ends;
    for (int output : g_.outputs) {
      bool const condition = g_.nodes[output].op->condition;
      if (condition) values.push('(');
      expressions.write(output, values, printer::place::argument);
      if (condition) values.append(" ? 1.0 : 0.0)");
      ends.push_back(values.size());
    }
    // One line if it fits, else one value a line.
    bool const lines = values.size() + 4 * ends.size() > 90;
    auto const value = [&](int i) {
      if (lines) out.append("\n      ");
      out.append(values.between(i == 0 ? 0 : ends[i - 1], ends[i]));
    };
    auto const list = [&](int begin, int end) {
      if (begin == end) return out.append("{}");
      out.append("{{");
      for (int i = begin; i < end; ++i) {
        value(i);
        if (i + 1 < end) out.append(lines ? "," : ", ");
      }
      out.append("}}");
    };
    out.append("  return ");
    int const count = ends.size();
    if (form_.returns == cpp_result::value) {
      out.append(values.view());
    } else if (form_.returns == cpp_result::value_and_gradient) {
      out.push('{');
      value(0);
      out.append(", ");
      list(1, count);
      out.push('}');
    } else if (form_.returns == cpp_result::rows) {
      out.append("{{");
      for (int i = 0; i < count; i += form_.columns) {
        if (i > 0) out.append(", ");
        list(i, i + form_.columns);
      }
      out.append("}}");
    } else {
      list(0, count);
    }
    out.append(";\n");
  }

  /// The headers of what the body names: whatever else is in std is a function of <cmath>.
  cpp_form form_;
  characters& out_;
  graph g_;
  characters names_, prefix_;
  sequence<int> ends_;
  temporaries temporaries_;
};

/// The first output and its derivatives by all inputs.
constexpr graph with_gradient(graph_view source) {
  graph g = graph::like(source);
  sequence<int> image(source.node_count, -1);
  for (int i = 0; i < source.node_count; ++i) {
    node n = source.nodes[i];
    for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[n.operands[k]];
    image[i] = g.intern(n);
  }
  int const value = image[source.outputs[0]];
  g.outputs.push_back(value);
  sequence<int> inputs;
  for (int i = 0; i < source.input_count; ++i) inputs.push_back(input_node(g, i));
  if (!inputs.empty())
    for (int id : differentiator(g).gradient(value, inputs)) g.outputs.push_back(id);
  return g;
}

}  // namespace ddx::detail

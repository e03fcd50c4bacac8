// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph with arrays enters; a function in C++ leaves that computes its outputs in loops, one nest a reduction or shared value.
#include <ddx/print/print.hpp>

#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <ddx/plan/prepare.hpp>
#include <ddx/print/cpp_function.hpp>
#include <ddx/print/printer.hpp>

namespace ddx {

namespace {

class cpp_loops_printer {
 public:
  cpp_loops_printer(graph_view source, cpp_form const& form) : form_(form) {
    bool const gradient = form.returns == cpp_result::value_and_gradient;
    graph const whole = gradient ? detail::with_gradient(source) : copy_of(source);
    g_ = preparation::run(simplify(whole.view(), sharing::keep).view());
    for (std::string_view word : {"std", "boost", "ddx", "total", "next"}) taken_.insert(std::string(word));
    for (int i = 0; i < g_.axes.size(); ++i) axes_.push_back(unique(g_.axes[i]));
    for (int i = 0; i < g_.inputs.size(); ++i)
      inputs_.push_back(
          unique(g_.inputs[i].is_slot() ? fmt::format("v{}", g_.inputs[i].slot + 1) : std::string(g_.inputs[i].name)));
    for (int i = 0; i < g_.axes.size(); ++i) counters_.push_back(unique("i_" + axes_[at(i)]));
    for (int i = 0; i < g_.outputs.size(); ++i)
      outputs_.push_back(unique(g_.outputs.size() == 1 ? "result" : fmt::format("result{}", i + 1)));
    choose_stored();
  }

  std::string run() {
    std::string body;
    for (int i = 0; i < g_.nodes.size(); ++i)
      if (!stored_[at(i)].empty()) body += definition(i);
    if (returns_number()) body += fmt::format("  return {};\n", expression(g_.outputs[0], true));
    else
      for (int i = 0; i < g_.outputs.size(); ++i) body += copy_to_output(i);

    std::vector<std::string> parameters;
    auto const declare = [&](char const* type, std::string const& name) {
      parameters.push_back((uses(body, name) ? "" : "[[maybe_unused]] ") + std::string(type) + name);
    };
    for (std::string const& axis : axes_) declare("std::size_t ", axis);
    for (int i = 0; i < g_.inputs.size(); ++i)
      declare(g_.inputs[i].rank == 0 ? "double " : "double const* ", inputs_[at(i)]);
    if (!returns_number())
      for (std::string const& output : outputs_) declare("double* ", output);
    std::string const text = fmt::format("inline {} {}({}) {{\n{}}}\n", returns_number() ? "double" : "void",
                                         identifier(form_.name), fmt::join(parameters, ", "), body);
    detail::characters includes;
    if (form_.includes) detail::write_includes(text, includes);
    return std::string(includes.view()) + text;
  }

 private:
  static std::size_t at(int index) { return static_cast<std::size_t>(index); }

  static graph copy_of(graph_view source) {
    graph g = graph::like(source);
    for (int i = 0; i < source.node_count; ++i) g.intern(source.nodes[i]);
    for (int i = 0; i < source.output_count; ++i) g.outputs.push_back(source.outputs[i]);
    return g;
  }

  static std::string identifier(std::string_view name) {
    detail::characters text;
    detail::write_identifier(name, text);
    return std::string(text.view());
  }
  static bool is_part(char c) {
    return detail::is_letter(c) || detail::is_digit(c) || static_cast<unsigned char>(c) >= 128;
  }
  /// Whether an identifier occurs in a text.
  static bool uses(std::string const& text, std::string const& name) {
    for (std::size_t from = text.find(name); from != text.npos; from = text.find(name, from + 1)) {
      std::size_t const end = from + name.size();
      if ((from == 0 || !is_part(text[from - 1])) && (end == text.size() || !is_part(text[end]))) return true;
    }
    return false;
  }
  std::string unique(std::string_view name) {
    std::string result = identifier(name);
    while (!taken_.insert(result).second) result += '_';
    return result;
  }

  bool returns_number() const { return g_.outputs.size() == 1 && g_.nodes[g_.outputs[0]].axes == 0; }

  static constexpr int most_inlined = 16;  // operations in one expression; compilers nest parentheses 256 deep

  /// Reductions, what is used more than once, and parts of long expressions.
  void choose_stored() {
    std::vector<int> users(at(g_.nodes.size()), 0), inlined(at(g_.nodes.size()), 0);
    for (node const& n : g_.nodes)
      for (int k = 0; k < n.op->arity; ++k) ++users[at(n.operands[k])];
    stored_.resize(at(g_.nodes.size()));
    int number = 0;
    for (int i = 0; i < g_.nodes.size(); ++i) {
      node const& n = g_.nodes[i];
      if (n.op->arity == 0 || n.op->kind == role::shift) continue;
      inlined[at(i)] = 1;
      for (int k = 0; k < n.op->arity; ++k)
        if (stored_[at(n.operands[k])].empty()) inlined[at(i)] += inlined[at(n.operands[k])];
      if (n.op->kind == role::reduction || n.op->kind == role::scan || users[at(i)] > 1 ||
          inlined[at(i)] > most_inlined)
        stored_[at(i)] = unique(fmt::format("t{}", ++number));
    }
  }

  std::vector<int> axes_of(axis_set axes) const {
    std::vector<int> result;
    for (int axis = 0; axis < g_.axes.size(); ++axis)
      if (axes >> axis & 1u) result.push_back(axis);
    return result;
  }

  /// `[i_n*d + i_d]`, row by row; at the offsets of the shift `moved`, if there is one.
  std::string element(std::vector<int> const& axes, int moved = -1) const { return element_of(g_.view(), axes, moved); }
  std::string element_of(graph_view g, std::vector<int> const& axes, int moved) const {
    if (axes.empty()) return "";
    auto const counter = [&](int axis) {
      return counted(axis, moved < 0 ? 0 : static_cast<long long>(detail::offset_along(g, moved, axis)));
    };
    std::string place = counter(axes[0]);
    for (std::size_t k = 1; k < axes.size(); ++k) {
      bool const simple = k == 1 && place == counters_[at(axes[0])];
      place = fmt::format("{}*{} + {}", simple ? place : "(" + place + ")", axes_[at(axes[k])], counter(axes[k]));
    }
    return "[" + place + "]";
  }

  long long offset(int id, int axis) const { return static_cast<long long>(detail::offset_along(g_.view(), id, axis)); }
  std::string counted(int axis, long long offset) const {
    std::string const& counter = counters_[at(axis)];
    return offset == 0 ? counter : fmt::format("{} {} {}", counter, offset < 0 ? '-' : '+', std::abs(offset));
  }
  std::string within(int axis, long long offset) const {
    return offset < 0 ? fmt::format("{} >= {}", counters_[at(axis)], -offset)
                      : fmt::format("{} < {}", counted(axis, offset), axes_[at(axis)]);
  }

  /// What is loaded where a node is: an element of an input or of what is stored.
  std::string loaded(int base, int moved = -1) const {
    node const& n = g_.nodes[base];
    if (!is<input_>(n)) return stored_[at(base)] + element(axes_of(n.axes), moved);
    input const& declared = g_.inputs[n.index];
    return inputs_[at(n.index)] + element({declared.axes, declared.axes + declared.rank}, moved);
  }

  /// An element at an offset, 0 outside.
  std::string shifted(int id) const {
    std::string inside;
    for (int axis : axes_of(g_.nodes[id].axes))
      if (long long const by = offset(id, axis); by != 0) inside += (inside.empty() ? "" : " && ") + within(axis, by);
    return fmt::format("({} ? {} : 0.0)", inside, loaded(detail::shifted_base(g_.view(), id), id));
  }

  /// A node as a formula of what is stored: its leaves are inputs whose names are those elements.
  std::string expression(int id, bool whole_is_stored) const {
    graph formula;
    std::vector<int> image(at(id) + 1, -1);
    std::vector<std::string> names;  // graphs have views of names
    names.reserve(at(id) + 1);
    std::vector<int> open{id};
    while (!open.empty()) {
      int const now = open.back();
      node n = g_.nodes[now];
      auto const leaf = [&](std::string name) {
        names.push_back(std::move(name));
        formula.inputs.push_back({.name = names.back()});
        image[at(now)] = detail::input_node(formula, formula.inputs.size() - 1);
      };
      if (!stored_[at(now)].empty() && (now != id || whole_is_stored)) {
        leaf(loaded(now));
      } else if (is<input_>(n)) {
        leaf(loaded(now));
      } else if (n.op->kind == role::shift) {
        leaf(shifted(now));
      } else if (n.op->kind == role::inside) {
        leaf("(" + within(n.index, static_cast<long long>(n.constant.numerator)) + ")");
      } else if (n.op->kind == role::extent) {
        leaf(fmt::format("double({})", axes_[at(n.index)]));
      } else if (n.op->kind == role::position) {
        leaf(fmt::format("double({})", counters_[at(n.index)]));
      } else {
        bool ready = true;
        for (int k = 0; k < n.op->arity; ++k)
          if (image[at(n.operands[k])] < 0) open.push_back(n.operands[k]), ready = false;
        if (!ready) continue;
        for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[at(n.operands[k])];
        n.axes = 0;
        image[at(now)] = formula.intern(n);
      }
      open.pop_back();
    }
    detail::characters text;
    detail::printer(formula.view(), format::cpp).write(image[at(id)], text, detail::printer::place::argument);
    return std::string(text.view());
  }

  std::string loops(std::vector<int> const& axes, std::string& indent) const {
    std::string text;
    for (int axis : axes) {
      text +=
          fmt::format("{0}for (std::size_t {1} = 0; {1} < {2}; ++{1})\n", indent, counters_[at(axis)], axes_[at(axis)]);
      indent += "  ";
    }
    return text;
  }

  std::string sizes(std::vector<int> const& axes) const {
    std::string text;
    for (int axis : axes) text += (text.empty() ? "" : "*") + axes_[at(axis)];
    return text;
  }

  std::string definition(int id) const {
    node const& n = g_.nodes[id];
    std::vector<int> const axes = axes_of(n.axes);
    std::string const& name = stored_[at(id)];
    std::string indent = "  ", text;
    if (!axes.empty()) text = fmt::format("  std::vector<double> {}({});\n", name, sizes(axes)) + loops(axes, indent);
    std::string const target = axes.empty() ? "double " + name : name + element(axes);
    if (n.op->kind == role::scan) return scanned(id);
    if (n.op->kind != role::reduction) return text + fmt::format("{}{} = {};\n", indent, target, expression(id, false));
    reducer const how = n.op->combine;
    std::string const value = expression(n.operands[0], true), outer = axes.empty() ? "" : indent.substr(2);
    if (!axes.empty()) text.insert(text.size() - 1, " {");  // the innermost loop has three statements
    std::string const total = axes.empty() ? name : "total";
    text += fmt::format("{}double {} = {};\n", indent, total,
                        how == reducer::sum       ? "0"
                        : how == reducer::product ? "1"
                                                  : "-std::numeric_limits<double>::infinity()");
    std::string inner = indent;
    text += loops({n.index}, inner);
    text += combined(inner, total, value, how);
    if (axes.empty()) return text;
    return text + fmt::format("{}{} = total;\n{}}}\n", indent, target, outer);
  }

  /// A recurrence, element after element.
  std::string scanned(int id) const {
    node const& n = g_.nodes[id];
    std::vector<int> const axes = axes_of(n.axes);
    std::string const &name = stored_[at(id)], &counter = counters_[at(n.index)], &extent = axes_[at(n.index)];
    std::vector<int> others = axes;
    std::erase(others, n.index);
    std::string indent = "  ", text = fmt::format("  std::vector<double> {}({});\n", name, sizes(axes));
    text += loops(others, indent);
    bool const back = !n.constant.negative();
    text += back ? fmt::format("{0}for (std::size_t {1} = {2}; {1}-- > 0;)\n", indent, counter, extent)
                 : fmt::format("{0}for (std::size_t {1} = 0; {1} < {2}; ++{1})\n", indent, counter, extent);
    graph neighbour = copy_of(g_.view());
    int const shift = neighbour.intern(
        {.op = &info<shift_>, .operands = {id, -1, -1}, .index = n.index, .axes = n.axes, .constant = n.constant});
    std::string const before = name + element_of(neighbour.view(), axes, shift), a = expression(n.operands[0], true),
                      b = expression(n.operands[1], true);
    return text + fmt::format("{}  {}{} = {} ? {} : ({})*{} + {};\n", indent, name, element(axes),
                              back ? fmt::format("{} + 1 == {}", counter, extent) : counter + " == 0", b, a, before, b);
  }

  static std::string combined(std::string const& indent, std::string const& name, std::string const& value,
                              reducer how) {
    if (how == reducer::sum) return fmt::format("{}{} += {};\n", indent, name, value);
    if (how == reducer::product) return fmt::format("{}{} *= {};\n", indent, name, value);
    return fmt::format("{0}if (double const next = {2}; next > {1} || next != next) {1} = next;\n", indent, name,
                       value);
  }

  std::string copy_to_output(int which) const {
    int const id = g_.outputs[which];
    std::vector<int> const axes = axes_of(g_.nodes[id].axes);
    std::string indent = "  ";
    std::string const nest = loops(axes, indent);
    return nest + fmt::format("{}{}{} = {};\n", indent, outputs_[at(which)], axes.empty() ? "[0]" : element(axes),
                              expression(id, true));
  }

  cpp_form form_;
  graph g_;
  std::set<std::string> taken_;
  std::vector<std::string> axes_, inputs_, counters_, outputs_, stored_;
};

}  // namespace

std::string print_cpp_loops(graph_view g, cpp_form const& form) { return cpp_loops_printer(g, form).run(); }

}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The printers, compiled once: graphs or the tokens of a formula enter, text leaves.
#include <ddx/print/print.hpp>

#include <fmt/format.h>

#include <ddx/primitive/table.hpp>
#include <ddx/print/cpp_function.hpp>
#include <ddx/print/derivative_name.hpp>
#include <ddx/print/dot.hpp>
#include <ddx/print/printer.hpp>

namespace ddx {

namespace {

std::string string_of(detail::characters const& text) { return std::string(text.view()); }

/// The graph of a formula's tokens. Derivatives of higher orders are simplified one by one: at once, terms that cancel are no longer seen.
graph graph_of(token const* tokens, int count, double const* values) {
  graph g;
  lowering(g, find_primitive, [](graph_view derivative) {
    return simplify(derivative, sharing::expand);
  }).run(tokens, count, values, literal_mode::known);
  return g;
}

/// Nodes whose primitives are named by id, with those of this library.
sequence<node> resolve(portable_node const* nodes, graph_view rest) {
  sequence<node> resolved(rest.node_count);
  for (int i = 0; i < rest.node_count; ++i) {
    node& n = resolved[i];
    n.op = nodes[i].op ? nodes[i].op : find_primitive(nodes[i].id);
    for (int k = 0; k < max_arity; ++k) n.operands[k] = nodes[i].operands[k];
    n.index = nodes[i].index;
    n.constant = nodes[i].constant;
    if (is<input_>(n))
      for (int k = 0; k < rest.inputs[n.index].rank; ++k) n.axes |= axis_set{1} << rest.inputs[n.index].axes[k];
    for (int k = 0; k < n.op->arity; ++k) n.axes |= resolved[n.operands[k]].axes;
    if (detail::runs_along_axis(n.op->kind)) n.axes = axis_set{1} << n.index;
    if (n.op->kind == role::reduction) n.axes &= ~(axis_set{1} << n.index);
    if (n.op->kind == role::scan) n.axes |= axis_set{1} << n.index;
  }
  return resolved;
}

}  // namespace

std::string print(graph_view g, int output, format style) {
  if (style == format::dot) {
    int const outputs[]{g.outputs[output]};
    g.outputs = outputs;
    g.output_count = 1;
    return print_dot(simplify(g, sharing::keep).view());
  }
  return string_of(detail::text_of(g, output, style));
}

std::string print_dot(graph_view g, node_numbers const& numbers) {
  detail::characters text;
  detail::dot_printer(g, numbers, text).run();
  return string_of(text);
}

std::string print_cpp_function(graph_view g, cpp_form const& form) {
  detail::characters text;
  detail::cpp_function_printer(g, form, text).run();
  return string_of(text);
}

std::string print_cpp_value_and_gradient(graph_view g, cpp_form form) {
  form.returns = cpp_result::value_and_gradient;
  graph const derived = detail::with_gradient(g);
  return print_cpp_function(derived.view(), form);
}

std::string derivative_name(std::string_view f, std::string_view const* variables, int count, format style) {
  detail::characters text;
  detail::derivative_name_printer(f, variables, count, style, text).run();
  return string_of(text);
}

namespace detail {

std::string print_tokens(token const* tokens, int count, double const* values, format style) {
  graph const g = graph_of(tokens, count, values);
  return print(g.view(), 0, style);
}

std::string print_list(token const* tokens, int count, double const* values, format style) {
  graph const g = graph_of(tokens, count, values);
  if (style == format::dot) return print_dot(simplify(g.view(), sharing::keep).view());
  std::string text = style == format::cpp ? "{" : style == format::latex ? "\\left[" : "[";
  for (int i = 0; i < g.outputs.size(); ++i) text += (i == 0 ? "" : ", ") + print(g.view(), i, style);
  return text + (style == format::cpp ? "}" : style == format::latex ? "\\right]" : "]");
}

std::string print_graph(portable_node const* nodes, graph_view rest, int output, format style) {
  sequence<node> const resolved = resolve(nodes, rest);
  rest.nodes = resolved.data();
  return output < 0 ? print_dot(simplify(rest, sharing::keep).view()) : print(rest, output, style);
}

std::string print_tokens_in_cpp(token const* tokens, int count, double const* values, cpp_form const& form) {
  graph const g = graph_of(tokens, count, values);
  return print_cpp_value_and_gradient(g.view(), form);
}

std::string print_graph_in_cpp(portable_node const* nodes, graph_view rest, cpp_form const& form) {
  sequence<node> const resolved = resolve(nodes, rest);
  rest.nodes = resolved.data();
  return print_cpp_function(rest, form);
}

void format_letter::throw_format_error(char const* message) { throw fmt::format_error(message); }

}  // namespace detail
}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A function enters; its text leaves, in a format or as C++.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "../print/print.hpp"
#include "function.hpp"

namespace ddx {

namespace detail {

/// The nodes of a constant graph by primitive id.
template <auto const& Graph>
constexpr auto portable() {
  std::array<portable_node, static_cast<std::size_t>(Graph.node_count > 0 ? Graph.node_count : 1)> nodes{};
  for (int i = 0; i < Graph.node_count; ++i) {
    node const& n = Graph.nodes[i];
    primitive const* const custom = is_library_primitive(n.op->id) ? nullptr : n.op;
    nodes[static_cast<std::size_t>(i)] = {
        n.op->id, custom, {n.operands[0], n.operands[1], n.operands[2]}, n.index, n.constant};
  }
  return nodes;
}

template <class Element, std::size_t Count>
constexpr std::array<Element, Count> copy(Element const (&elements)[Count]) {
  std::array<Element, Count> result{};
  for (std::size_t i = 0; i < Count; ++i) result[i] = elements[i];
  return result;
}

/// What of a constant graph is not nodes, so that the nodes' addresses of primitives are not needed at run time.
template <auto const& Graph>
struct graph_frame {
  static constexpr auto nodes = portable<Graph>();
  static constexpr auto inputs = copy(Graph.inputs);
  static constexpr auto axes = copy(Graph.axes);
  static constexpr auto outputs = copy(Graph.outputs);

  static graph_view view() {
    return {nullptr,          inputs.data(),     axes.data(),      outputs.data(),
            Graph.node_count, Graph.input_count, Graph.axis_count, Graph.output_count};
  }
};

}  // namespace detail

/// A function in canonical form as text; several values are a list in brackets, or one drawing.
template <class Source, result_shape Shape>
std::string to_string(function<Source, Shape> const&, format style = format::text) {
  using frame = detail::graph_frame<frozen<detail::raw<Source>>>;
  if (style == format::dot) return detail::print_graph(frame::nodes.data(), frame::view(), -1, style);
  int const count = detail::output_count<Source>;
  std::string text;
  for (int i = 0; i < count; ++i)
    text += (i == 0 ? "" : ", ") + detail::print_graph(frame::nodes.data(), frame::view(), i, style);
  return Shape == result_shape::scalar ? text : "[" + text + "]";
}

/// A function in C++20 called `name` that takes and returns what this one does, in double: to_cpp(value_and_grad(f),
/// "g") is the value and the gradient. See print_cpp_function.
template <class Source, result_shape Shape>
std::string to_cpp(function<Source, Shape> const&, std::string_view name) {
  static_assert(
      Source::arguments::scalar,
      "ddx::to_cpp(f, name): a function of numbers is written, so f has variables only; ddx::compile computes "
      "functions of arrays");
  constexpr cpp_result returns = Shape == result_shape::scalar               ? cpp_result::value
                                 : Shape == result_shape::matrix             ? cpp_result::rows
                                 : Shape == result_shape::value_and_gradient ? cpp_result::value_and_gradient
                                                                             : cpp_result::values;
  using frame = detail::graph_frame<frozen<detail::raw<Source>>>;
  return detail::print_graph_in_cpp(frame::nodes.data(), frame::view(),
                                    {.name = name, .returns = returns, .columns = Source::arguments::count});
}

}  // namespace ddx

template <ddx::Function Type>
struct fmt::formatter<Type, char, void> : ddx::detail::format_letter {
  template <class Context>
  typename Context::iterator format(Type const& f, Context& context) const {
    return write(ddx::to_string(f, style), context);
  }
};

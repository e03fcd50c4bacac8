// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Functions: a generic lambda enters, is traced once inside the compiler, and leaves as a function that can be called,
// differentiated and printed.
#pragma once

#include <array>
#include <tuple>

#include "../bind/bind.hpp"
#include "../evaluate/straight_line.hpp"
#include "../formula/derive.hpp"
#include "../print/print.hpp"

namespace ddx {

/// How the outputs of a function are handed back.
enum class result_shape {
  scalar,             ///< a number
  vector,             ///< std::array of numbers
  matrix,             ///< std::array of rows
  value_and_gradient  ///< the pair of a number and an array
};

namespace detail {

/// The declarations of a function's arguments, in order.
template <Symbol... Arguments>
struct argument_list {
  static constexpr int count = sizeof...(Arguments);
  static constexpr bool scalar = ((Arguments::symbol::rank == 0) && ...);

  /// Declares the arguments in `g` and answers their handles.
  static constexpr std::array<traced, sizeof...(Arguments)> declare(graph& g) { return {declare_one<Arguments>(g)...}; }

 private:
  template <class Argument>
  static constexpr traced declare_one(graph& g) {
    token_list<1, false> list;
    walk<Argument>::tokens(list);
    token const& t = list.tokens[0];
    int known = g.find_input(t.name);
    if (known < 0) {
      input declared{.name = t.name, .rank = t.count};
      for (int i = 0; i < t.count; ++i) declared.axes[i] = g.axis(t.axes[i]);
      g.inputs.push_back(declared);
      known = g.inputs.size() - 1;
    }
    return {g, input_node(g, known)};
  }
};

/// The function as the user wrote it. Its outputs are what the lambda returns: a value or a std::array of values.
template <class Lambda, class Arguments>
struct written {
  using arguments = Arguments;
  using returned = decltype(std::apply(Lambda{}, std::declval<std::array<traced, Arguments::count>>()));

  static constexpr bool single = std::is_same_v<returned, traced> || Arithmetic<returned>;

  template <std::size_t Count, std::size_t... Is>
  static constexpr returned call(std::array<traced, Count> const& handles, std::index_sequence<Is...>) {
    return Lambda{}(handles[Is]...);
  }

  /// What is wrong in the lambda, so that it is said with the shortest way to it.
  struct mistakes {
    bool misplaced, distant;
  };
  static constexpr mistakes check() {
    graph g;
    trace(g);
    return {g.misplaced, g.distant};
  }

  static constexpr void trace(graph& g) {
    auto const result = call(Arguments::declare(g), std::make_index_sequence<Arguments::count>{});
    if constexpr (single) g.outputs.push_back(traced(result).node_in(g));
    else
      for (auto const& part : result) g.outputs.push_back(traced(part).node_in(g));
  }
};

/// The nodes of a function's arguments in its graph.
template <class Source>
constexpr sequence<int> argument_nodes(graph& g) {
  sequence<int> ids;
  for (traced const& handle : Source::arguments::declare(g)) ids.push_back(handle.node_in(g));
  return ids;
}

template <class Source>
constexpr graph traced_graph() {
  graph g;
  Source::trace(g);
  return g;
}

template <class Source>
struct raw {
  static constexpr graph build() { return traced_graph<Source>(); }
};

/// A constant evaluation of its own: clang allows each a million steps, which tracing and differentiating 800 operators use up.
template <class Source>
struct simplified {
  static constexpr int room = frozen<raw<Source>>.node_count;
  static constexpr graph build() { return simplify(frozen<raw<Source>>.view(), sharing::keep); }
};

template <class Source>
inline constexpr int output_count = frozen<raw<Source>>.output_count;

/// Runs `Source::trace` and hands over the outputs it appended, which are taken off the graph.
template <class Source>
constexpr sequence<int> outputs_of(graph& g) {
  int const before = g.outputs.size();
  Source::trace(g);
  sequence<int> outputs;
  for (int i = before; i < g.outputs.size(); ++i) outputs.push_back(g.outputs[i]);
  g.outputs.resize(before);
  return outputs;
}

// ---- derived functions: each is a trace that differentiates the trace of another

template <class Source, bool WithValue>
struct gradient_of {
  using arguments = typename Source::arguments;

  static constexpr void trace(graph& g) {
    sequence<int> const outputs = outputs_of<Source>(g);
    if (WithValue) g.outputs.push_back(outputs[0]);
    for (int id : differentiator(g).gradient(outputs[0], argument_nodes<Source>(g))) g.outputs.push_back(id);
  }
};

template <class Source, int... Variables>
struct derivative_of {
  using arguments = typename Source::arguments;

  static constexpr void trace(graph& g) {
    int result = outputs_of<Source>(g)[0];
    sequence<int> const ids = argument_nodes<Source>(g);
    for (int variable : {Variables...}) {
      sequence<int> single;
      single.push_back(ids[variable]);
      result = differentiator(g).gradient(result, single)[0];
    }
    g.outputs.push_back(result);
  }
};

/// Row by row: the gradient of each output.
template <class Source>
struct jacobian_of {
  using arguments = typename Source::arguments;

  static constexpr void trace(graph& g) {
    sequence<int> const outputs = outputs_of<Source>(g), ids = argument_nodes<Source>(g);
    for (int output : outputs)
      for (int id : differentiator(g).gradient(output, ids)) g.outputs.push_back(id);
  }
};

/// Row by row; the upper triangle is derived, the lower one is the same nodes.
template <class Source>
struct hessian_of {
  using arguments = typename Source::arguments;

  static constexpr void trace(graph& g) {
    sequence<int> const outputs = outputs_of<Source>(g), ids = argument_nodes<Source>(g);
    sequence<int> const gradient = differentiator(g).gradient(outputs[0], ids);
    int const n = ids.size();
    sequence<int> matrix(n * n);
    for (int row = 0; row < n; ++row) {
      sequence<int> rest;
      for (int column = row; column < n; ++column) rest.push_back(ids[column]);
      sequence<int> const upper = differentiator(g).gradient(gradient[row], rest);
      for (int column = row; column < n; ++column)
        matrix[row * n + column] = matrix[column * n + row] = upper[column - row];
    }
    for (int id : matrix) g.outputs.push_back(id);
  }
};

/// Inputs beside the arguments: the direction of a product with the Jacobian or the Hessian.
constexpr sequence<int> direction(graph& g, int count) {
  sequence<int> ids;
  for (int i = 0; i < count; ++i) {
    g.inputs.push_back({.name = {}, .slot = i});
    ids.push_back(input_node(g, g.inputs.size() - 1));
  }
  return ids;
}

template <class Source>
struct jvp_of {
  using arguments = typename Source::arguments;

  static constexpr void trace(graph& g) {
    sequence<int> const outputs = outputs_of<Source>(g), ids = argument_nodes<Source>(g);
    for (int id : differentiator(g).tangent(outputs, ids, direction(g, ids.size()))) g.outputs.push_back(id);
  }
};

template <class Source>
struct vjp_of {
  using arguments = typename Source::arguments;

  static constexpr void trace(graph& g) {
    sequence<int> const outputs = outputs_of<Source>(g), ids = argument_nodes<Source>(g);
    sequence<int> const weights = direction(g, outputs.size());
    traced weighted = traced(g, outputs[0]) * traced(g, weights[0]);
    for (int i = 1; i < outputs.size(); ++i) weighted = weighted + traced(g, outputs[i]) * traced(g, weights[i]);
    for (int id : differentiator(g).gradient(weighted.node_in(g), ids)) g.outputs.push_back(id);
  }
};

// ---- calling

/// Evaluates a source's simplified graph at numbers; `more` are the values of the slots.
template <class Source, class Number, std::size_t Count>
constexpr auto outputs_at(std::array<Number, Count> const& arguments, Number const* more = nullptr) {
  constexpr auto const& g = frozen<simplified<Source>>;
  std::array<Number, g.input_count> inputs{};
  for (int i = 0; i < g.input_count; ++i)
    inputs[static_cast<std::size_t>(i)] =
        g.inputs[i].is_slot() ? more[g.inputs[i].slot] : arguments[static_cast<std::size_t>(i)];
  std::array<Number, g.output_count> outputs{};
  straight_line<g, Number>::run(inputs.data(), outputs.data());
  return outputs;
}

template <result_shape Shape, class Number, std::size_t Count, int Columns>
constexpr auto shaped(std::array<Number, Count> const& outputs, std::integral_constant<int, Columns>) {
  if constexpr (Shape == result_shape::scalar) {
    return outputs[0];
  } else if constexpr (Shape == result_shape::matrix) {
    std::array<std::array<Number, Columns>, Count / Columns> rows{};
    for (std::size_t i = 0; i < Count; ++i) rows[i / Columns][i % Columns] = outputs[i];
    return rows;
  } else if constexpr (Shape == result_shape::value_and_gradient) {
    std::array<Number, Count - 1> gradient{};
    for (std::size_t i = 1; i < Count; ++i) gradient[i - 1] = outputs[i];
    return std::pair{outputs[0], gradient};
  } else {
    return outputs;
  }
}

template <class... Numbers>
using call_type = std::conditional_t<(std::is_same_v<Numbers, float> && ...), float, double>;

}  // namespace detail

/// A function of named arguments that ddx has traced. Calls take numbers in the order of the arguments; the result is float if
/// all of them are float, else double. No allocation. Constant expressions work where the functions involved allow it.
template <class Source, result_shape Shape>
struct function {
  using source = Source;
  static constexpr result_shape shape = Shape;
  static constexpr int arity = Source::arguments::count;

  template <Arithmetic... Numbers>
  constexpr auto operator()(Numbers... arguments) const {
    static_assert(sizeof...(Numbers) == arity, "ddx: a function is called with one number for each of its arguments");
    static_assert(Source::arguments::scalar,
                  "ddx: a function of arrays is not called with numbers; ddx::compile<f>() computes it");
    if constexpr (sizeof...(Numbers) == arity && Source::arguments::scalar) {
      using number = detail::call_type<Numbers...>;
      auto const outputs =
          detail::outputs_at<Source>(std::array<number, sizeof...(Numbers)>{static_cast<number>(arguments)...});
      return detail::shaped<Shape>(outputs, std::integral_constant<int, arity>{});
    }
  }
};

/// A function with a direction: the product of its Jacobian or Hessian with a vector.
template <class Source, result_shape Shape, std::size_t Count>
struct directional {
  static constexpr int arity = Source::arguments::count;
  std::array<double, Count> direction;

  template <Arithmetic... Numbers>
  constexpr auto operator()(Numbers... arguments) const {
    static_assert(sizeof...(Numbers) == arity, "ddx: a function is called with one number for each of its arguments");
    static_assert(Source::arguments::scalar,
                  "ddx: a function of arrays is not called with numbers; ddx::compile<f>() computes it");
    if constexpr (sizeof...(Numbers) == arity && Source::arguments::scalar) {
      auto const outputs = detail::outputs_at<Source>(
          std::array<double, sizeof...(Numbers)>{static_cast<double>(arguments)...}, direction.data());
      return detail::shaped<Shape>(outputs, std::integral_constant<int, arity>{});
    }
  }
};

namespace detail {

template <class Type>
inline constexpr bool is_function = false;
template <class Source, result_shape Shape>
inline constexpr bool is_function<function<Source, Shape>> = true;

template <class Lambda, class>
inline constexpr bool takes = false;
template <class Lambda, std::size_t... Is>
inline constexpr bool takes<Lambda, std::index_sequence<Is...>> =
    std::is_invocable_v<Lambda, decltype(Is, traced())...>;

/// The function object of a lambda whose arguments are `Arguments`.
template <class Lambda, class Arguments>
constexpr auto make_function() {
  constexpr bool empty = std::is_empty_v<Lambda> && std::is_default_constructible_v<Lambda>;
  static_assert(
      empty, "ddx::fn(f): f must not capture, since it is traced inside the compiler; pass what it needs as arguments");
  if constexpr (empty) {
    constexpr bool matches = takes<Lambda, std::make_index_sequence<Arguments::count>>;
    static_assert(matches,
                  "ddx::fn(f): f must take one argument for each name, and as auto: fn<\"x\", \"y\">([](auto x, auto "
                  "y) { ... })");
    if constexpr (matches) {
      using source = written<Lambda, Arguments>;
      constexpr auto found = source::check();
      static_assert(!found.misplaced, "ddx: x[i + 1]: x lacks the axis of the index; check the spelling of the axis");
      static_assert(check_neighbour<found.distant>::passed);
      return function<source, source::single ? result_shape::scalar : result_shape::vector>{};
    }
  }
}

}  // namespace detail

/// A traced function.
template <class Type>
concept Function = detail::is_function<std::remove_cvref_t<Type>>;

/// The generic lambda `f` of scalars called `Names` as a function: fn<"x", "y">([](auto x, auto y) { return x * y; }).
/// It returns a value or a std::array of values, and must not capture.
/// Cost at compile time, g++ 12 and clang 19: 800 operators take 3 s, with their gradient 5 s and 6 s. clang stops at a million
/// steps an evaluation, which about 1,100 operators, or 900 with their gradient, use up: -fconstexpr-steps=10000000 goes on.
template <text... Names, class Lambda>
  requires(sizeof...(Names) > 0)
constexpr auto fn(Lambda) {
  return detail::make_function<Lambda, detail::argument_list<var<Names>...>>();
}

/// Declared variables and arrays as the arguments of a function.
template <Symbol... Arguments>
constexpr detail::argument_list<Arguments...> args(Arguments const&...) {
  return {};
}

/// The generic lambda `f` of declared variables and arrays as a function: fn(args(X, w), [](auto X, auto w) { … }). It is what
/// `compile` and `stepper` take where a formula would be long.
template <Symbol... Arguments, class Lambda>
constexpr auto fn(detail::argument_list<Arguments...>, Lambda) {
  return detail::make_function<Lambda, detail::argument_list<Arguments...>>();
}

namespace detail {

template <Function Type>
constexpr void check_scalar() {
  static_assert(
      Type::shape == result_shape::scalar,
      "ddx: this derivative is of a function with one value, this one has several; write jacobian, jvp or vjp");
}

template <class Source>
constexpr int argument_place(std::string_view name) {
  graph g;
  Source::arguments::declare(g);
  return g.find_input(name);
}

}  // namespace detail

/// The gradient as a function: an array with the derivative by each argument.
template <class Source, result_shape Shape>
constexpr auto grad(function<Source, Shape> const&) {
  detail::check_scalar<function<Source, Shape>>();
  return function<detail::gradient_of<Source, false>, result_shape::vector>{};
}

/// Value and gradient together, with the subexpressions they share computed once.
template <class Source, result_shape Shape>
constexpr auto value_and_grad(function<Source, Shape> const&) {
  detail::check_scalar<function<Source, Shape>>();
  return function<detail::gradient_of<Source, true>, result_shape::value_and_gradient>{};
}

/// The derivative by the named arguments in turn: diff<"x">(f), diff<"x", "y">(f).
template <text... Names, class Source, result_shape Shape>
  requires(sizeof...(Names) > 0)
constexpr auto diff(function<Source, Shape> const&) {
  detail::check_scalar<function<Source, Shape>>();
  static_assert(((detail::argument_place<Source>(Names.view()) >= 0) && ...),
                "ddx::diff<name>(f): f has no argument of this name");
  return function<detail::derivative_of<Source, detail::argument_place<Source>(Names.view())...>,
                  result_shape::scalar>{};
}

/// The Jacobian: a row for each value of the function, a column for each argument.
template <class Source, result_shape Shape>
constexpr auto jacobian(function<Source, Shape> const&) {
  return function<detail::jacobian_of<Source>, result_shape::matrix>{};
}

/// The matrix of second derivatives.
template <class Source, result_shape Shape>
constexpr auto hessian(function<Source, Shape> const&) {
  detail::check_scalar<function<Source, Shape>>();
  return function<detail::hessian_of<Source>, result_shape::matrix>{};
}

/// The Jacobian times a vector with an element for each argument, by forward accumulation: the directional derivative.
template <class Source, result_shape Shape, class Number, std::size_t Count>
constexpr auto jvp(function<Source, Shape> const&, std::array<Number, Count> const& direction) {
  static_assert(Count == Source::arguments::count, "ddx::jvp(f, v): v must have an element for each argument of f");
  std::array<double, Count> values{};
  for (std::size_t i = 0; i < Count; ++i) values[i] = static_cast<double>(direction[i]);
  return directional<detail::jvp_of<Source>,
                     Shape == result_shape::scalar ? result_shape::scalar : result_shape::vector, Count>{values};
}

/// A vector with an element for each value of the function times the Jacobian, by reverse accumulation.
template <class Source, result_shape Shape, class Number, std::size_t Count>
constexpr auto vjp(function<Source, Shape> const&, std::array<Number, Count> const& weights) {
  static_assert(Count == detail::output_count<Source>, "ddx::vjp(f, u): u must have an element for each value of f");
  std::array<double, Count> values{};
  for (std::size_t i = 0; i < Count; ++i) values[i] = static_cast<double>(weights[i]);
  return directional<detail::vjp_of<Source>, result_shape::vector, Count>{values};
}

/// The Hessian times a vector, as the directional derivative of the gradient.
template <class Source, result_shape Shape, class Number, std::size_t Count>
constexpr auto hvp(function<Source, Shape> const& f, std::array<Number, Count> const& direction) {
  return jvp(grad(f), direction);
}

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

/// A function in C++20 called `name` that takes and returns what this one does, in double: to_cpp(value_and_grad(f), "g") is the
/// value and the gradient. See print_cpp_function.
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

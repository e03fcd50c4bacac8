// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// From outputs as a user names them (formulas, gradients, functions) to a graph, requests and a plan, all constants.
#pragma once

#include "../function/fn.hpp"
#include "../plan/prepare.hpp"
#include "../plan/scheduler.hpp"
#include "indices.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx {

namespace detail {

/// The outputs of a call of compile, one after the other: their nodes, and how they are wanted.
struct wanted {
  graph g;
  sequence<request> requests;   // an order of rank -1: by first appearance
  bool trains_unknown = false;  // a parameter is no input of the loss
};

template <Symbol Variable>
constexpr axis_order order_of_symbol(graph& g) {
  token_list<1, false> list;
  walk<Variable>::tokens(list);
  axis_order order;
  order.rank = list.tokens[0].count;
  for (int i = 0; i < order.rank; ++i) order.axes[i] = g.axis(list.tokens[0].axes[i]);
  return order;
}

/// A derivative lies in memory as the variable does.
template <Symbol Variable>
constexpr request derivative_by(graph& g) {
  return {.variable = g.find_input(Variable::symbol::name), .order = order_of_symbol<Variable>(g)};
}

inline constexpr request by_first_appearance{.order = {.rank = -1}};

template <class Tag>
inline constexpr bool is_derivative = false;
template <int Count>
inline constexpr bool is_derivative<terminal<derivative_tag<Count>>> = true;

template <class Type>
struct output;

template <Formula Type>
struct output<Type> {
  static constexpr void append(wanted& w, Type const& f) {
    lowering(w.g).run(tokens_of<Type>.tokens, tokens_of<Type>.count, literals_of(f).values, literal_mode::known);
    w.requests.push_back(how(w.g, static_cast<Type const*>(nullptr)));
  }

 private:
  template <class... Parts>
  static constexpr request how(graph& g, expression<expr_kind::call, boost::hana::tuple<Parts...>> const*) {
    using tag = std::tuple_element_t<0, std::tuple<Parts...>>;
    using last = std::tuple_element_t<sizeof...(Parts) - 1, std::tuple<Parts...>>;
    if constexpr (is_derivative<tag>) return derivative_by<last>(g);
    else return by_first_appearance;
  }
  template <text Name, text... Axes>
  static constexpr request how(graph& g, array<Name, Axes...> const*) {
    return {.order = order_of_symbol<array<Name, Axes...>>(g)};
  }
  static constexpr request how(graph&, void const*) { return by_first_appearance; }
};

template <Formula Type, class... Variables>
struct output<gradient<Type, Variables...>> {
  static constexpr void append(wanted& w, gradient<Type, Variables...> const& f) {
    auto const& list = tokens_of<gradient<Type, Variables...>>;
    lowering(w.g).run(list.tokens, list.count, literals_of(f).values, literal_mode::known);
    (w.requests.push_back(derivative_by<Variables>(w.g)), ...);
  }
};

template <class Source, result_shape Shape>
struct output<function<Source, Shape>> {
  static constexpr void append(wanted& w, function<Source, Shape> const&) {
    int const before = w.g.outputs.size();
    Source::trace(w.g);
    for (int i = before; i < w.g.outputs.size(); ++i) w.requests.push_back(by_first_appearance);
  }
};

template <class Source, result_shape Shape, class... Variables>
struct output<gradient<function<Source, Shape>, Variables...>> {
  static constexpr void append(wanted& w, gradient<function<Source, Shape>, Variables...> const&) {
    sequence<int> const outputs = outputs_of<Source>(w.g);
    sequence<int> ids;
    for (traced const& handle : argument_list<Variables...>::declare(w.g)) ids.push_back(handle.node_in(w.g));
    for (int id : differentiator(w.g).gradient(outputs[0], ids)) w.g.outputs.push_back(id);
    (w.requests.push_back(derivative_by<Variables>(w.g)), ...);
  }
};

template <class Type>
concept Output = requires(wanted& w, Type const& f) { output<Type>::append(w, f); };

/// Whether one of the variables is an index in a function.
template <class Source, Symbol... Variables>
constexpr bool function_has_index() {
  graph g;
  Source::trace(g);
  return (is_index(g.view(), g.find_input(Variables::symbol::name)) || ...);
}

/// The last node of the graph's outputs with axes in no given order lies in memory by first appearance of its axes.
constexpr axis_order first_appearance(graph_view g, axis_set axes) {
  axis_order order;
  for (int a = 0; a < g.axis_count; ++a)
    if (axes >> a & 1u) order.axes[order.rank++] = a;
  return order;
}

}  // namespace detail

/// The gradient of a function of arrays by some of its arguments, for compile: grad(loss, W, b).
template <class Source, result_shape Shape, Symbol... Variables>
  requires(sizeof...(Variables) > 0)
constexpr auto grad(function<Source, Shape> const& f, Variables const&... variables) {
  detail::check_scalar<function<Source, Shape>>();
  static_assert(((detail::argument_place<Source>(Variables::symbol::name) >= 0) && ...),
                "ddx::grad(f, x...): f has no argument of this name");
  static_assert(detail::check_not_index<detail::function_has_index<Source, Variables...>()>::passed);
  return gradient<function<Source, Shape>, Variables...>{f, boost::hana::tuple<Variables...>{variables...}};
}

namespace detail {

/// The program of a compiled kernel: `Outputs` in order.
template <auto... Outputs>
struct output_program {
  static constexpr wanted want() {
    wanted w;
    (output<std::remove_cvref_t<decltype(Outputs)>>::append(w, Outputs), ...);
    return w;
  }
  static constexpr sequence<int> parameters() { return {}; }
};

// A program's graph is made in stages, each a constant: a compiler bounds the steps of one evaluation, and none is done twice.

/// The graph of a program as it is wanted.
template <class Program>
struct traced_program {
  static constexpr graph build() { return Program::want().g; }
};

template <class Program>
struct simplified_program {
  static constexpr int room = frozen<traced_program<Program>>.node_count;
  static constexpr graph build() { return simplify(frozen<traced_program<Program>>.view(), sharing::keep); }
};

/// The prepared graph of a program.
template <class Program>
struct prepared {
  static constexpr int room = frozen<simplified_program<Program>>.node_count * 3 / 2;
  static constexpr graph build() { return preparation::run(frozen<simplified_program<Program>>.view()); }
};

template <class Program>
inline constexpr auto const& program_graph = frozen<prepared<Program>>;

template <int Count, int Inputs>
struct request_list {
  request all[Count + 1]{};
  axis_set indexed[Inputs + 1]{};  ///< for each input the axes along which it is an index
  bool trains_index = false;       ///< a parameter is an index
  bool trains_unknown = false;     ///< a parameter does not occur
  bool distant = false;            ///< a recurrence goes on from what is no neighbour
  bool redeclared = false;         ///< a name has several declarations
  constexpr request const& operator[](int i) const { return all[i]; }
};

/// What is wanted of each output: of the last ones, that they update parameters.
template <class Program>
constexpr auto make_requests() {
  constexpr auto const& g = program_graph<Program>;
  request_list<g.output_count, g.input_count> requests;
  wanted const w = Program::want();
  for (int i = 0; i < g.input_count; ++i) requests.indexed[i] = indexed_axes(w.g.view(), i);
  requests.trains_unknown = w.trains_unknown;
  requests.distant = w.g.distant;
  requests.redeclared = w.g.redeclared;
  sequence<int> const parameters = Program::parameters();
  int const handed = g.output_count - parameters.size();
  for (int k = 0; k < g.output_count; ++k) {
    request& r = requests.all[k];
    r = w.requests[k];
    if (r.order.rank < 0) r.order = first_appearance(g.view(), w.g.nodes[w.g.outputs[k]].axes);
    if (k >= handed) r.parameter = parameters[k - handed];
    requests.trains_index |= is_index(w.g.view(), r.parameter);
  }
  return requests;
}

template <class Program>
inline constexpr auto program_requests = make_requests<Program>();

template <class Program>
constexpr auto make_plan() {
  constexpr auto const& g = program_graph<Program>;
  constexpr auto sizes = [] {
    plan_lists const p = scheduler(g.view(), program_requests<Program>.all).run();
    return std::array{p.nests.size(), p.roots.size(), p.buffers.size(), p.nodes.size(), p.loads.size()};
  }();
  return frozen_plan<sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], g.node_count>(
      scheduler(g.view(), program_requests<Program>.all).run());
}

template <class Program>
inline constexpr auto program_plan = make_plan<Program>();

/// Whether every axis that is reduced is an axis of some array.
template <class Program>
constexpr bool axes_known() {
  constexpr auto const& g = program_graph<Program>;
  axis_set declared = 0, reduced = 0;
  for (int i = 0; i < g.input_count; ++i)
    for (int k = 0; k < g.inputs[i].rank; ++k) declared |= axis_set{1} << g.inputs[i].axes[k];
  for (int i = 0; i < g.node_count; ++i)
    if (g.nodes[i].op->kind == role::reduction || g.nodes[i].op->kind == role::shift ||
        g.nodes[i].op->kind == role::scan || names_axis(g.nodes[i].op->kind))
      reduced |= axis_set{1} << g.nodes[i].index;
  return (reduced & ~declared) == 0;
}

}  // namespace detail
}  // namespace ddx

#pragma GCC diagnostic pop

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A program on tensors enters while it runs; what it computes of declared tensors leaves as a graph, which is printed, drawn,
// differentiated and trained like a formula's.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../graph/graph.hpp"
#include "tensor.hpp"

namespace ddx {

/// A tensor, or a number, for an input of a graph.
struct named_tensor {
  std::string_view name;
  detail::handle value;

  template <class Element>
  named_tensor(std::string_view called, tensor<Element> const& values) : name(called), value(values.shared_handle()) {}
  template <Arithmetic Number>
  named_tensor(std::string_view called, Number number) : named_tensor(called, tensor<double>(number)) {}
  named_tensor(std::string_view called, detail::handle values) : name(called), value(std::move(values)) {}
};

namespace detail {

struct tensor_trace;

}  // namespace detail

/// While it lives, what this thread computes of the tensors declared with `input` is kept, whether they require gradients or not,
/// and `graph` gives it as a graph value. Graphs have named axes where tensors have numbered ones: operations that pair axes,
/// from the last one on, make them one. The tape holds no elements but those of constants. One lives on a thread at a time; a
/// second one throws error.
///
/// Formulas have elementwise functions, reductions, products of matrices, softmax, and shapes that change by axes of one
/// element. `graph` throws error where the result depends on a declared tensor by anything else, as a slice or a backward pass:
/// `ddx::tensor_tape::graph: formulas have no select`.
class tensor_tape {
 public:
  tensor_tape();
  ~tensor_tape();
  tensor_tape(tensor_tape const&) = delete;
  tensor_tape& operator=(tensor_tape const&) = delete;

  /// Declares an input of the graph, before it is used. Axes are named, outermost first, or get the names i, j, k, …; an
  /// axis of one element that is not named is none. Equal names are one axis. Throws error where a name is taken, or extents of
  /// axes of one name differ.
  template <class Element>
  void input(tensor<Element> const& values, std::string const& name, std::vector<std::string> const& axes = {}) {
    declare(values.shared_handle(), name, axes);
  }

  /// The outputs as a graph of their own, whose inputs are the declared tensors in order, then constants of several
  /// elements, called c0, c1, …. Branches that the program did not take are not in it. Names stay valid until the program ends.
  template <class... Elements>
  ddx::graph graph(tensor<Elements> const&... outputs) const {
    detail::handle const all[]{outputs.shared_handle()...};
    return graph_of(all);
  }

  /// The constants that the last graph has as inputs.
  std::vector<named_tensor> const& constants() const;

 private:
  void declare(detail::handle const& values, std::string const& name, std::vector<std::string> const& axes);
  ddx::graph graph_of(std::span<detail::handle const> outputs) const;

  std::unique_ptr<detail::tensor_trace> trace_;
};

/// The outputs of a graph for values of its inputs: doubles, with their axes in the order of the graph's. Axes get their extents from
/// the inputs. Throws error where an input has no value or extents differ.
std::vector<tensor<double>> eval(graph_view g, std::span<named_tensor const> inputs);
std::vector<tensor<double>> eval(graph_view g, std::initializer_list<named_tensor> inputs);

/// A graph as it is, in Graphviz's language, with the value of each node and the derivative of the first output by it, for values
/// of the inputs; of arrays their first elements.
std::string print_dot_at(graph_view g, std::span<named_tensor const> inputs);
std::string print_dot_at(graph_view g, std::initializer_list<named_tensor> inputs);

namespace detail {

/// A step of learning on a graph that is known at run time, and what its optimiser remembers of the parameters.
class graph_step {
 public:
  /// Nodes of a graph: `results` are the new parameter and the new states, for a parameter, its gradient, its states and
  /// the hyperparameters.
  using rule = void (*)(graph&, int parameter, int gradient, int const* states, int const* hyperparameters,
                        int* results);

  graph_step(graph_view loss, std::span<std::string const> parameters, std::size_t state_count,
             std::size_t hyperparameter_count, rule update);
  double run(std::span<named_tensor const> inputs, std::span<double const> hyperparameters);

 private:
  graph program_;                          // the loss, then the new values of what is trained
  std::vector<std::string_view> trained_;  // each parameter and its states
  std::size_t state_count_;
  std::vector<named_tensor> states_;
};

}  // namespace detail

/// The step that trains the named inputs of a graph, with the optimisers of `ddx::stepper`: its call computes the loss and its
/// gradient, changes the parameters in place and returns the loss before. For `ddx::fit`:
/// `ddx::fit([&] { return step({{"x", x}, {"w", w}}); }, …)`. A copy remembers on its own.
template <class Rule>
class graph_stepper {
 public:
  /// Throws error where the graph has no such input or its only output is no scalar.
  graph_stepper(graph_view loss, std::vector<std::string> const& parameters, Rule const& optimiser)
      : optimiser_(optimiser), step_(loss, parameters, Rule::state_count, Rule::hyperparameter_count, &updated_nodes) {}

  /// Throws error where an input has no value, extents differ, or a parameter has not the shape and type of the first call.
  double operator()(std::span<named_tensor const> inputs) {
    auto const hyperparameters = optimiser_.hyperparameters(steps_ + 1);
    double const loss = step_.run(inputs, hyperparameters);
    ++steps_;
    return loss;
  }
  double operator()(std::initializer_list<named_tensor> inputs) {
    return (*this)(std::span(inputs.begin(), inputs.size()));
  }

  /// The optimiser, whose hyperparameters may be changed between steps.
  Rule& optimiser() { return optimiser_; }
  Rule const& optimiser() const { return optimiser_; }

 private:
  static void updated_nodes(graph& g, int parameter, int gradient, int const* states, int const* given, int* results) {
    std::array<traced, Rule::state_count> remembered;
    for (std::size_t i = 0; i < remembered.size(); ++i) remembered[i] = traced(g, states[i]);
    std::array<traced, Rule::hyperparameter_count> hyperparameters;
    for (std::size_t i = 0; i < hyperparameters.size(); ++i) hyperparameters[i] = traced(g, given[i]);
    auto const next = Rule::update(traced(g, parameter), traced(g, gradient), remembered, hyperparameters);
    *results = next.parameter.node_in(g);
    for (traced const& state : next.state) *++results = state.node_in(g);
  }

  Rule optimiser_;
  detail::graph_step step_;
  std::size_t steps_ = 0;
};

}  // namespace ddx

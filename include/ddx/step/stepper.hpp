// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The step of learning: a loss and its parameters enter; loss, gradient and update leave as one kernel.
#pragma once

#include "../loop/compile.hpp"

namespace ddx {

/// Stochastic gradient descent: w -= lr * gradient.
struct sgd {
  double lr = 0.01;  ///< learning rate, usually 0.001 to 0.1

  static constexpr int hyperparameter_count = 1;
  constexpr std::array<double, 1> hyperparameters() const { return {lr}; }

  /// The new value of a parameter, in user algebra; `h` are the hyperparameters.
  static constexpr traced update(traced const& parameter, traced const& gradient, std::array<traced, 1> const& h) {
    return parameter - h[0] * gradient;
  }
};

namespace detail {

/// The program of a step: the loss, then the updates of the parameters.
template <auto Loss, class Optimiser, class... Parameters>
struct step_program {
  static constexpr wanted want() {
    wanted w;
    output<std::remove_cvref_t<decltype(Loss)>>::append(w, Loss);
    int const loss = w.g.outputs[0];
    sequence<int> ids;
    for (traced const& handle : argument_list<Parameters...>::declare(w.g)) ids.push_back(handle.node_in(w.g));
    std::array<traced, Optimiser::hyperparameter_count> hyperparameters;
    sequence<int> const slots = direction(w.g, Optimiser::hyperparameter_count);
    for (int i = 0; i < slots.size(); ++i) hyperparameters[static_cast<std::size_t>(i)] = traced(w.g, slots[i]);
    sequence<int> const gradients = differentiator(w.g).gradient(loss, ids);
    for (int i = 0; i < ids.size(); ++i)
      w.g.outputs.push_back(
          Optimiser::update(traced(w.g, ids[i]), traced(w.g, gradients[i]), hyperparameters).node_in(w.g));
    (w.orders.push_back(order_of_symbol<Parameters>(w.g)), ...);
    return w;
  }

  static constexpr sequence<int> parameters() {
    graph const g = want().g;
    sequence<int> inputs;
    (inputs.push_back(g.find_input(Parameters::symbol::name)), ...);
    return inputs;
  }
};

/// Whether a parameter is bound to something that can be updated in place.
template <class Parameter, class... Bindings>
constexpr bool bound_to_variable() {
  return ((binding_parts<Bindings>::symbol::name != Parameter::symbol::name ||
           !std::is_const_v<typename binding_parts<Bindings>::value::element>) &&
          ...);
}

/// Whether a parameter's elements are floating-point numbers.
template <class Parameter, class... Bindings>
constexpr bool bound_to_floating() {
  return ((binding_parts<Bindings>::symbol::name != Parameter::symbol::name ||
           std::is_floating_point_v<std::remove_const_t<typename binding_parts<Bindings>::value::element>>) &&
          ...);
}

}  // namespace detail

inline namespace DDX_ISA {

/// One step of learning as a kernel. Call it with bindings for everything the loss has: it returns the loss at the parameters
/// as they were, and updates the parameters in place. Parameters are bound to variables, or to ranges or views of mutable
/// elements. The gradient is stored only as far as the update needs it.
template <class Program, class Optimiser, class... Parameters>
class step_kernel {
 public:
  constexpr explicit step_kernel(Optimiser const& optimiser) : optimiser_(optimiser) {}

  template <Binding... Bindings>
  auto operator()(Bindings const&... bindings) const {
    if constexpr (detail::check_bindings<frozen<detail::prepared<Program>>, Bindings...>::passed) {
      static_assert((detail::bound_to_variable<Parameters, Bindings...>() && ...),
                    "ddx::stepper: a trained parameter is updated in place, so it is bound to a variable or to mutable "
                    "elements, not to a "
                    "constant or a temporary");
      static_assert((detail::bound_to_floating<Parameters, Bindings...>() && ...),
                    "ddx::stepper: a trained parameter has floating-point elements, float or double");
      auto const hyperparameters = optimiser_.hyperparameters();
      detail::invocation<Program, Bindings...> call(hyperparameters.data(), bindings...);
      call.run();
      return call.output_number(0);
    }
  }

  /// The optimiser, whose hyperparameters may be changed between steps.
  constexpr Optimiser& optimiser() { return optimiser_; }
  constexpr Optimiser const& optimiser() const { return optimiser_; }

 private:
  Optimiser optimiser_;
};

}  // namespace DDX_ISA

/// The step that trains the named parameters of `Loss` (a constant formula or a function of arrays):
/// `auto step = ddx::stepper<loss, w, b>(ddx::sgd{.lr = 0.1});`
template <auto Loss, auto... Parameters, class Optimiser>
  requires(sizeof...(Parameters) > 0)
constexpr auto stepper(Optimiser const& optimiser) {
  static_assert(detail::Output<std::remove_cvref_t<decltype(Loss)>>,
                "ddx::stepper<loss, w...>: the loss is a constant formula or a ddx::fn of arrays");
  static_assert((Symbol<decltype(Parameters)> && ...),
                "ddx::stepper<loss, w...>: after the loss come the variables and arrays to be trained");
  using program = detail::step_program<Loss, Optimiser, std::remove_cvref_t<decltype(Parameters)>...>;
  static_assert(detail::axes_known<program>(),
                "ddx: a reduction names an axis that no array of the formula has; check the spelling of the axis");
  static_assert(detail::check_not_index<detail::program_requests<program>.trains_index>::passed);
  static_assert(
      detail::program_requests<program>[0].order.rank == 0,
      "ddx::stepper<loss, w...>: the loss must be a scalar, this one still has axes; take the mean over the batch");
  return step_kernel<program, Optimiser, std::remove_cvref_t<decltype(Parameters)>...>(optimiser);
}

}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The step of learning: a loss and its parameters enter; loss, gradient and update leave as one kernel.
#pragma once

#include "../loop/compile.hpp"
#include "optimiser.hpp"

namespace ddx {

namespace detail {

/// What an optimiser remembers of a parameter is an array of the parameter's axes, updated with it. Its name has blanks, which keeps
/// it apart from the names of a formula.
template <int State, text Name>
constexpr auto state_name() {
  constexpr std::string_view before = "state 0 of ";
  char name[before.size() + sizeof(Name.characters)]{};
  for (std::size_t i = 0; i < before.size(); ++i) name[i] = before[i];
  name[6] += static_cast<char>(State);
  for (std::size_t i = 0; i < sizeof(Name.characters); ++i) name[before.size() + i] = Name.characters[i];
  return text(name);
}

template <int State, class Parameter>
struct state_of;
template <int State, text Name>
struct state_of<State, var<Name>> {
  using type = var<state_name<State, Name>()>;
};
template <int State, text Name, text... Axes>
struct state_of<State, array<Name, Axes...>> {
  using type = array<state_name<State, Name>(), Axes...>;
};

/// The program of a step: the loss, then the updates of the parameters, then those of the optimiser's states of each parameter.
template <auto Loss, class Rule, class... Parameters>
struct step_program {
  static constexpr int states = static_cast<int>(Rule::state_count);

  static constexpr wanted want() {
    wanted w;
    output<std::remove_cvref_t<decltype(Loss)>>::append(w, Loss);
    int const loss = w.g.outputs[0], known = w.g.inputs.size();
    auto const trained = argument_list<Parameters...>::declare(w.g);
    w.trains_unknown = w.g.inputs.size() > known;
    std::array<traced, Rule::hyperparameter_count> hyperparameters;
    sequence<int> const slots = direction(w.g, static_cast<int>(Rule::hyperparameter_count));
    for (int i = 0; i < slots.size(); ++i) hyperparameters[static_cast<std::size_t>(i)] = traced(w.g, slots[i]);
    sequence<int> ids;
    for (traced const& handle : trained) ids.push_back(handle.node_in(w.g));
    sequence<int> const gradients = differentiator(w.g).gradient(loss, ids);
    std::array<std::array<traced, Rule::state_count>, sizeof...(Parameters)> const remembered{
        declare_states<Parameters>(w.g, std::make_integer_sequence<int, states>{})...};
    sequence<int> next;
    for (int i = 0; i < ids.size(); ++i) {
      auto const [parameter, state] = Rule::update(trained[static_cast<std::size_t>(i)], traced(w.g, gradients[i]),
                                                   remembered[static_cast<std::size_t>(i)], hyperparameters);
      w.g.outputs.push_back(parameter.node_in(w.g));
      for (traced const& value : state) next.push_back(value.node_in(w.g));
    }
    for (int id : next) w.g.outputs.push_back(id);
    (w.requests.push_back({.order = order_of_symbol<Parameters>(w.g)}), ...);
    (order_states<Parameters>(w, std::make_integer_sequence<int, states>{}), ...);
    return w;
  }

  /// The inputs that the last outputs update.
  static constexpr sequence<int> parameters() {
    graph const g = want().g;
    sequence<int> inputs;
    (inputs.push_back(g.find_input(Parameters::symbol::name)), ...);
    (find_states<Parameters>(g, inputs, std::make_integer_sequence<int, states>{}), ...);
    return inputs;
  }

 private:
  template <class Parameter, int... States>
  static constexpr auto declare_states(graph& g, std::integer_sequence<int, States...>) {
    return argument_list<typename state_of<States, Parameter>::type...>::declare(g);
  }
  template <class Parameter, int... States>
  static constexpr void order_states(wanted& w, std::integer_sequence<int, States...>) {
    (w.requests.push_back({.order = order_of_symbol<typename state_of<States, Parameter>::type>(w.g)}), ...);
  }
  template <class Parameter, int... States>
  static constexpr void find_states(graph const& g, sequence<int>& inputs, std::integer_sequence<int, States...>) {
    (inputs.push_back(g.find_input(state_of<States, Parameter>::type::symbol::name)), ...);
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

/// The value that `Parameter` is bound to.
template <class Parameter, class First, class... Rest>
constexpr auto const& bound_value([[maybe_unused]] First const& first, [[maybe_unused]] Rest const&... rest) {
  if constexpr (binding_parts<First>::symbol::name == Parameter::symbol::name) return boost::hana::second(first);
  else return bound_value<Parameter>(rest...);
}

/// What an optimiser remembers of a parameter: `States` arrays of its shape and element type in one piece, zero at first.
template <class Parameter, int States>
class optimiser_memory {
  static constexpr int rank = Parameter::symbol::rank;
  using shape = std::array<std::ptrdiff_t, static_cast<std::size_t>(rank)>;

 public:
  /// What the parameter's states are bound to, in an order of types that a call can be checked against.
  template <class Element>
  using bound = std::conditional_t<rank == 0, scalar_reference<Element>, array_view<Element, rank>>;

  /// Bindings of the states for a parameter bound to `value`. Errors: `begun`, and the parameter has another shape or element type.
  template <class Value>
  auto bindings(Value const& value, bool begun) {
    using element = typename Value::element;
    shape extents{};
    if constexpr (rank > 0) extents = value.extents;
    std::size_t size = 1;
    for (std::ptrdiff_t extent : extents) size *= static_cast<std::size_t>(extent);
    auto& memory = std::get<std::vector<element>>(memory_);
    if (!begun) {
      memory_ = {};
      memory.assign(size * States, element(0));
      extents_ = extents;
    } else if (extents != extents_ || memory.size() != size * States) {
      throw error("stepper: " + std::string(Parameter::symbol::name) +
                  " has another shape or element type than in the steps before, which the optimiser remembers; reset() "
                  "forgets them");
    }
    return [&]<int... Is>(std::integer_sequence<int, Is...>) {
      return std::tuple(bind<Is>(memory.data() + static_cast<std::size_t>(Is) * size, extents)...);
    }(std::make_integer_sequence<int, States>{});
  }

 private:
  template <int State, class Element>
  static auto bind(Element* at, [[maybe_unused]] shape const& extents) {
    using symbol = typename state_of<State, Parameter>::type;
    if constexpr (rank == 0) return binding<symbol, scalar_reference<Element>>{{}, {at}};
    else return binding<symbol, array_view<Element, rank>>{{}, {at, extents}};
  }

  std::tuple<std::vector<float>, std::vector<double>> memory_;
  shape extents_{};
};

/// States what is wrong with the bindings of a step; those of the optimiser's states are there.
template <class Program, class Parameters, class States, class... Bindings>
struct check_step;
template <class Program, class... Parameters, int... States, class... Bindings>
struct check_step<Program, std::tuple<Parameters...>, std::integer_sequence<int, States...>, Bindings...> {
  template <int State, class Parameter>
  using nominal =
      binding<typename state_of<State, Parameter>::type,
              typename optimiser_memory<Parameter, static_cast<int>(sizeof...(States))>::template bound<double>>;
  template <class Parameter>
  static std::tuple<nominal<States, Parameter>...> of();
  template <class... States_>
  static check_bindings<frozen<prepared<Program>>, Bindings..., States_...> checked(std::tuple<States_...> const&);
  static constexpr bool passed = decltype(checked(std::tuple_cat(of<Parameters>()...)))::passed;
};

}  // namespace detail

inline namespace DDX_ISA {

/// One step of learning as a kernel. Call it with bindings for everything the loss has: it returns the loss at the parameters
/// as they were, and updates the parameters in place. Parameters are bound to variables, or to ranges or views of mutable
/// elements. The gradient is stored only as far as the update needs it.
///
/// Where the optimiser remembers earlier steps (momentum, Adam), the kernel holds what it remembers, one array of the shape of a
/// parameter for each of its states, from the first step on; a copy of the kernel remembers on its own. Steps of one such kernel
/// may not run at the same time.
///
/// Errors: those of a kernel; a parameter of another shape or element type than in the steps that are remembered.
template <class Program, class Rule, class Threads, class... Parameters>
class step_kernel {
  static constexpr int states_ = static_cast<int>(Rule::state_count);

 public:
  using program = Program;

  constexpr explicit step_kernel(Rule const& optimiser, Threads threads = {})
      : optimiser_(optimiser), threads_(threads) {}

  template <Binding... Bindings>
    requires(states_ == 0)
  auto operator()(Bindings const&... bindings) const {
    if constexpr (check<Bindings...>()) return run(1, bindings...);
  }

  template <Binding... Bindings>
    requires(states_ > 0)
  auto operator()(Bindings const&... bindings) {
    if constexpr (check<Bindings...>()) {
      auto const loss =
          std::apply([&](auto const&... remembered) { return run(steps_ + 1, bindings..., remembered...); },
                     std::tuple_cat(std::get<detail::optimiser_memory<Parameters, states_>>(memory_).bindings(
                         detail::bound_value<Parameters>(bindings...), steps_ > 0)...));
      ++steps_;
      return loss;
    }
  }

  template <Binding... Bindings>
    requires(states_ > 0)
  double operator()(Bindings const&...) const {
    static_assert(
        detail::never<std::tuple<Bindings...>>,
        "ddx::stepper: the step keeps what its optimiser remembers, so it must not be const; write auto step = "
        "ddx::stepper<loss, w...>(optimiser);");
    return 0;
  }

  /// Forgets all steps: the next one is the optimiser's first.
  void reset() { steps_ = 0; }

  /// The optimiser, whose hyperparameters may be changed between steps.
  constexpr Rule& optimiser() { return optimiser_; }
  constexpr Rule const& optimiser() const { return optimiser_; }

 private:
  template <class... Bindings>
  static constexpr bool check() {
    if constexpr (detail::check_step<Program, std::tuple<Parameters...>, std::make_integer_sequence<int, states_>,
                                     Bindings...>::passed) {
      static_assert((detail::bound_to_variable<Parameters, Bindings...>() && ...),
                    "ddx::stepper: a trained parameter is updated in place, so it is bound to a variable or to mutable "
                    "elements, not to a "
                    "constant or a temporary");
      static_assert((detail::bound_to_floating<Parameters, Bindings...>() && ...),
                    "ddx::stepper: a trained parameter has floating-point elements, float or double");
      return (detail::bound_to_variable<Parameters, Bindings...>() && ...) &&
             (detail::bound_to_floating<Parameters, Bindings...>() && ...);
    } else {
      return false;
    }
  }

  /// The step of a number, counted from 1.
  template <class... Bindings>
  auto run(std::size_t step, Bindings const&... bindings) const {
    auto const hyperparameters = optimiser_.hyperparameters(step);
    detail::bound_call<Program, Bindings...> const call(hyperparameters.data(), bindings...);
    detail::number_of<Bindings...> loss{};
    detail::run_call<Program>(
        call, detail::no_places<detail::program_graph<Program>.output_count>(),
        [&](auto const& finished) { loss = finished.output_number(0); }, threads_);
    return loss;
  }

  Rule optimiser_;
  [[no_unique_address]] Threads threads_;
  std::conditional_t<states_ == 0, std::tuple<>, std::tuple<detail::optimiser_memory<Parameters, states_>...>> memory_;
  std::size_t steps_ = 0;
};

}  // namespace DDX_ISA

/// The step that trains the named parameters of `Loss` (a constant formula or a function of arrays):
/// `auto step = ddx::stepper<loss, w, b>(ddx::sgd{.lr = 0.1});` Given `threads(n)` after the optimiser, it uses up to n threads.
template <auto Loss, auto... Parameters, class Rule, class Threads = detail::one_thread>
constexpr auto stepper(Rule const& optimiser, Threads threads = {}) {
  static_assert(std::is_same_v<Threads, detail::one_thread> || std::is_same_v<Threads, ddx::threads>,
                "ddx::stepper<loss, w...>(optimiser, threads): the second argument, if any, is a number of threads, as "
                "ddx::threads(4)");
  static_assert(Optimiser<Rule>,
                "ddx::stepper<loss, w...>(optimiser): the argument is an optimiser, as ddx::sgd{.lr = 0.1}");
  static_assert(detail::Output<std::remove_cvref_t<decltype(Loss)>>,
                "ddx::stepper<loss, w...>: the loss is a constant formula or a ddx::fn of arrays");
  static_assert((Symbol<decltype(Parameters)> && ...) && sizeof...(Parameters) > 0,
                "ddx::stepper<loss, w...>: after the loss come the variables and arrays to be trained");
  static_assert(detail::argument_list<std::remove_cvref_t<decltype(Parameters)>...>::distinct(),
                "ddx::stepper<loss, w...>: a parameter is named twice; name each once");
  using program = detail::step_program<Loss, Rule, std::remove_cvref_t<decltype(Parameters)>...>;
  static_assert(detail::check_declared<detail::program_requests<program>.redeclared>::passed);
  static_assert(detail::axes_known<program>(),
                "ddx: a reduction names an axis that no array of the formula has; check the spelling of the axis");
  static_assert(detail::check_neighbour<detail::program_requests<program>.distant>::passed);
  static_assert(detail::check_not_index<detail::program_requests<program>.trains_index>::passed);
  static_assert(
      !detail::program_requests<program>.trains_unknown,
      "ddx::stepper<loss, w...>: a parameter does not occur in the loss, which cannot train it; leave it out or "
      "check the spelling of its name");
  static_assert(
      detail::program_requests<program>[0].order.rank == 0,
      "ddx::stepper<loss, w...>: the loss must be a scalar, this one still has axes; take the mean over the batch");
  return step_kernel<program, Rule, Threads, std::remove_cvref_t<decltype(Parameters)>...>(optimiser, threads);
}

template <auto Loss, auto... Parameters>
constexpr auto stepper() {
  static_assert(detail::never<decltype(Loss)>,
                "ddx::stepper<loss, w...>(optimiser): the argument is an optimiser, as ddx::sgd{.lr = 0.1}");
}

}  // namespace ddx

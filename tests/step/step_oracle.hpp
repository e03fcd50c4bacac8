// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A loss, parameters and bindings enter; whether steps do what the loss, its gradients and the updates are by definition leaves.
#pragma once

#include "../loop/oracle.hpp"

namespace oracle {

/// Checks steps of `ddx::stepper<Loss, Parameters...>`: the loss returned is the one before, and all parameters move by gradients at
/// the old values.
template <auto Loss, auto... Parameters>
struct step_check {
  /// The empty text, or the first difference. The bindings of the parameters refer to mutable elements, which are updated.
  template <class... Bindings>
  static std::string within(double units, double lr, int steps, Bindings const&... bindings) {
    using program = ddx::detail::step_program<Loss, ddx::sgd, std::remove_cvref_t<decltype(Parameters)>...>;
    auto const step = ddx::stepper<Loss, Parameters...>(ddx::sgd{.lr = lr});
    for (int i = 0; i < steps; ++i) {
      std::vector<std::vector<double>> const expected = evaluate<program>({lr}, bindings...);
      auto const loss = step(bindings...);
      using number = std::remove_const_t<decltype(loss)>;
      std::string text = difference<number>(0, std::vector{loss}, expected[0], units);
      [&]<int... Ks>(std::integer_sequence<int, Ks...>) {
        ((text.empty() ? void(text = compare<Parameters, number>(expected, Ks + 1, units, bindings...)) : void()), ...);
      }(std::make_integer_sequence<int, sizeof...(Parameters)>{});
      if (!text.empty()) return "step " + std::to_string(i) + ", " + text;
    }
    return {};
  }

 private:
  template <auto Parameter, class Number, class... Bindings>
  static std::string compare(std::vector<std::vector<double>> const& expected, int output, double units,
                             Bindings const&... bindings) {
    std::string text = "the parameter is not bound";
    (void)((is_of<Parameter, Bindings> && (text = difference<Number>(output, elements(boost::hana::second(bindings)),
                                                                     expected[static_cast<std::size_t>(output)], units),
                                           true)) ||
           ...);
    return text;
  }

  template <auto Parameter, class Binding>
  static constexpr bool is_of = ddx::detail::binding_parts<Binding>::symbol::name == decltype(Parameter)::symbol::name;

  template <class View>
    requires(View::rank > 0)
  static std::vector<double> elements(View const& view) {
    std::vector<double> all;
    std::ptrdiff_t count = 1;
    for (std::ptrdiff_t extent : view.extents) count *= extent;
    for (std::ptrdiff_t flat = 0; flat < count; ++flat) {
      std::ptrdiff_t rest = flat, at = 0;
      for (std::size_t i = View::rank; i-- > 0; rest /= view.extents[i])
        at += rest % view.extents[i] * ddx::detail::strides_of(view)[i];
      all.push_back(static_cast<double>(view.data[at]));
    }
    return all;
  }
  template <class Scalar>
    requires(Scalar::rank == 0)
  static std::vector<double> elements(Scalar const& scalar) {
    return {static_cast<double>(scalar.get())};
  }
};

}  // namespace oracle

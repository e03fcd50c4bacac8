// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A function of tensors and a point enter; a report leaves that says whether its gradients agree with central differences.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tensor.hpp"

namespace ddx {

/// How far a derivative may be from the difference: absolute + relative * |difference|.
struct gradcheck_options {
  double step = 1e-4;  ///< relative to the element, absolute for those below 1
  double absolute = 1e-6;
  double relative = 1e-5;
};

/// What a check found; true where all derivatives agree.
struct gradcheck_report {
  int checked = 0, wrong = 0;
  std::string text{};  ///< a line for each of the first ten that do not

  explicit operator bool() const { return wrong == 0; }
};

namespace detail {

using tensor_function = std::function<handle(std::span<handle const>)>;

gradcheck_report check_gradients(tensor_function const& f, std::span<handle const> inputs,
                                 gradcheck_options const& options);
gradcheck_report check_second_gradients(tensor_function const& f, std::span<handle const> inputs,
                                        gradcheck_options const& options);

template <class Function, class... Elements>
tensor_function erased(Function const& f, tensor<Elements> const&...) {
  return [&f](std::span<handle const> inputs) {
    return [&]<std::size_t... Is>(std::index_sequence<Is...>) {
      return f(tensor<Elements>(inputs[Is])...).shared_handle();
    }(std::index_sequence_for<Elements...>{});
  };
}

}  // namespace detail

/// Compares each derivative of each element of `f(inputs…)` by each element of those inputs that require gradients with a central
/// difference of five points. A line of the report: `d output[2] / d input 0 [1] = 3.5, by differences 3.6`.
template <class Function, class... Elements>
gradcheck_report gradcheck(Function const& f, gradcheck_options const& options, tensor<Elements> const&... inputs) {
  detail::handle const all[]{inputs.shared_handle()...};
  return detail::check_gradients(detail::erased(f, inputs...), all, options);
}
template <class Function, class... Elements>
gradcheck_report gradcheck(Function const& f, tensor<Elements> const&... inputs) {
  return gradcheck(f, gradcheck_options{}, inputs...);
}

/// The same for second derivatives: of the gradients of `f` that a recorded backward pass computes.
template <class Function, class... Elements>
gradcheck_report gradgradcheck(Function const& f, gradcheck_options const& options, tensor<Elements> const&... inputs) {
  detail::handle const all[]{inputs.shared_handle()...};
  return detail::check_second_gradients(detail::erased(f, inputs...), all, options);
}
template <class Function, class... Elements>
gradcheck_report gradgradcheck(Function const& f, tensor<Elements> const&... inputs) {
  return gradgradcheck(f, gradcheck_options{}, inputs...);
}

}  // namespace ddx

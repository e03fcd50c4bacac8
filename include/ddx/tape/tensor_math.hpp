// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Tensors from shapes, bounds and seeds, and functions of several tensors or along axes, as free functions.
#pragma once

#include "tensor_algebra.hpp"

namespace ddx {

/// A number everywhere. Its type decides that of the elements as in tensors' braces, or the type that is named:
/// `ddx::full<double>({2, 3}, 1)`.
template <class Element = void, Arithmetic Number>
auto full(shape const& sizes, Number value) {
  using result = tensor<std::conditional_t<std::is_void_v<Element>, detail::element_for<Number>, Element>>;
  return result(detail::tensor_filled(result::kind, sizes, value));
}
template <class Element = double>
tensor<Element> zeros(shape const& sizes) {
  return full<Element>(sizes, Element(0));
}
template <class Element = double>
tensor<Element> ones(shape const& sizes) {
  return full<Element>(sizes, Element(1));
}
template <class Element>
tensor<Element> zeros_like(tensor<Element> const& other) {
  return zeros<Element>(other.shape());
}
template <class Element>
tensor<Element> ones_like(tensor<Element> const& other) {
  return ones<Element>(other.shape());
}
/// 1 where row and column are equal.
template <class Element = double>
tensor<Element> eye(std::ptrdiff_t rows, std::ptrdiff_t columns = -1) {
  return tensor<Element>(detail::tensor_identity(tensor<Element>::kind, rows, columns < 0 ? rows : columns));
}
/// start, start + step, … before end.
template <Arithmetic Number>
tensor<detail::element_for<Number>> arange(Number start, std::type_identity_t<Number> end,
                                           std::type_identity_t<Number> step = 1) {
  return tensor<detail::element_for<Number>>(detail::tensor_range(detail::element_kind_of<Number>, start, end, step));
}
/// 0, 1, … before end.
template <Arithmetic Number>
tensor<detail::element_for<Number>> arange(Number end) {
  return arange(Number(0), end);
}
/// `count` numbers from start to end, both included.
template <class Element = double>
tensor<Element> linspace(double start, double end, std::ptrdiff_t count) {
  return tensor<Element>(detail::tensor_linspace(tensor<Element>::kind, start, end, count));
}
/// Uniform draws from [0, 1) by std::mt19937_64, fixed by shape and seed.
template <class Element = double>
tensor<Element> rand(shape const& sizes, std::uint64_t seed) {
  static_assert(std::is_floating_point_v<Element>, "ddx::rand: draws are floating-point numbers");
  return tensor<Element>(detail::tensor_uniform(tensor<Element>::kind, sizes, seed));
}
/// Draws from the standard normal distribution, fixed by shape and seed.
template <class Element = double>
tensor<Element> randn(shape const& sizes, std::uint64_t seed) {
  static_assert(std::is_floating_point_v<Element>, "ddx::randn: draws are floating-point numbers");
  return tensor<Element>(detail::tensor_normal(tensor<Element>::kind, sizes, seed));
}

template <class Element>
tensor<Element> matmul(tensor<Element> const& a, tensor<Element> const& b, call_site site = {}) {
  return a.matmul(b, site);
}
template <class Element>
tensor<Element> mm(tensor<Element> const& a, tensor<Element> const& b, call_site site = {}) {
  return a.mm(b, site);
}
template <class Element>
tensor<Element> mv(tensor<Element> const& a, tensor<Element> const& b, call_site site = {}) {
  return a.mv(b, site);
}
template <class Element>
tensor<Element> dot(tensor<Element> const& a, tensor<Element> const& b, call_site site = {}) {
  return a.dot(b, site);
}

namespace detail {

template <class Element>
std::vector<handle> handles_of(std::span<tensor<Element> const> parts) {
  std::vector<handle> result;
  for (auto const& part : parts) result.push_back(part.shared_handle());
  return result;
}

template <class Element>
std::vector<tensor<Element>> gradients_of(tensor<Element> const& result, std::span<tensor<Element> const> by,
                                          handle const& seed, backward_options options) {
  std::vector<tensor<Element>> gradients;
  for (auto& h :
       tensor_gradients(result.shared_handle(), handles_of(by), seed, options.retain_graph, options.create_graph))
    gradients.emplace_back(std::move(h));
  return gradients;
}

}  // namespace detail

/// One after another along an axis.
template <class Element>
tensor<Element> concatenate(std::span<tensor<Element> const> parts, int axis = 0) {
  return tensor<Element>(detail::tensor_concatenate(detail::handles_of(parts), axis));
}
template <class Element>
tensor<Element> concatenate(std::initializer_list<tensor<Element>> parts, int axis = 0) {
  return concatenate(std::span<tensor<Element> const>(parts.begin(), parts.size()), axis);
}
template <class Element>
tensor<Element> concatenate(std::vector<tensor<Element>> const& parts, int axis = 0) {
  return concatenate(std::span<tensor<Element> const>(parts), axis);
}
/// Beside one another along a new axis.
template <class Element>
tensor<Element> stack(std::span<tensor<Element> const> parts, int axis = 0) {
  return tensor<Element>(detail::tensor_stack(detail::handles_of(parts), axis));
}
template <class Element>
tensor<Element> stack(std::initializer_list<tensor<Element>> parts, int axis = 0) {
  return stack(std::span<tensor<Element> const>(parts.begin(), parts.size()), axis);
}
template <class Element>
tensor<Element> stack(std::vector<tensor<Element>> const& parts, int axis = 0) {
  return stack(std::span<tensor<Element> const>(parts), axis);
}

/// The gradients of `result`, a scalar, by each of the tensors, without adding to theirs. Zeros by those it does not depend on.
template <class Element>
std::vector<tensor<Element>> grad(tensor<Element> const& result, std::span<tensor<Element> const> by,
                                  backward_options options = {}) {
  return detail::gradients_of(result, by, {}, options);
}
template <class Element>
std::vector<tensor<Element>> grad(tensor<Element> const& result, std::vector<tensor<Element>> const& by,
                                  backward_options options = {}) {
  return detail::gradients_of(result, std::span(by), {}, options);
}
template <class Element>
std::vector<tensor<Element>> grad(tensor<Element> const& result, std::initializer_list<tensor<Element>> by,
                                  backward_options options = {}) {
  return detail::gradients_of(result, std::span(by.begin(), by.size()), {}, options);
}
template <class Element>
tensor<Element> grad(tensor<Element> const& result, tensor<Element> const& by, backward_options options = {}) {
  return detail::gradients_of(result, std::span(&by, 1), {}, options)[0];
}
/// The same of the sum of `result` times `seed`, for results that are not scalars.
template <class Element>
std::vector<tensor<Element>> grad(tensor<Element> const& result, std::vector<tensor<Element>> const& by,
                                  tensor<Element> const& seed, backward_options options = {}) {
  return detail::gradients_of(result, std::span(by), seed.shared_handle(), options);
}
template <class Element>
std::vector<tensor<Element>> grad(tensor<Element> const& result, std::initializer_list<tensor<Element>> by,
                                  tensor<Element> const& seed, backward_options options = {}) {
  return detail::gradients_of(result, std::span(by.begin(), by.size()), seed.shared_handle(), options);
}
template <class Element>
tensor<Element> grad(tensor<Element> const& result, tensor<Element> const& by, tensor<Element> const& seed,
                     backward_options options = {}) {
  return detail::gradients_of(result, std::span(&by, 1), seed.shared_handle(), options)[0];
}

}  // namespace ddx

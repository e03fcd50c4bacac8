// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A tensor enters; its gradient, its history and what watches them leave.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "tensor_functions.hpp"

namespace ddx {

/// What a backward pass leaves behind.
struct backward_options {
  bool retain_graph = false;  ///< the graph may be gone through again
  /// Gradients are recorded, so that they can be differentiated; implies retain_graph. A leaf then owns its gradient, whose history owns
  /// the leaf, until zero_grad(); ddx::grad makes no such circle.
  bool create_graph = false;
};

/// The part of a tensor that has to do with gradients.
template <class Tensor>
class differentiated {
 public:
  Tensor& requires_grad_(bool on = true) {
    static_assert(std::is_floating_point_v<typename Tensor::value_type>,
                  "ddx::tensor::requires_grad_(): only tensors of floating-point numbers can require gradients; write "
                  "to<double>() first");
    detail::tensor_require_gradient(all(), on);
    return static_cast<Tensor&>(*this);
  }
  bool requires_grad() const { return detail::tensor_requires_gradient(all()); }
  bool is_leaf() const { return detail::tensor_is_leaf(all()); }
  /// How often the elements were changed in place.
  std::uint32_t version() const { return detail::tensor_version(all()); }
  /// What PyTorch calls the operation that computed it; empty for leaves.
  std::string grad_fn() const { return detail::tensor_grad_name(all()); }

  /// Adds the derivatives of this scalar to the gradients of the leaves it was computed from.
  void backward(backward_options options = {}) const {
    detail::tensor_backward(all(), {}, options.retain_graph, options.create_graph);
  }
  /// The same of the sum of this tensor times `seed`, for tensors that are not scalars.
  void backward(Tensor const& seed, backward_options options = {}) const {
    detail::tensor_backward(all(), seed.shared_handle(), options.retain_graph, options.create_graph);
  }
  /// The gradient that backward passes have added up. Throws error if there is none.
  Tensor grad() const { return Tensor(detail::tensor_gradient(all())); }
  bool has_grad() const { return detail::tensor_has_gradient(all()); }
  void set_grad(Tensor const& gradient) const { detail::tensor_set_gradient(all(), gradient.shared_handle()); }
  /// Forgets the gradient: the next backward pass starts from zero.
  void zero_grad() const { detail::tensor_forget_gradient(all()); }
  /// Backward passes keep the gradient of this tensor though it is no leaf.
  void retain_grad() const { detail::tensor_retain_gradient(all()); }
  /// Calls `hook` with the gradient when a backward pass has computed it; a tensor that it returns takes the gradient's place. The result
  /// is for remove_hook.
  template <class Hook>
  std::size_t register_hook(Hook hook) const {
    return detail::tensor_add_hook(all(),
                                   [hook = std::move(hook)](detail::handle const& gradient) mutable -> detail::handle {
                                     if constexpr (std::is_void_v<std::invoke_result_t<Hook&, Tensor>>) {
                                       hook(Tensor(gradient));
                                       return {};
                                     } else {
                                       return hook(Tensor(gradient)).shared_handle();
                                     }
                                   });
  }
  void remove_hook(std::size_t number) const { detail::tensor_remove_hook(all(), number); }

 private:
  detail::handle const& all() const { return static_cast<Tensor const&>(*this).shared_handle(); }
};

}  // namespace ddx

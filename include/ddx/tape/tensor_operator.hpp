// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Tensors and numbers between arithmetic operators enter; tensors leave, and the place in the program is known.
#pragma once

#include "../primitive/arithmetic.hpp"
#include "tensor_handle.hpp"

namespace ddx::detail {

/// An operand and the place where it became one: the conversion has the default argument that operators cannot have.
template <class Tensor>
struct located {
  Tensor const& it;
  call_site site;
  located(Tensor const& operand, std::source_location where = std::source_location::current())
      : it(operand), site(where) {}
};

/// The same of what a compound assignment changes.
template <class Tensor>
struct located_target {
  Tensor& it;
  call_site site;
  located_target(Tensor& target, std::source_location where = std::source_location::current())
      : it(target), site(where) {}
  located_target(Tensor&& target, std::source_location where = std::source_location::current())
      : it(target), site(where) {}
};

/// The operators of a tensor.
template <class Tensor>
class operated {
#define DDX_TENSOR_OPERATOR(symbol, Record)                                                                 \
  template <class Other>                                                                                    \
    requires Operands<Tensor, Other>                                                                        \
  friend result_of<Record, Tensor, Other> operator symbol(located<Tensor> left, Other const& right) {       \
    return apply_at<Record>(left.site, left.it, right);                                                     \
  }                                                                                                         \
  template <Arithmetic Number>                                                                              \
  friend result_of<Record, Number, Tensor> operator symbol(Number const& left, located<Tensor> right) {     \
    return apply_at<Record>(right.site, left, right.it);                                                    \
  }                                                                                                         \
  template <class Other>                                                                                    \
    requires(!Operands<Tensor, Other>)                                                                      \
  friend Tensor operator symbol(located<Tensor> left, Other const&) {                                       \
    static_assert(never<Other>, "ddx: the right operand of " #symbol " is neither a formula nor a number"); \
    return left.it;                                                                                         \
  }                                                                                                         \
  template <class Other>                                                                                    \
    requires(!Operands<Tensor, Other>)                                                                      \
  friend Tensor operator symbol(Other const&, located<Tensor> right) {                                      \
    static_assert(never<Other>, "ddx: the left operand of " #symbol " is neither a formula nor a number");  \
    return right.it;                                                                                        \
  }                                                                                                         \
  static_assert(true)

  DDX_TENSOR_OPERATOR(+, add_);
  DDX_TENSOR_OPERATOR(-, subtract_);
  DDX_TENSOR_OPERATOR(*, multiply_);
  DDX_TENSOR_OPERATOR(/, divide_);
#undef DDX_TENSOR_OPERATOR

#define DDX_TENSOR_ASSIGNMENT(symbol, Record)                                                               \
  template <class Other>                                                                                    \
    requires Operands<Tensor, Other>                                                                        \
  friend Tensor& operator symbol(located_target<Tensor> left, Other const& right) {                         \
    return change<Record>(left.it, right, #symbol, left.site);                                              \
  }                                                                                                         \
  template <class Other>                                                                                    \
    requires(!Operands<Tensor, Other>)                                                                      \
  friend Tensor& operator symbol(located_target<Tensor> left, Other const&) {                               \
    static_assert(never<Other>, "ddx: the right operand of " #symbol " is neither a formula nor a number"); \
    return left.it;                                                                                         \
  }                                                                                                         \
  static_assert(true)

  DDX_TENSOR_ASSIGNMENT(+=, add_);
  DDX_TENSOR_ASSIGNMENT(-=, subtract_);
  DDX_TENSOR_ASSIGNMENT(*=, multiply_);
  DDX_TENSOR_ASSIGNMENT(/=, divide_);
#undef DDX_TENSOR_ASSIGNMENT

 private:
  template <class Record, class Other>
  static Tensor& change(Tensor& it, Other const& other, char const* name, call_site const& site) {
    return it.template updated<Record>(other, name, site);
  }
};

}  // namespace ddx::detail

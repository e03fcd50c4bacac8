// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records applied to tensors and numbers enter, tensors leave: the functions and operators of the primitive table.
#pragma once

#include "tensor.hpp"
#include "tensor_operation.hpp"

namespace ddx {
namespace detail {

/// The kind of a record's result: see promote.
template <class Record, class... Types>
constexpr element_kind result_kind() {
  if constexpr (gives_truth<Record>) return element_kind::boolean;
  element_kind latest = element_kind::boolean;
  bool point = false;
  [&]<int... Is>(std::integer_sequence<int, Is...>) {
    ((takes_condition<Record, Is> ? void()
      : Arithmetic<Types>         ? void(point = point || std::is_floating_point_v<Types>)
                                  : void(latest = kind_in<Types> > latest ? kind_in<Types> : latest)),
     ...);
  }(std::make_integer_sequence<int, sizeof...(Types)>{});
  return promote(latest, point, takes_whole_numbers<Record>);
}

template <Arithmetic Number>
term term_of(Number number) {
  return number;
}
template <class Element>
term term_of(tensor<Element> const& operand) {
  return operand.shared_handle();
}

}  // namespace detail

template <class Element>
struct algebra<tensor<Element>> {
  static constexpr bool exists = true;
  static constexpr bool sited = true;

  template <class Record, class... Types>
  using result = tensor<detail::element_of<detail::result_kind<Record, std::remove_cvref_t<Types>...>()>>;

  template <class Record, class... Types>
  static result<Record, Types...> apply(Types const&... operands) {
    return apply_at<Record>({std::source_location()}, operands...);
  }
  template <class Record, class... Types>
  static result<Record, Types...> apply_at(call_site const& site, Types const&... operands) {
    detail::term const terms[]{detail::term_of(operands)...};
    return result<Record, Types...>(detail::apply_operation(detail::operation_of<Record>(), terms, site.where));
  }
  /// The elements of the first operand become those of the result.
  template <class Record, class Other>
  static void update(call_site const& site, char const* name, tensor<Element> const& target, Other const& other) {
    detail::term const terms[]{detail::term_of(target), detail::term_of(other)};
    detail::tensor_update(target.shared_handle(), detail::operation_of<Record>(), terms, name, site.where);
  }
  template <class Record>
  static tensor<Element> constant(tensor<Element> const&) {
    return tensor<Element>(Record::value());
  }
  template <class Record, text Axis>
  static tensor<Element> reduce(tensor<Element> const& operand) {
    static_assert(detail::never<Record>,
                  "ddx::tensor: the axes of tensors have numbers, not names; write x.sum(0), x.mean(0), x.max(0)");
    return operand;
  }
};

}  // namespace ddx

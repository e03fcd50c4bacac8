// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What reads like a formula and is none enters; a sentence on what to write instead leaves.
#pragma once

#include "derive.hpp"

namespace ddx {

namespace detail {

/// A formula, or what it is inside of a traced function.
template <class Type>
concept Expressed = Formula<Type> || std::is_same_v<std::remove_cvref_t<Type>, traced>;

}  // namespace detail

/// Says how the axis of a reduction is named.
#define DDX_WITHOUT_AXIS(function)                                                                     \
  template <detail::Expressed Type>                                                                    \
  constexpr Type function(Type const& operand) {                                                       \
    static_assert(detail::never<Type>,                                                                 \
                  "ddx::" #function "(x): the axis has to be named, as in ddx::" #function             \
                  "<\"n\">(x); of several axes name each, as in ddx::" #function "<\"n\", \"d\">(x)"); \
    return operand;                                                                                    \
  }                                                                                                    \
  static_assert(true)
DDX_WITHOUT_AXIS(sum);
DDX_WITHOUT_AXIS(prod);
DDX_WITHOUT_AXIS(mean);
DDX_WITHOUT_AXIS(max);
DDX_WITHOUT_AXIS(logsumexp);
DDX_WITHOUT_AXIS(norm);
DDX_WITHOUT_AXIS(softmax);
DDX_WITHOUT_AXIS(log_softmax);
#undef DDX_WITHOUT_AXIS

template <class Left, class Right>
  requires(Operands<Left, Right> && (detail::Expressed<Left> || detail::Expressed<Right>))
constexpr Left dot(Left const& left, Right const&) {
  static_assert(detail::never<Left>, "ddx::dot(a, b): the axis has to be named, as in ddx::dot<\"n\">(a, b)");
  return left;
}

/// Says that a formula, whose type is its structure, does not change.
#define DDX_ASSIGNMENT(symbol, operation)                                                                              \
  template <Formula Type, class Other>                                                                                 \
  constexpr Type const& operator symbol(Type const& formula, Other const&) {                                           \
    static_assert(detail::never<Type>, "ddx: f " #symbol " g: a formula does not change; write auto h = f " #operation \
                                       " g, or a ddx::fn, whose locals do");                                           \
    return formula;                                                                                                    \
  }                                                                                                                    \
  static_assert(true)
DDX_ASSIGNMENT(+=, +);
DDX_ASSIGNMENT(-=, -);
DDX_ASSIGNMENT(*=, *);
DDX_ASSIGNMENT(/=, /);
#undef DDX_ASSIGNMENT

template <text Axis, detail::Expressed Left, class Right>
constexpr Left recurrence(axis<Axis>, Left const& a, Right const&) {
  static_assert(detail::check_neighbour<!detail::never<Left>>::passed);
  return a;
}

template <class Index, class Left, class Right>
  requires(!AxisIndex<Index> && (detail::Expressed<Left> || detail::Expressed<Right>))
constexpr Left recurrence(Index const&, Left const& a, Right const&) {
  static_assert(detail::never<Left>,
                "ddx::recurrence(i - 1, a, b): first comes the neighbour along an axis, constexpr ddx::axis<\"i\"> i;");
  return a;
}

template <text Axis, class Left, class Right>
  requires(detail::Expressed<Left> || detail::Expressed<Right>)
constexpr Left recurrence(Left const& a, Right const&) {
  static_assert(detail::never<Left>,
                "ddx::recurrence(i - 1, a, b): first comes the neighbour along an axis, constexpr ddx::axis<\"i\"> i;");
  return a;
}

namespace detail {

/// Says that a gradient is no formula.
template <class Type>
struct refuse_gradient {
  static_assert(
      never<Type>,
      "ddx: grad(f, x, y) is a list of formulas, not one; write diff(f, x), or auto [fx, fy] = grad(f, x, y)");
  static constexpr bool passed = false;
};

/// A formula with a value of a traced function.
template <std::same_as<traced> Type>
struct held<Type> {
  static_assert(
      never<Type>,
      "ddx::fn(f): f uses a formula from outside of it, which it cannot see; give f an argument for it, as in "
      "fn(args(x, y), [](auto a, auto b) { ... })");
  using type = Type;
};

template <class Type, class... Variables>
struct held<gradient<Type, Variables...>> : refuse_gradient<Type> {
  using type = gradient<Type, Variables...>;
};

}  // namespace detail

/// A gradient where a formula is meant.
template <class Type, class... Variables>
struct algebra<gradient<Type, Variables...>> {
  static constexpr bool exists = true;

  template <class Record, class... Types>
  using result = Type;

  template <class Record, class First, class... Rest>
  static constexpr Type apply(First const& operand, Rest const&...) {
    static_assert(detail::refuse_gradient<Type>::passed);
    return operand.formula;
  }
  template <class Record, text Axis, class... Rest>
  static constexpr Type reduce(gradient<Type, Variables...> const& operand, Rest const&...) {
    static_assert(detail::refuse_gradient<Type>::passed);
    return operand.formula;
  }
};

/// Asks for the values of a gradient as if it were one formula.
template <class Type, class... Variables, class... Bindings>
constexpr double eval(gradient<Type, Variables...> const&, Bindings const&...) {
  static_assert(detail::refuse_gradient<Type>::passed);
  return 0;
}

}  // namespace ddx

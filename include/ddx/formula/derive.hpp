// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// diff and grad of formulas: nodes that are resolved when the formula is lowered, so that derivatives compose; same.
#pragma once

#include <utility>

#include "../transform/simplify.hpp"
#include "lower.hpp"
#include "tokens.hpp"

namespace ddx {

namespace detail {

/// The axes of a formula, by names alone.
struct named_axes {
  int count = 0;         ///< -1 where a reduction names an axis that no array has
  bool has_one = false;  ///< whether the one that is asked for is among them
  bool misses = false;   ///< whether an index is along an axis that what it indexes lacks
};

template <class Formula>
constexpr named_axes find_axes(std::string_view wanted = {}) {
  constexpr auto const& list = tokens_of<Formula>;
  graph names;  // only its axes are used
  sequence<axis_set> stack;
  axis_set declared = 0;
  bool misses = false;
  for (token const& t : list.tokens)
    if (t.what == token::step::symbol)
      for (int i = 0; i < t.count; ++i) declared |= axis_set{1} << names.axis(t.axes[i]);
  for (token const& t : list.tokens) {
    switch (t.what) {
      case token::step::literal:
      case token::step::extent: stack.push_back(0); break;
      case token::step::position: {
        axis_set const axis = axis_set{1} << names.axis(t.name);
        if (!(declared & axis)) return {.count = -1};
        stack.push_back(axis);
        break;
      }
      case token::step::inside: {
        axis_set const axis = axis_set{1} << names.axis(t.name);
        if (!(declared & axis)) return {.count = -1};
        stack.back() = axis;
        break;
      }
      case token::step::scan: {
        axis_set const axis = axis_set{1} << names.axis(t.name);
        if (!(declared & axis)) return {.count = -1};
        stack.pop_back();
        axis_set const b = stack.back();
        stack.pop_back();
        stack.back() |= b | axis;
        break;
      }
      case token::step::shift: {
        stack.pop_back();
        misses = misses || !(stack.back() >> names.axis(t.name) & 1u);
        break;
      }
      case token::step::symbol: {
        axis_set axes = 0;
        for (int i = 0; i < t.count; ++i) axes |= axis_set{1} << names.axis(t.axes[i]);
        stack.push_back(axes);
        break;
      }
      case token::step::apply: {
        axis_set axes = 0;
        for (int i = 0; i < t.op->arity; ++i) {
          axes |= stack.back();
          stack.pop_back();
        }
        stack.push_back(axes);
        break;
      }
      case token::step::reduce: {
        axis_set const axis = axis_set{1} << names.axis(t.name);
        if (!(declared & axis)) return {.count = -1};
        axis_set axes = 0;
        for (int i = 0; i < t.op->arity; ++i) {
          axes |= stack.back();
          stack.pop_back();
        }
        stack.push_back(axes & ~axis);
        break;
      }
      case token::step::derivative:
      case token::step::gradient: {
        axis_set axes = 0;  // a derivative has the axes of its variables
        for (int i = 0; i < t.count; ++i) {
          axes |= stack.back();
          stack.pop_back();
        }
        stack.back() = axes;
        break;
      }
    }
  }
  int count = 0;
  for (axis_set rest = stack.back(); rest != 0; rest &= rest - 1) ++count;
  bool const has = !wanted.empty() && (stack.back() >> names.axis(wanted) & 1u) != 0;
  return {count, has, misses};
}

template <class Formula>
inline constexpr int axes_of = find_axes<Formula>().count;

template <class Type, text Axis>
constexpr auto shifted(Type const& formula, place<Axis> at) {
  static_assert(find_axes<Type>(Axis.view()).has_one,
                "ddx: x[i + 1]: x lacks the axis of the index; check the spelling of the axis");
  return make_call<shift_tag<Axis>>(formula, at.offset);
}

template <class Type, text Axis>
constexpr Type shifted(Type const& formula, axis<Axis>) {
  static_assert(find_axes<Type>(Axis.view()).has_one,
                "ddx: x[i]: x lacks the axis of the index; check the spelling of the axis");
  return formula;
}

template <Symbol First, Symbol... Rest>
constexpr bool scalars_before_last() {
  if constexpr (sizeof...(Rest) == 0) return true;
  else return First::symbol::rank == 0 && scalars_before_last<Rest...>();
}

/// Whether one of the variables is an index in the formula.
template <class Formula, Symbol... Variables>
constexpr bool has_index() {
  constexpr auto const& list = tokens_of<Formula>;
  bool indexes = false;
  for (token const& t : list.tokens) indexes |= t.what == token::step::reduce && t.op->takes_whole != 0;
  if (!indexes) return false;
  graph g;
  lowering(g).run(list.tokens, list.count, nullptr, literal_mode::slots);
  return (is_index(g.view(), g.find_input(Variables::symbol::name)) || ...);
}

template <Symbol... Variables>
inline constexpr bool all_but_last_scalar = scalars_before_last<Variables...>();

}  // namespace detail

/// The derivative of formula `f` by the variables in turn: diff(f, x) is df/dx, diff(f, x, y) the mixed second derivative,
/// diff(f, x, x) the second derivative by x. It is a formula again. By an array it is the array of derivatives by its elements.
template <Formula Type, Symbol... Variables>
  requires(sizeof...(Variables) > 0)
constexpr auto diff(Type const& f, Variables const&... variables) {
  static_assert(detail::axes_of<Type> != -1,
                "ddx: a reduction names an axis that no array of the formula has; check the spelling of the axis");
  static_assert(
      detail::all_but_last_scalar<Variables...>,
      "ddx::diff(f, x...): only the last variable may be an array; a derivative by an array is no longer a scalar");
  static_assert(detail::axes_of<Type> <= 0,
                "ddx::diff(f, x): f must be a scalar, this one still has axes; reduce it first, or write jacobian");
  static_assert(detail::check_not_index<detail::has_index<Type, Variables...>()>::passed);
  return detail::make_call<detail::derivative_tag<sizeof...(Variables)>>(f, variables...);
}

template <Formula Type, class... Variables>
  requires(sizeof...(Variables) > 0 && !(Symbol<Variables> && ...))
constexpr auto diff(Type const&, Variables const&...) {
  static_assert(detail::never<Type>,
                "ddx::diff(f, x...): after the formula come the variables or arrays to differentiate by");
}

/// Said of what there is for functions alone.
template <Formula Type, Symbol... Variables>
  requires(sizeof...(Variables) > 0)
constexpr Type hessian(Type const& f, Variables const&...) {
  static_assert(detail::never<Type>,
                "ddx::hessian(f): f is a function, ddx::fn<\"x\", \"y\">(...); of a formula write diff(f, x, y)");
  return f;
}

template <Formula Type, Symbol... Variables>
  requires(sizeof...(Variables) > 0)
constexpr Type jacobian(Type const& f, Variables const&...) {
  static_assert(detail::never<Type>,
                "ddx::jacobian(f): f is a function, ddx::fn<\"x\", \"y\">(...); of a formula write grad(f, x, y)");
  return f;
}

/// The derivatives of a scalar formula by each of the variables, as one object: `auto [fx, fy] = grad(f, x, y)` gives the
/// formulas, `compile<f, grad(f, w, b)>` computes them together by reverse accumulation.
template <class Type, Symbol... Variables>
struct gradient {
  Type formula;
  boost::hana::tuple<Variables...> variables;

  template <std::size_t Index>
  constexpr auto get() const {
    return diff(formula, boost::hana::at_c<Index>(variables));
  }
};

template <Formula Type, Symbol... Variables>
  requires(sizeof...(Variables) > 0)
constexpr auto grad(Type const& f, Variables const&... variables) {
  static_assert(detail::axes_of<Type> != -1,
                "ddx: a reduction names an axis that no array of the formula has; check the spelling of the axis");
  static_assert(detail::axes_of<Type> <= 0,
                "ddx::grad(f, x...): f must be a scalar, this one still has axes; reduce it first, or write jacobian");
  static_assert(detail::check_not_index<detail::has_index<Type, Variables...>()>::passed);
  return gradient<Type, Variables...>{f, boost::hana::tuple<Variables...>{variables...}};
}

namespace detail {

template <Formula Type, class... Variables>
struct walk<gradient<Type, Variables...>> {
  template <class Out>
  static constexpr void tokens(Out& out) {
    walk_all<Type, Variables...>(out);
    out.push({.what = token::step::gradient, .count = sizeof...(Variables)});
  }
  static constexpr void literals(gradient<Type, Variables...> const& g, double*& out) {
    walk<Type>::literals(g.formula, out);
  }
};

}  // namespace detail

/// Whether two formulas have the same canonical form, up to the order of sums and products.
template <Formula Left, Formula Right>
constexpr bool same(Left const& left, Right const& right) {
  graph g;
  lowering l(g);
  auto const& a = detail::tokens_of<Left>;
  auto const& b = detail::tokens_of<Right>;
  l.run(a.tokens, a.count, detail::literals_of(left).values, literal_mode::known);
  l.run(b.tokens, b.count, detail::literals_of(right).values, literal_mode::known);
  graph const canonical = simplify(g.view(), sharing::expand, sum_order::canonical);
  return canonical.outputs[0] == canonical.outputs[1];
}

}  // namespace ddx

template <class Type, class... Variables>
struct std::tuple_size<ddx::gradient<Type, Variables...>> : std::integral_constant<std::size_t, sizeof...(Variables)> {
};

template <std::size_t Index, class Type, class... Variables>
struct std::tuple_element<Index, ddx::gradient<Type, Variables...>> {
  using type = decltype(std::declval<ddx::gradient<Type, Variables...> const&>().template get<Index>());
};

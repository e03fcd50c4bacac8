// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas: Boost.YAP expressions whose operands are held by value and whose names are in their types.
#pragma once

#include <boost/hana/tuple.hpp>
#include <boost/yap/algorithm_fwd.hpp>
#include <concepts>
#include <type_traits>

#include "../primitive/scan.hpp"

namespace ddx {

using boost::yap::expr_kind;

namespace detail {

// An index of a formula, defined in formula/derive.hpp, which knows the formula's axes.
template <class Type, text Axis>
constexpr auto shifted(Type const& formula, place<Axis> at);
template <class Type, text Axis>
constexpr Type shifted(Type const& formula, axis<Axis>);

template <class Index>
constexpr void check_index() {
  static_assert(never<Index>,
                "ddx: x[i + 1]: an index is along an axis, constexpr ddx::axis<\"i\"> i; the element at a place is "
                "ddx::take<\"i\">(x, place)");
}

template <class Never>
constexpr bool check_condition() {
  static_assert(
      never<Never>,
      "ddx: a condition on formulas is a formula, so it cannot steer if, while or ?:; write where(condition, a, "
      "b), and ddx::same(f, g) to compare formulas");
  return false;
}

}  // namespace detail

/// A node of a formula. It owns its operands, so a formula may be returned from the scope of its pieces; it is a structural
/// type, so a constant formula may be a template argument.
template <expr_kind Kind, class Tuple>
struct expression {
  static constexpr expr_kind kind = Kind;
  Tuple elements;

  template <class Never = void>
  constexpr explicit operator bool() const {
    return detail::check_condition<Never>();
  }

  /// The elements at an offset along an axis, x[i + 1]; x[i] is the formula itself. See ddx::axis.
  template <AxisIndex Place>
  constexpr auto operator[](Place at) const {
    return detail::shifted(*this, at);
  }
  template <class Other>
    requires(!AxisIndex<Other>)
  constexpr expression operator[](Other const&) const {
    detail::check_index<Other>();
    return *this;
  }
};

namespace detail {

/// What stands in terminals.
template <text Name, text... Axes>
struct symbol {
  static constexpr auto name = Name.view();
  static constexpr int rank = sizeof...(Axes);
};

/// A number of the formula, a double in any case: clang keeps adjacent integers in one copy that it splits too late.
template <bool Whole>
struct literal {
  double value;
};

template <class Record>
struct function_tag {};

template <class Record, text Axis>
struct reduction_tag {};

/// A leaf that names an axis, such as the positions along it.
template <class Record, text Axis>
struct axis_tag {};

template <text Axis>
struct shift_tag {};
template <text Axis>
struct inside_tag {};
template <text Axis>
struct scan_tag {};

template <int Count>
struct derivative_tag {};

template <class Value>
using terminal = expression<expr_kind::terminal, boost::hana::tuple<Value>>;

}  // namespace detail

/// A scalar variable called `Name`: `constexpr ddx::var<"x"> x;`. `x = 3.0` binds it in a call.
template <text Name>
struct var {
  static constexpr expr_kind kind = expr_kind::terminal;
  using symbol = detail::symbol<Name>;

  boost::hana::tuple<symbol> elements{};

  constexpr var() = default;

  template <class Value>
    requires(!std::same_as<std::remove_cvref_t<Value>, var>)
  constexpr auto operator=(Value&& value) const;

  template <class Never = void>
  constexpr explicit operator bool() const {
    return detail::check_condition<Never>();
  }

  /// The elements at an offset along an axis, x[i + 1]; x[i] is the formula itself. See ddx::axis.
  template <AxisIndex Place>
  constexpr auto operator[](Place at) const {
    return detail::shifted(*this, at);
  }
  template <class Other>
    requires(!AxisIndex<Other>)
  constexpr var operator[](Other const&) const {
    detail::check_index<Other>();
    return *this;
  }
};

/// An array called `Name` with named axes, outermost first: `constexpr ddx::array<"X", "n", "d"> X;` has a row a sample.
/// Elementwise operations broadcast by axis name. `X = view(data, rows, columns)` binds it in a call.
template <text Name, text... Axes>
struct array {
  static_assert(sizeof...(Axes) >= 1 && sizeof...(Axes) <= max_rank,
                "ddx::array<name, axes...>: an array has one to six named axes; a scalar is a ddx::var<name>");
  static_assert(distinct_names<Axes...>(),
                "ddx::array<name, axes...>: two axes have the same name; each axis has a name of its own, as in "
                "array<\"A\", \"i\", \"j\">");

  static constexpr expr_kind kind = expr_kind::terminal;
  using symbol = detail::symbol<Name, Axes...>;

  boost::hana::tuple<symbol> elements{};

  constexpr array() = default;

  template <class Value>
    requires(!std::same_as<std::remove_cvref_t<Value>, array>)
  constexpr auto operator=(Value&& value) const;

  template <class Never = void>
  constexpr explicit operator bool() const {
    return detail::check_condition<Never>();
  }

  /// The elements at an offset along an axis, x[i + 1]; x[i] is the formula itself. See ddx::axis.
  template <AxisIndex Place>
  constexpr auto operator[](Place at) const {
    return detail::shifted(*this, at);
  }
  template <class Other>
    requires(!AxisIndex<Other>)
  constexpr array operator[](Other const&) const {
    detail::check_index<Other>();
    return *this;
  }
};

namespace detail {

template <class Type>
inline constexpr bool is_formula = false;
template <expr_kind Kind, class Tuple>
inline constexpr bool is_formula<expression<Kind, Tuple>> = true;
template <text Name>
inline constexpr bool is_formula<var<Name>> = true;
template <text Name, text... Axes>
inline constexpr bool is_formula<array<Name, Axes...>> = true;

template <class Type>
inline constexpr bool is_symbol = false;
template <text Name>
inline constexpr bool is_symbol<var<Name>> = true;
template <text Name, text... Axes>
inline constexpr bool is_symbol<array<Name, Axes...>> = true;

}  // namespace detail

/// A formula: a variable, an array, or an expression of them.
template <class Type>
concept Formula = detail::is_formula<std::remove_cvref_t<Type>>;

/// A variable or an array.
template <class Type>
concept Symbol = detail::is_symbol<std::remove_cvref_t<Type>>;

namespace detail {

template <class Type>
struct held {
  using type = Type;
};
template <Arithmetic Number>
struct held<Number> {
  using type = terminal<literal<std::is_integral_v<Number>>>;
};

template <Formula Type>
constexpr Type const& hold(Type const& operand) {
  return operand;
}
template <Arithmetic Number>
constexpr auto hold(Number number) {
  return terminal<literal<std::is_integral_v<Number>>>{
      boost::hana::tuple<literal<std::is_integral_v<Number>>>{{static_cast<double>(number)}}};
}

// YAP's kinds for the operators that have one, looked up both ways by overload resolution; every other record is a call.
template <expr_kind Kind, class Record>
struct kind_entry {
  static Record record(std::integral_constant<expr_kind, Kind>);
  static std::integral_constant<expr_kind, Kind> kind(std::type_identity<Record>);
};

template <class... Entries>
struct kind_table : Entries... {
  using Entries::record...;
  using Entries::kind...;
  static std::integral_constant<expr_kind, expr_kind::call> kind(...);
};

using operator_kinds =
    kind_table<kind_entry<expr_kind::plus, add_>, kind_entry<expr_kind::minus, subtract_>,
               kind_entry<expr_kind::multiplies, multiply_>, kind_entry<expr_kind::divides, divide_>,
               kind_entry<expr_kind::negate, negate_>, kind_entry<expr_kind::less, less_>,
               kind_entry<expr_kind::less_equal, less_equal_>, kind_entry<expr_kind::greater, greater_>,
               kind_entry<expr_kind::greater_equal, greater_equal_>, kind_entry<expr_kind::equal_to, equal_>,
               kind_entry<expr_kind::not_equal_to, not_equal_>, kind_entry<expr_kind::logical_and, and_>,
               kind_entry<expr_kind::logical_or, or_>, kind_entry<expr_kind::logical_not, not_>>;

template <class Record>
inline constexpr expr_kind kind_of = decltype(operator_kinds::kind(std::type_identity<Record>{}))::value;

/// Whether a type is a comparison or a connective of conditions, as an operator writes it.
template <class Type>
inline constexpr bool is_condition_formula = false;
template <expr_kind Kind, class Tuple>
  requires requires { requires decltype(operator_kinds::record(std::integral_constant<expr_kind, Kind>{}))::condition; }
inline constexpr bool is_condition_formula<expression<Kind, Tuple>> = true;

/// Says that 0 < x < 1 does not mean in C++ what it means on paper.
template <bool Chained>
constexpr void check_order() {
  static_assert(!Chained, "ddx: 0 < x < 1 asks whether the condition 0 < x is below 1; write 0 < x && x < 1");
}

template <class Record, expr_kind Kind = kind_of<Record>>
struct make {
  template <class... Types>
  using type = expression<Kind, boost::hana::tuple<typename held<Types>::type...>>;

  template <class... Types>
  static constexpr type<Types...> from(Types const&... operands) {
    if constexpr (requires { requires Record::orders; }) check_order<(is_condition_formula<Types> || ...)>();
    return {boost::hana::tuple<typename held<Types>::type...>{hold(operands)...}};
  }
};

template <class Tag, class... Types>
using call = expression<expr_kind::call, boost::hana::tuple<terminal<Tag>, typename held<Types>::type...>>;

template <class Tag, class... Types>
constexpr call<Tag, Types...> make_call(Types const&... operands) {
  return {boost::hana::tuple<terminal<Tag>, typename held<Types>::type...>{terminal<Tag>{}, hold(operands)...}};
}

template <class Record>
struct make<Record, expr_kind::call> {
  template <class... Types>
  using type = call<function_tag<Record>, Types...>;

  template <class... Types>
  static constexpr type<Types...> from(Types const&... operands) {
    return make_call<function_tag<Record>>(operands...);
  }
};

}  // namespace detail

template <Formula Type>
struct algebra<Type> {
  static constexpr bool exists = true;

  template <class Record, class... Types>
  using result = typename detail::make<Record>::template type<Types...>;

  template <class Record, class... Types>
  static constexpr result<Record, Types...> apply(Types const&... operands) {
    return detail::make<Record>::from(operands...);
  }

  template <class Record>
  static constexpr result<Record> constant(Type const&) {
    return detail::make<Record>::from();
  }

  template <text Axis, class Left, class Right>
  static constexpr auto scan(place<Axis> neighbour, Left const& a, Right const& b) {
    return detail::make_call<detail::scan_tag<Axis>>(a, b, neighbour.offset);
  }

  template <text Axis>
  static constexpr auto inside(Type const&, place<Axis> at) {
    return detail::make_call<detail::inside_tag<Axis>>(at.offset);
  }

  template <class Record, text Axis>
  static constexpr auto along(Type const&) {
    return detail::make_call<detail::axis_tag<Record, Axis>>();
  }

  template <class Record, text Axis, class... Types>
  static constexpr auto reduce(Types const&... operands) {
    return detail::make_call<detail::reduction_tag<Record, Axis>>(operands...);
  }
};

}  // namespace ddx

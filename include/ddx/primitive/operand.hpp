// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// User algebra: sin(x), a + b and their like, for whatever kind of operand: formulas, traced values, numbers.
#pragma once

#include <source_location>
#include <type_traits>

namespace ddx {

/// What applying a record to operands of type `Type` means. A kind of operand (a formula, a traced value, …) specialises
/// it with `template <class Record> static constexpr result<Record, Types...> apply(Types const&...)`. The result type is
/// named, not deduced: rules refer to one another in circles (sin, cos).
template <class Type>
struct algebra {
  static constexpr bool exists = false;
};

/// A type of ddx that stands for a value in user algebra.
template <class Type>
concept Operand = algebra<std::remove_cvref_t<Type>>::exists;

template <class Type>
concept Arithmetic = std::is_arithmetic_v<std::remove_cvref_t<Type>>;

namespace detail {

template <class... Types>
struct first_operand {};
template <class First, class... Rest>
struct first_operand<First, Rest...> : first_operand<Rest...> {};
template <Operand First, class... Rest>
struct first_operand<First, Rest...> {
  using type = std::remove_cvref_t<First>;
};

}  // namespace detail

/// At least one operand of ddx, the others operands or numbers: others' types are never hijacked.
template <class... Types>
concept Operands = (Operand<Types> || ...) && ((Operand<Types> || Arithmetic<Types>) && ...);

template <class... Types>
using algebra_of = algebra<typename detail::first_operand<Types...>::type>;

template <class Record, class... Types>
using result_of = typename algebra_of<Types...>::template result<Record, Types...>;

/// `Record` applied to operands and numbers, in the algebra of the first operand.
template <class Record, class... Types>
constexpr result_of<Record, Types...> apply(Types const&... operands) {
  return algebra_of<Types...>::template apply<Record>(operands...);
}

/// Where a function is called: as the type of a default argument.
struct call_site {
  std::source_location where;
  constexpr call_site(std::source_location at = std::source_location::current()) : where(at) {}
};

/// Operands whose algebra is told where it is applied: `apply_at<Record>(site, operands…)`.
template <class Type>
concept Sited = requires { requires algebra<std::remove_cvref_t<Type>>::sited; };

/// What a record gives of operands and numbers, applied at a place of the program.
template <class Record, class... Types>
constexpr result_of<Record, Types...> apply_at(call_site site, Types const&... operands) {
  return algebra_of<Types...>::template apply_at<Record>(site, operands...);
}

namespace detail {

/// Operators have no default arguments: operands that tell the place of arithmetic bring operators of their own.
template <class Record, class... Types>
concept OwnOperator = (Sited<Types> || ...) && !requires { requires Record::condition; };

template <class>
inline constexpr bool never = false;

/// Whatever is not an operand. Conversion to it ranks below every other match, so others' operators come first.
struct anything {
  template <class Type>
  constexpr anything(Type const&) {}
};

}  // namespace detail

}  // namespace ddx

/// Gives a record of the library its public function: for every kind of operand, found by argument-dependent lookup.
/// A macro because a function's name cannot be a template argument. Users write DDX_FUNCTION, in custom.hpp.
#define DDX_LIBRARY_FUNCTION(function, Record)                                                         \
  template <class... Types>                                                                            \
    requires(::ddx::Operands<Types...> && sizeof...(Types) == ::ddx::record_arity<Record>)             \
  constexpr ::ddx::result_of<Record, Types...> function(Types const&... operands) {                    \
    return ::ddx::apply<Record>(operands...);                                                          \
  }                                                                                                    \
  template <::ddx::Sited Only>                                                                         \
    requires(::ddx::record_arity<Record> == 1)::ddx::result_of<Record, Only>                           \
  function(Only const& operand, ::ddx::call_site site = {}) {                                          \
    return ::ddx::apply_at<Record>(site, operand);                                                     \
  }                                                                                                    \
  template <class First, class Second>                                                                 \
    requires((::ddx::Sited<First> || ::ddx::Sited<Second>) && ::ddx::Operands<First, Second> &&        \
             ::ddx::record_arity<Record> == 2)::ddx::result_of<Record, First, Second>                  \
  function(First const& first, Second const& second, ::ddx::call_site site = {}) {                     \
    return ::ddx::apply_at<Record>(site, first, second);                                               \
  }                                                                                                    \
  template <class First, class Second, class Third>                                                    \
    requires((::ddx::Sited<First> || ::ddx::Sited<Second> || ::ddx::Sited<Third>) &&                   \
             ::ddx::Operands<First, Second, Third> &&                                                  \
             ::ddx::record_arity<Record> == 3)::ddx::result_of<Record, First, Second, Third>           \
  function(First const& first, Second const& second, Third const& third, ::ddx::call_site site = {}) { \
    return ::ddx::apply_at<Record>(site, first, second, third);                                        \
  }                                                                                                    \
  template <class... Types>                                                                            \
    requires((::ddx::Operand<Types> || ...) &&                                                         \
             !(::ddx::Operands<Types...> && sizeof...(Types) == ::ddx::record_arity<Record>))          \
  constexpr auto function(Types const&...) {                                                           \
    static_assert(sizeof...(Types) == ::ddx::record_arity<Record>,                                     \
                  "ddx: " #function " is called with another number of operands than it takes");       \
    static_assert(sizeof...(Types) != ::ddx::record_arity<Record> || ::ddx::detail::never<Record>,     \
                  "ddx: an operand of " #function " is neither a formula nor a number");               \
  }                                                                                                    \
  static_assert(true)

/// The same for an operator with two operands.
#define DDX_OPERATOR(symbol, Record)                                                                               \
  template <class Left, class Right>                                                                               \
    requires(Operands<Left, Right> && !detail::OwnOperator<Record, Left, Right>)                                   \
  constexpr result_of<Record, Left, Right> operator symbol(Left const& left, Right const& right) {                 \
    return apply<Record>(left, right);                                                                             \
  }                                                                                                                \
  template <Operand Left>                                                                                          \
    requires(!detail::OwnOperator<Record, Left>)                                                                   \
  constexpr Left operator symbol(Left const& left, detail::anything) {                                             \
    static_assert(detail::never<Left>, "ddx: the right operand of " #symbol " is neither a formula nor a number"); \
    return left;                                                                                                   \
  }                                                                                                                \
  template <Operand Right>                                                                                         \
    requires(!detail::OwnOperator<Record, Right>)                                                                  \
  constexpr Right operator symbol(detail::anything, Right const& right) {                                          \
    static_assert(detail::never<Right>, "ddx: the left operand of " #symbol " is neither a formula nor a number"); \
    return right;                                                                                                  \
  }                                                                                                                \
  static_assert(true)

/// The same for an operator with one operand.
#define DDX_PREFIX_OPERATOR(symbol, Record)                                \
  template <Operand Type>                                                  \
  constexpr result_of<Record, Type> operator symbol(Type const& operand) { \
    return apply<Record>(operand);                                         \
  }                                                                        \
  static_assert(true)

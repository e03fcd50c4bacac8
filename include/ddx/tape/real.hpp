// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// real: a double that remembers how it was computed while a tape records. Operators and functions make expressions; an
// expression that becomes a real is one statement on the tape.
#pragma once

#include "recording.hpp"

namespace ddx {

class real;

namespace detail {

/// A number or truth value that enters an expression as it is.
struct passive {
  double it;
  static constexpr std::uint32_t variables = 0, constants = 1;
  static constexpr int steps = 1;

  constexpr double value() const { return it; }
};

template <class Record, class... Operands>
class real_expression;

template <class Type>
inline constexpr bool is_expression = false;
template <class Record, class... Operands>
inline constexpr bool is_expression<real_expression<Record, Operands...>> = true;

}  // namespace detail

template <>
struct algebra<real> {
  static constexpr bool exists = true;

  template <class Type>
  using stored = std::conditional_t<std::is_arithmetic_v<Type>, detail::passive, Type>;

  template <class Record, class... Types>
  using result =
      std::conditional_t<detail::is_condition<Record>, bool, detail::real_expression<Record, stored<Types>...>>;

  template <class Record, class... Types>
  DDX_INLINE static constexpr result<Record, Types...> apply(Types const&... operands) {
    return [&]<unsigned... Is>(std::integer_sequence<unsigned, Is...>) DDX_INLINE_LAMBDA {
      return applied<Record>(operand < (detail::conditions_of<Record> >> Is & 1u) != 0 > (operands)...);
    }(std::make_integer_sequence<unsigned, sizeof...(Types)>{});
  }

  template <class Record, class Near>
  static constexpr Near constant(Near const&) {
    return Near(Record::value());
  }

 private:
  template <bool Condition, class Type>
  DDX_INLINE static constexpr auto operand(Type const& given) {
    if constexpr (Condition) return detail::passive{static_cast<bool>(given) ? 1.0 : 0.0};
    else if constexpr (std::is_arithmetic_v<Type>) return detail::passive{static_cast<double>(given)};
    else return given;
  }

  template <class Record, class... Types>
  DDX_INLINE static constexpr auto applied(Types const&... operands);
};

template <class Record, class... Types>
struct algebra<detail::real_expression<Record, Types...>> : algebra<real> {};

/// What operators and functions of reals give: it holds its operands by value, so `auto e = a * b;` outlives a and b.
template <class Type>
concept RealExpression = detail::is_expression<std::remove_cvref_t<Type>>;

/// A number for templates that are written for double. Numbers that come from `tape.input` and all that is computed of
/// them are recorded on the tape that was made last on this thread and lives; others are doubles and cost nothing.
/// Comparisons compare values, and the tape keeps their outcome, so that a replay tells when the program would have
/// gone another way. 16 bytes, trivially copyable.
///
/// A function template called with an expression deduces the expression's type, as with any expression templates:
/// f(real(a * b)).
class real {
 public:
  static constexpr std::uint32_t variables = 1, constants = 0;
  static constexpr int steps = 1;

  constexpr real() = default;
  template <Arithmetic Number>
  constexpr real(Number number) : value_(static_cast<double>(number)) {}
  /// Records a statement. Throws error where the expression has numbers of another tape, or of one that is gone or was
  /// reset.
  template <RealExpression Type>
  DDX_INLINE real(Type const& expression, std::source_location where = std::source_location::current());

  constexpr double value() const { return value_; }
  /// Whether it depends on an input of a tape.
  constexpr bool recorded() const { return place_ != 0; }

  /// The value as another number. Whole numbers and truth values steer programs, so the tape keeps them as outcomes.
  template <Arithmetic Number>
  constexpr explicit operator Number() const;

  template <class Other>
    requires Operands<real, Other>
  DDX_INLINE real& operator+=(Other const& other) {
    return assign(*this + other);
  }
  template <class Other>
    requires Operands<real, Other>
  DDX_INLINE real& operator-=(Other const& other) {
    return assign(*this - other);
  }
  template <class Other>
    requires Operands<real, Other>
  DDX_INLINE real& operator*=(Other const& other) {
    return assign(*this * other);
  }
  template <class Other>
    requires Operands<real, Other>
  DDX_INLINE real& operator/=(Other const& other) {
    return assign(*this / other);
  }
  real& operator++();
  real& operator--();
  real operator++(int);
  real operator--(int);

  // What expressions and tapes need: the tape's tag in the upper half, the variable in the lower one; 0 where it is not
  // recorded.
  struct place {
    std::uint64_t it;
  };
  constexpr real(double number, place at) : value_(number), place_(at.it) {}
  constexpr std::uint64_t at() const { return place_; }
  constexpr std::uint32_t index() const { return static_cast<std::uint32_t>(place_); }

 private:
  template <class Type>
  DDX_INLINE real& assign(Type const& expression);

  double value_ = 0;
  std::uint64_t place_ = 0;
};

}  // namespace ddx

#include "expression.hpp"  // defines what makes, records and replays expressions

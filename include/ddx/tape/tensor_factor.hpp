// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The rules of records enter; what adjoints are multiplied with leaves: for numbers, vectors and tensors by one algebra, which
// remembers where a factor is a zero that a choice selected.
#pragma once

#include <limits>

#include "../primitive/records.hpp"

namespace ddx {

/// A factor in a rule, and where it is the zero of a branch not taken: whatever it is multiplied with counts for nothing there.
/// `Traits` says what numbers and truth values are and how records apply to them.
template <class Traits>
struct factor {
  typename Traits::number value;
  typename Traits::truth zero = Traits::no;
};

/// A truth value in a rule.
template <class Traits>
struct factor_truth {
  typename Traits::truth value;
};

namespace detail {

template <class Record>
inline constexpr bool gives_truth = requires { requires Record::condition; };

template <class Record, int Operand>
inline constexpr bool takes_condition = requires { requires(Record::takes_conditions >> Operand & 1u) != 0; };

template <class Traits>
struct factor_algebra {
  static constexpr bool exists = true;
  using number = typename Traits::number;
  using truth = typename Traits::truth;

  template <class Record, class... Types>
  using result = std::conditional_t<gives_truth<Record>, factor_truth<Traits>, factor<Traits>>;

  template <class Record, class... Types>
  static constexpr result<Record> apply(Types const&... operands) {
    if constexpr (is_choice<Record>) return chosen(operands...);
    else if constexpr (gives_truth<Record>) return {converted<Record, truth>(operands...)};
    else if constexpr (zero_operands<Record> != 0)
      return {converted<Record, number>(operands...), zero_of<zero_operands<Record>>(operands...)};
    else if constexpr (is_power<Record>) return {raised<Record>(operands...)};
    else return {converted<Record, number>(operands...)};
  }

  template <class Record>
  static constexpr factor<Traits> constant(factor<Traits> const&) {
    return {Traits::from(Record::value())};
  }

  template <Arithmetic Number>
  static constexpr number to_number(Number operand) {
    return Traits::from(operand);
  }
  static constexpr number to_number(factor<Traits> const& operand) { return operand.value; }
  static constexpr number to_number(factor_truth<Traits> const& operand) {
    return Traits::where(operand.value, Traits::from(1), Traits::from(0));
  }

  static constexpr truth to_truth(factor_truth<Traits> const& operand) { return operand.value; }
  template <class Type>
  static constexpr truth to_truth(Type const& operand) {
    return Traits::template test<not_equal_>(to_number(operand), Traits::from(0));
  }

  template <class Type>
  static constexpr truth zero(Type const&) {
    return Traits::no;
  }
  static constexpr truth zero(factor<Traits> const& operand) { return operand.zero; }

 private:
  template <class Record, class Result, class... Types>
  static constexpr Result converted(Types const&... operands) {
    return [&]<int... Is>(std::integer_sequence<int, Is...>) {
      auto const operand = [](auto index, auto const& value) {
        if constexpr (takes_condition<Record, decltype(index)::value>) return to_truth(value);
        else return to_number(value);
      };
      if constexpr (gives_truth<Record>)
        return Traits::template test<Record>(operand(std::integral_constant<int, Is>{}, operands)...);
      else return Traits::template call<Record>(operand(std::integral_constant<int, Is>{}, operands)...);
    }(std::make_integer_sequence<int, sizeof...(Types)>{});
  }

  /// A number as the exponent is one for all elements.
  template <class Record, class Base, class Exponent>
  static constexpr number raised(Base const& base, Exponent const& exponent) {
    if constexpr (Arithmetic<Exponent> && requires { Traits::template power<Record>(to_number(base), exponent); })
      return Traits::template power<Record>(to_number(base), exponent);
    else return converted<Record, number>(base, exponent);
  }

  /// Whether a structural zero is among the operands of a set.
  template <unsigned Which, class First, class... Rest>
  static constexpr truth zero_of(First const& first, Rest const&... rest) {
    if constexpr (sizeof...(Rest) == 0 || Which >> 1 == 0) return zero(first);
    else if constexpr ((Which & 1u) == 0) return zero_of<(Which >> 1)>(rest...);
    else return Traits::either(zero(first), zero_of<(Which >> 1)>(rest...));
  }

  /// A literal 0 in a branch is a structural zero; so is whatever was one already.
  template <class Condition, class First, class Second>
  static constexpr factor<Traits> chosen(Condition const& condition, First const& first, Second const& second) {
    truth const taken = to_truth(condition);
    number const value = Traits::where(taken, to_number(first), to_number(second));
    return {value, Traits::choose(taken, branch_zero(first), branch_zero(second))};
  }
  template <class Type>
  static constexpr truth branch_zero(Type const& operand) {
    if constexpr (Arithmetic<Type>) return Traits::truth_of(operand == 0);
    else return zero(operand);
  }
};

}  // namespace detail

template <class Traits>
struct algebra<factor<Traits>> : detail::factor_algebra<Traits> {};
template <class Traits>
struct algebra<factor_truth<Traits>> : detail::factor_algebra<Traits> {};

/// A number in the algebra of `near`, so that functions of it stay what they are.
template <Arithmetic Number, class Traits>
constexpr factor<Traits> number_like(Number number, factor<Traits> const&) {
  return {Traits::from(number)};
}

namespace detail {

/// Which operands a rule reads, a bit each; the result is the bit behind them.
struct reads {
  using number = unsigned;
  using truth = unsigned;
  static constexpr unsigned no = 0;
  template <class Number>
  static constexpr unsigned from(Number) {
    return 0;
  }
  template <class Record, class... Operands>
  static constexpr unsigned call(Operands... operands) {
    return (0u | ... | operands);
  }
  template <class Record, class... Operands>
  static constexpr unsigned test(Operands... operands) {
    return (0u | ... | operands);
  }
  static constexpr unsigned where(unsigned condition, unsigned first, unsigned second) {
    return condition | first | second;
  }
  static constexpr unsigned choose(unsigned, unsigned, unsigned) { return 0; }
  static constexpr unsigned either(unsigned, unsigned) { return 0; }
  static constexpr unsigned truth_of(bool) { return 0; }
};

/// The numbers of C++, for records of users.
template <class Element>
struct numbers {
  using number = Element;
  using truth = bool;
  static constexpr bool no = false;
  template <class Number>
  static constexpr Element from(Number value) {
    return static_cast<Element>(value);
  }
  template <class Record, class... Operands>
  static constexpr Element call(Operands... operands) {
    return static_cast<Element>(Record::value(operands...));
  }
  template <class Record, class... Operands>
  static constexpr bool test(Operands... operands) {
    return Record::value(operands...);
  }
  static constexpr Element where(bool condition, Element first, Element second) { return condition ? first : second; }
  static constexpr bool choose(bool condition, bool first, bool second) { return condition ? first : second; }
  static constexpr bool either(bool first, bool second) { return first || second; }
  static constexpr bool truth_of(bool value) { return value; }
};

template <class Record, int Operand>
using rule_at = typename decltype(Record::partials)::template rule<Operand>;

/// Calls the rule for `Operand` with `operand(0)`, `operand(1)`, …, the last being the result.
template <class Record, int Operand, class Operands>
constexpr auto rule_of_operands(Operands const& operand) {
  return [&]<int... Is>(std::integer_sequence<int, Is...>) {
    auto const argument = [&](auto index) {
      if constexpr (takes_condition<Record, decltype(index)::value> && decltype(index)::value < record_arity<Record>)
        return operand.truth(index);
      else return operand.number(index);
    };
    return rule_at<Record, Operand>{}(argument(std::integral_constant<int, Is>{})...);
  }(std::make_integer_sequence<int, record_arity<Record> + 1>{});
}

struct reading {
  template <class Index>
  constexpr factor<reads> number(Index) const {
    return {1u << Index::value};
  }
  template <class Index>
  constexpr factor_truth<reads> truth(Index) const {
    return {1u << Index::value};
  }
};

/// Whether the rule is a plain number, and which; and what it reads.
struct rule_facts {
  bool constant = false;
  double number = 0;
  unsigned needs = 0;
};

template <class Record, int Operand>
constexpr rule_facts facts_of_rule() {
  auto const result = rule_of_operands<Record, Operand>(reading{});
  if constexpr (Arithmetic<decltype(result)>) return {true, static_cast<double>(result), 0};
  else return {false, 0, result.value};
}

}  // namespace detail

}  // namespace ddx

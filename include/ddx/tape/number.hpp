// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Numbers as operands of user algebra: doubles and dual numbers enter, the records' values and partial derivatives of
// them leave.
#pragma once

#include "../primitive/records.hpp"

namespace ddx {

/// A value and its derivative in one direction.
struct dual {
  double value = 0;
  double dot = 0;

  constexpr dual() = default;
  constexpr dual(double number) : value(number) {}
  constexpr dual(double number, double slope) : value(number), dot(slope) {}
  constexpr bool operator==(dual const& other) const { return value == other.value && dot == other.dot; }
};

/// A number that the rules of records take and give; `Value` is double or dual.
template <class Value>
struct number {
  Value value;
};

/// What a comparison of numbers gives.
template <class Value>
struct truth {
  bool value;
};

/// What `where` of numbers gives: 0 there means a branch that was not taken.
template <class Value>
struct choice : number<Value> {};

namespace detail {

template <class Record>
inline constexpr bool is_condition = requires { requires Record::condition; };

template <class Record>
inline constexpr unsigned conditions_of = [] {
  if constexpr (requires { Record::takes_conditions; }) return Record::takes_conditions;
  else return 0u;
}();

/// Small whole powers as products, at most three roundings from the exact power; they are what most programs write.
/// `otherwise()` is the power for other exponents. The base is a number or a vector of them.
DDX_CONTRACTED_BEGIN
template <class Number, class Exponent, class Otherwise>
DDX_INLINE constexpr Number power(Number const& base, Exponent exponent, Otherwise const& otherwise) {
  if (exponent == 2) return base * base;
  if (exponent == 1) return base;
  if (exponent == 3) return base * base * base;
  if (exponent == -1) return Number(1) / base;
  if (exponent == 4) return (base * base) * (base * base);
  return otherwise();
}
DDX_CONTRACTED_END

/// `Record` of doubles and truth values.
template <class Record, class... Arguments>
DDX_INLINE constexpr auto value_at(Arguments... arguments) {
  if constexpr (is_power<Record>)
    return [](double base, double exponent) DDX_INLINE_LAMBDA {
      return power(base, exponent, [&] { return Record::value(base, exponent); });
    }(arguments...);
  else return Record::value(arguments...);
}

template <class Record, class... Arguments>
constexpr auto value_at_dual(Arguments const&... arguments);

/// An operand of the rules as a bare value: truth values stay so where the record takes them.
template <bool Condition, class Value, class Type>
DDX_INLINE constexpr auto bare(Type const& operand) {
  if constexpr (std::is_arithmetic_v<Type>) {
    if constexpr (Condition) return operand != 0;
    else return Value(static_cast<double>(operand));
  } else if constexpr (std::is_same_v<Type, truth<Value>>) {
    if constexpr (Condition) return operand.value;
    else return Value(operand.value ? 1.0 : 0.0);
  } else {
    static_assert(!Condition, "ddx: a rule of a record takes a number for a truth value; compare it with 0");
    return operand.value;
  }
}

template <class Value>
struct number_algebra {
  static constexpr bool exists = true;

  template <class Record, class... Types>
  using result = std::conditional_t<is_condition<Record>, truth<Value>,
                                    std::conditional_t<is_choice<Record>, choice<Value>, number<Value>>>;

  template <class Record, class... Types>
  DDX_INLINE static constexpr result<Record> apply(Types const&... operands) {
    using bare_result = std::conditional_t<is_condition<Record>, bool, Value>;
    return [&]<unsigned... Is>(std::integer_sequence<unsigned, Is...>) DDX_INLINE_LAMBDA -> result<Record> {
      if constexpr (std::is_same_v<Value, double>)
        return {static_cast<bare_result>(
            value_at<Record>(bare < (conditions_of<Record> >> Is & 1u) != 0, Value > (operands)...))};
      else
        return {static_cast<bare_result>(
            value_at_dual<Record>(bare < (conditions_of<Record> >> Is & 1u) != 0, Value > (operands)...))};
    }(std::make_integer_sequence<unsigned, sizeof...(Types)>{});
  }

  template <class Record, class Near>
  DDX_INLINE static constexpr number<Value> constant(Near const&) {
    return {Value(Record::value())};
  }
};

}  // namespace detail

template <class Value>
struct algebra<number<Value>> : detail::number_algebra<Value> {};
template <class Value>
struct algebra<truth<Value>> : detail::number_algebra<Value> {};
template <class Value>
struct algebra<choice<Value>> : detail::number_algebra<Value> {};

template <Arithmetic Literal, class Value>
constexpr number<Value> number_like(Literal literal, number<Value> const&) {
  return {Value(static_cast<double>(literal))};
}

namespace detail {

/// The partial derivative of `Record` by an operand, in whatever its rule gives: a literal, a number or a choice.
template <class Record, int Operand, class Value, class... Arguments>
DDX_INLINE constexpr auto partial_at(Value const& result, Arguments const&... arguments) {
  using rule = typename decltype(Record::partials)::template rule<Operand>;
  auto const wrap = [](auto const& argument) DDX_INLINE_LAMBDA {
    if constexpr (std::is_same_v<decltype(argument), bool const&>) return truth<Value>{argument};
    else return number<Value>{argument};
  };
  return rule{}(wrap(arguments)..., number<Value>{result});
}

DDX_CONTRACTED_BEGIN

DDX_INLINE constexpr double times(double left, double right) { return left * right; }
DDX_INLINE constexpr dual times(dual const& left, dual const& right) {
  return {left.value * right.value, left.value * right.dot + left.dot * right.value};
}

/// Hands adjoint * partial on to `sink`, and nothing where the rule says 0 or a branch was not taken: 0 * inf must not
/// leak from there.
template <class Value, class Partial, class Sink>
DDX_INLINE constexpr void chain(Value const& adjoint, Partial const& partial, Sink const& sink) {
  if constexpr (std::is_arithmetic_v<Partial>) {
    if (partial != 0) sink(partial == 1 ? adjoint : times(adjoint, Value(static_cast<double>(partial))));
  } else if constexpr (std::is_same_v<Partial, choice<Value>>) {
    if (!(partial.value == Value(0.0))) sink(times(adjoint, partial.value));
  } else if constexpr (std::is_same_v<Partial, truth<Value>>) {
    if (partial.value) sink(adjoint);
  } else {
    sink(times(adjoint, partial.value));
  }
}

DDX_CONTRACTED_END

DDX_INLINE constexpr double primal(dual const& argument) { return argument.value; }
DDX_INLINE constexpr bool primal(bool argument) { return argument; }
DDX_INLINE constexpr double slope(dual const& argument) { return argument.dot; }
DDX_INLINE constexpr double slope(bool) { return 0; }

/// `Record` of dual numbers: the slope by the record's rules on doubles.
template <class Record, class... Arguments>
constexpr auto value_at_dual(Arguments const&... arguments) {
  if constexpr (is_choice<Record>) {
    return select(arguments...);
  } else if constexpr (is_condition<Record>) {
    return value_at<Record>(primal(arguments)...);
  } else {
    dual result(static_cast<double>(value_at<Record>(primal(arguments)...)));
    double const slopes[]{slope(arguments)...};
    [&]<int... Is>(std::integer_sequence<int, Is...>) {
      auto const add = [&]<int Operand>(std::integral_constant<int, Operand>) {
        if (slopes[Operand] == 0) return;
        chain(slopes[Operand], partial_at<Record, Operand>(result.value, primal(arguments)...),
              [&](double part) { result.dot += part; });
      };
      (add(std::integral_constant<int, Is>{}), ...);
    }(std::make_integer_sequence<int, sizeof...(Arguments)>{});
    return result;
  }
}

/// A record's rules on dual numbers, for the passes that take a statement apart: second order, recording into a graph,
/// looking for faults.
struct numeric_rules {
  dual (*value)(dual const* operands);
  /// Sets `contribution` to adjoint * partial derivative by an operand and answers whether there is one.
  bool (*contribute)(int operand, dual const* operands, dual const& result, dual const& adjoint, dual& contribution);
};

template <class Record>
struct rules_on_duals {
  template <int... Is>
  static dual value_in(dual const* operands, std::integer_sequence<int, Is...>) {
    return static_cast<dual>(value_at_dual<Record>(argument<Is>(operands)...));
  }

  template <int Operand, int... Is>
  static bool contribute_in(dual const* operands, dual const& result, dual const& adjoint, dual& contribution,
                            std::integer_sequence<int, Is...>) {
    bool any = false;
    chain(adjoint, partial_at<Record, Operand>(result, argument<Is>(operands)...), [&](dual const& part) {
      contribution = part;
      any = true;
    });
    return any;
  }

  static dual value(dual const* operands) { return value_in(operands, all{}); }

  static bool contribute(int operand, dual const* operands, dual const& result, dual const& adjoint,
                         dual& contribution) {
    return [&]<int... Is>(std::integer_sequence<int, Is...>) {
      bool any = false;
      (void)((operand == Is && (any = contribute_in<Is>(operands, result, adjoint, contribution, all{}), true)) || ...);
      return any;
    }(all{});
  }

  static constexpr numeric_rules table{&value, &contribute};

 private:
  using all = std::make_integer_sequence<int, record_arity<Record>>;

  template <int Index>
  static auto argument(dual const* operands) {
    if constexpr ((conditions_of<Record> >> Index & 1u) != 0) return operands[Index].value != 0;
    else return operands[Index];
  }
};

/// The rules of users' records; those of the library's are compiled once, in the library.
template <class Record>
constexpr numeric_rules const* own_rules() {
  if constexpr (is_library_primitive(hash_of(Record::name))) return nullptr;
  else return &rules_on_duals<Record>::table;
}

}  // namespace detail
}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A user's record enters, a function like the library's own leaves: DDX_FUNCTION.
#pragma once

#include "records.hpp"

namespace ddx::detail {

template <class Record, int... Operands>
constexpr bool value_takes(std::integer_sequence<int, Operands...>) {
  return std::is_invocable_v<decltype(Record::value) const&, decltype(argument_of<Record, Operands>(nullptr))...>;
}

template <class Record, class Rule, int... Operands>
constexpr bool rule_takes(std::integer_sequence<int, Operands...>) {
  return std::is_invocable_v<Rule const&, std::enable_if_t<(Operands >= 0), traced>..., traced>;
}

template <class Record, class... Rules>
constexpr bool rules_take(rules<Rules...> const&) {
  return (rule_takes<Record, Rules>(std::make_integer_sequence<int, sizeof...(Rules)>{}) && ...);
}

/// Says in a sentence what a record lacks.
template <class Record>
constexpr bool check_members() {
  constexpr bool named = requires { std::string_view(Record::name); };
  constexpr bool ruled = requires { decltype(Record::partials)::count; };
  constexpr bool valued = requires { Record::value; };
  static_assert(
      named,
      "ddx: DDX_FUNCTION(function, record): the record has no name; write static constexpr std::string_view name "
      "= \"function\";");
  static_assert(ruled,
                "ddx: DDX_FUNCTION(function, record): the record has no partials; write static constexpr ddx::rules "
                "partials{...} with a lambda for each operand");
  static_assert(valued,
                "ddx: DDX_FUNCTION(function, record): the record has no value; write static constexpr auto value = "
                "[](double x) { ... };");
  if constexpr (named) {
    static_assert(!is_library_primitive(hash_of(Record::name)),
                  "ddx: DDX_FUNCTION(function, record): ddx has a primitive of the record's name; choose another name");
  }
  return true;
}

/// Says in a sentence where the members of a record do not fit together. After the function, which rules may call.
template <class Record>
constexpr bool check_operands() {
  if constexpr (requires { Record::value; }) {
    constexpr int arity = record_arity<Record>;
    static_assert(
        arity >= 1 && arity <= max_arity,
        "ddx: DDX_FUNCTION(function, record): a function has one to three operands, a rule in partials for each");
    static_assert(value_takes<Record>(std::make_integer_sequence<int, arity>{}),
                  "ddx: DDX_FUNCTION(function, record): value must take as many numbers as partials has rules");
    static_assert(
        rules_take<Record>(Record::partials),
        "ddx: DDX_FUNCTION(function, record): each rule in partials must take all operands and, last, the result");
  }
  return true;
}

}  // namespace ddx::detail

/// Makes `function` the public function of the user's record `Record`, in the user's namespace or in ddx: of formulas,
/// traced values and numbers among them. The record has a name no other primitive has, a value (a lambda of doubles, or
/// a generic one that vectors may enter too) and partials, a lambda an operand, each of all operands and the result;
/// printed forms are optional.
#define DDX_FUNCTION(function, Record)                   \
  static_assert(::ddx::detail::check_members<Record>()); \
  DDX_LIBRARY_FUNCTION(function, Record);                \
  static_assert(::ddx::detail::check_operands<Record>())

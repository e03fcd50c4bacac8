// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// From a record (name, value, partial derivatives, printed form, domain) to the facts that graph passes use.
#pragma once

#include <array>
#include <tuple>
#include <type_traits>
#include <utility>

#include "../graph/traced.hpp"
#include "operand.hpp"
#include "primitive.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx {

/// The partial derivatives of a record, one lambda an operand, each of (operands…, result) in user algebra.
template <class... Lambdas>
struct rules {
  static constexpr int count = sizeof...(Lambdas);
  constexpr rules(Lambdas...) {}

  template <int Operand>
  using rule = std::tuple_element_t<Operand, std::tuple<Lambdas...>>;
};

template <class Record>
inline constexpr int record_arity = decltype(Record::partials)::count;

// What a record may say besides, for those who compute with numbers:
//   exact_on_whole   its value of whole numbers is one, so that integers stay integers
//   cheap            its value costs no more than reading it from memory; so does what is exact on whole numbers
//   chooses          its value is operand 1 where condition 0 holds, operand 2 elsewhere
//   zero_by          a bit for each operand whose structural zero is one of the result, whatever the others are
//   exponent         the operand whose small whole values make products
//   kink             where the value has a kink or a jump, although the rules give numbers there: of operands as doubles

template <class Record>
inline constexpr bool is_exact_on_whole = requires { requires Record::exact_on_whole; };
template <class Record>
inline constexpr bool is_cheap = is_exact_on_whole<Record> || requires { requires Record::cheap; };
template <class Record>
inline constexpr bool is_choice = requires { requires Record::chooses; };
template <class Record>
inline constexpr bool is_power = requires { Record::exponent; };
template <class Record>
inline constexpr unsigned zero_operands = [] {
  if constexpr (requires { Record::zero_by; }) return Record::zero_by;
  else return 0u;
}();

namespace detail {

/// The axis that a reduction closes, as its rules see it.
struct along_axis {
  graph* owner;
  int axis;

  constexpr traced size() const;
  constexpr traced position() const;
  template <class Record>
  constexpr traced of(traced const& operand) const;
  constexpr traced sum(traced const& operand) const;
  constexpr traced product_of_others(traced const& operand) const;
  constexpr traced max(traced const& operand) const;
};

/// Applies a lambda in user algebra to a node's operands and whatever else it takes.
template <class Lambda, int Arity, class... More>
constexpr int expand(graph& g, int self, More const&... more) {
  return [&]<int... Is>(std::integer_sequence<int, Is...>) {
    int const operands[max_arity]{g.nodes[self].operands[0], g.nodes[self].operands[1], g.nodes[self].operands[2]};
    return traced(Lambda{}(traced(g, operands[Is])..., more...)).node_in(g);
  }(std::make_integer_sequence<int, Arity>{});
}

template <class Record, class Lambda>
constexpr int composite_of(graph& g, int self) {
  if constexpr (requires { Record::combine; })
    return expand<Lambda, record_arity<Record>>(g, self, along_axis{&g, g.nodes[self].index});
  else return expand<Lambda, record_arity<Record>>(g, self);
}

template <class Record>
constexpr int within_of(graph& g, int operand, int inside, int axis) {
  return traced(Record::within(traced(g, operand), traced(g, inside), along_axis{&g, axis})).node_in(g);
}

template <class Record, int Operand>
constexpr int rule_of(graph& g, int self) {
  using lambda = typename decltype(Record::partials)::template rule<Operand>;
  if constexpr (requires { Record::combine; })
    return expand<lambda, record_arity<Record>>(g, self, traced(g, self), along_axis{&g, g.nodes[self].index});
  else return expand<lambda, record_arity<Record>>(g, self, traced(g, self));
}

template <class Record>
constexpr int partial_of(graph& g, int operand, int self) {
  return [&]<int... Is>(std::integer_sequence<int, Is...>) {
    int result = -1;
    (void)((operand == Is && (result = rule_of<Record, Is>(g, self), true)) || ...);
    return result;
  }(std::make_integer_sequence<int, record_arity<Record>>{});
}

template <class Record, int Operand>
constexpr auto argument_of(double const* operands) {
  if constexpr (requires { requires(Record::takes_conditions >> Operand & 1u) != 0; }) return operands[Operand] != 0;
  else return operands[Operand];
}

template <class Record>
constexpr double value_of([[maybe_unused]] double const* operands) {
  return [&]<int... Is>(std::integer_sequence<int, Is...>) {
    return static_cast<double>(Record::value(argument_of<Record, Is>(operands)...));
  }(std::make_integer_sequence<int, record_arity<Record>>{});
}

template <class Record>
constexpr bool kink_of([[maybe_unused]] double const* operands) {
  return [&]<int... Is>(std::integer_sequence<int, Is...>) {
    return Record::kink(operands[Is]...);
  }(std::make_integer_sequence<int, record_arity<Record>>{});
}

/// Printed forms where a record does not give its own: name(a, b).
constexpr std::array<std::string_view, 4> call_patterns{"#()", "#({0})", "#({0}, {1})", "#({0}, {1}, {2})"};
constexpr std::array<std::string_view, 4> latex_patterns{"\\operatorname{#}", "\\operatorname{#}\\left({0}\\right)",
                                                         "\\operatorname{#}\\left({0}, {1}\\right)",
                                                         "\\operatorname{#}\\left({0}, {1}, {2}\\right)"};
constexpr std::array<std::string_view, 4> cpp_patterns{"std::#()", "std::#({0})", "std::#({0}, {1})",
                                                       "std::#({0}, {1}, {2})"};

}  // namespace detail

template <class Record>
struct facts;

namespace detail {

// From the address of a record's facts back to the record, so that nodes, which are values, lead to types again where code is
// emitted: each record defines the function that its tag declares.
#pragma GCC diagnostic push
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wnon-template-friend"
#endif
template <primitive const* Facts>
struct record_tag {
  friend constexpr auto record_of(record_tag);
};
#pragma GCC diagnostic pop

template <class Record>
struct record_entry {
  friend constexpr auto record_of(record_tag<&facts<Record>::value>) { return Record{}; }
};

}  // namespace detail

/// The record whose facts are at `Facts`.
template <primitive const* Facts>
using record_at = decltype(record_of(detail::record_tag<Facts>{}));

template <class Record>
constexpr primitive make_primitive() {
  static_assert(sizeof(detail::record_entry<Record>) > 0);
  constexpr int arity = record_arity<Record>;
  primitive p;
  p.name = Record::name;
  p.id = hash_of(Record::name);
  p.arity = arity;
  p.text = {detail::call_patterns[arity]};
  p.latex = {detail::latex_patterns[arity]};
  p.cpp = {detail::cpp_patterns[arity]};
  if constexpr (requires { Record::text; }) p.text = Record::text;
  p.unicode = p.text;
  if constexpr (requires { Record::unicode; }) p.unicode = Record::unicode;
  if constexpr (requires { Record::latex; }) p.latex = Record::latex;
  if constexpr (requires { Record::cpp; }) p.cpp = Record::cpp;
  if constexpr (requires { Record::kind; }) p.kind = Record::kind;
  if constexpr (requires { Record::condition; }) p.condition = Record::condition;
  p.cheap = is_cheap<Record>;
  if constexpr (requires { Record::takes_conditions; }) p.takes_conditions = Record::takes_conditions;
  if constexpr (requires { Record::takes_whole; }) p.takes_whole = Record::takes_whole;
  if constexpr (requires { Record::combine; }) p.combine = Record::combine;
  if constexpr (arity > 0) p.partial = &detail::partial_of<Record>;
  if constexpr (requires { Record::canonical; })
    p.canonical = &detail::composite_of<Record, std::remove_const_t<decltype(Record::canonical)>>;
  if constexpr (requires { Record::lowered; })
    p.lowered = &detail::composite_of<Record, std::remove_const_t<decltype(Record::lowered)>>;
  if constexpr (requires { Record::within; }) p.within = &detail::within_of<Record>;
  if constexpr (requires { Record::value; }) p.value = &detail::value_of<Record>;
  if constexpr (requires { Record::kink; }) p.kink = &detail::kink_of<Record>;
  if constexpr (requires { Record::domain; })
    for (int i = 0; i < arity; ++i) p.domain[i] = Record::domain[static_cast<unsigned>(i)];
  return p;
}

template <class Record>
struct facts {
  static constexpr primitive value = make_primitive<Record>();
};

/// The facts of `Record`.
template <class Record>
inline constexpr primitive const& info = facts<Record>::value;

template <class Record>
constexpr bool is(node const& n) {
  return n.op->id == facts<Record>::value.id;
}

}  // namespace ddx

#pragma GCC diagnostic pop

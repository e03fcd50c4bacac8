// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A record enters; its loops of vectors over elements leave.
#pragma once

#include <algorithm>
#include <array>
#include <span>

#include <ddx/simd/mathematics.hpp>
#include <ddx/simd/memory.hpp>
#include <ddx/tape/number.hpp>
#include <ddx/tape/tensor_operation.hpp>

namespace ddx::detail {

// What is made of vectors differs from one instruction set to the next; the linker must not merge it.
inline namespace DDX_ISA {

/// Vectors in rules.
template <class Element>
struct packs {
  using number = simd::pack<Element>;
  using truth = simd::mask<Element>;
  inline static truth const no{};
  template <class Number>
  DDX_INLINE static number from(Number value) {
    return number(static_cast<Element>(value));
  }
  template <class Record, class... Operands>
  DDX_INLINE static number call(Operands... operands) {
    return simd::value_of<Record>(operands...);
  }
  template <class Record, class... Operands>
  DDX_INLINE static truth test(Operands... operands) {
    return Record::value(operands...);
  }
  DDX_INLINE static number where(truth condition, number first, number second) {
    return select(condition, first, second);
  }
  DDX_INLINE static truth choose(truth condition, truth first, truth second) {
    return (condition & first) | ((!condition) & second);
  }
  DDX_INLINE static truth either(truth first, truth second) { return first | second; }
  DDX_INLINE static truth truth_of(bool value) { return value ? !truth{} : truth{}; }
  /// One exponent for all elements: pow takes 6 ns an element in libmvec with AVX2, a product 0.1.
  template <class Record, class Exponent>
  DDX_INLINE static number power(number base, Exponent exponent) {
    return detail::power(base, exponent, [&]() DDX_INLINE_LAMBDA { return call<Record>(base, from(exponent)); });
  }
};

/// Calls `body(i, rest)` with the first element of each vector and how many there are from it on: in the loops of cheap records with a
/// constant for whole vectors, so that nothing is asked there.
template <class Element, bool Cheap, class Body>
DDX_INLINE void for_vectors(std::ptrdiff_t count, Body const& body) {
  constexpr std::integral_constant<std::ptrdiff_t, simd::width<Element>> width{};
  std::ptrdiff_t i = 0;
  if constexpr (Cheap)
    for (; i + width <= count; i += width) body(i, width);
  for (; i < count; i += width) body(i, count - i);
}

/// Operands of a loop in variables of its own: what is stored could change others.
template <std::size_t Count>
DDX_INLINE std::array<elements, Count> own(elements const* operands) {
  std::array<elements, Count> result;
  std::copy_n(operands, Count, result.begin());
  return result;
}

template <class Element, class Rest>
DDX_INLINE typename packs<Element>::number pack_at(elements const& from, std::ptrdiff_t i, Rest rest) {
  Element const* const at = static_cast<Element const*>(from.data) + i * from.step;
  return rest >= simd::width<Element> || from.step == 0 ? simd::load<Element>(at) : simd::load_first<Element>(at, rest);
}

template <class Element, class Rest>
DDX_INLINE typename packs<Element>::truth mask_at(elements const& from, std::ptrdiff_t i, Rest rest) {
  bool const* const at = static_cast<bool const*>(from.data) + i * from.step;
  auto const numbers =
      rest >= simd::width<Element> || from.step == 0 ? simd::load<Element>(at) : simd::load_first<Element>(at, rest);
  return numbers != packs<Element>::from(0);
}

template <class Element, class Rest>
DDX_INLINE void store_at(void* result, std::ptrdiff_t i, Rest rest, typename packs<Element>::number value) {
  Element* const to = static_cast<Element*>(result) + i;
  if (rest >= simd::width<Element>) simd::store(to, value);
  else simd::store_first(to, rest, value);
}

template <class Element, class Rest>
DDX_INLINE void store_at(void* result, std::ptrdiff_t i, Rest rest, typename packs<Element>::truth value) {
  bool* const to = static_cast<bool*>(result) + i;
  auto const lanes = std::min<std::ptrdiff_t>(rest, simd::width<Element>);
  for (std::ptrdiff_t lane = 0; lane < lanes; ++lane) to[lane] = value.v[lane] != 0;
}

template <class Element, class Rest>
struct packs_at {
  elements const* operands;
  std::ptrdiff_t i;
  Rest rest;
  template <class Index>
  DDX_INLINE factor<packs<Element>> number(Index) const {
    return {pack_at<Element>(operands[Index::value], i, rest)};
  }
  template <class Index>
  DDX_INLINE factor_truth<packs<Element>> truth(Index) const {
    return {mask_at<Element>(operands[Index::value], i, rest)};
  }
};

struct pack_loops {
  template <class Record, class Element>
  static void value(void* result, elements const* given, std::ptrdiff_t count) {
    auto const operands = own<record_arity<Record>>(given);
    if constexpr (is_power<Record>)
      if (elements const& exponents = operands[Record::exponent]; exponents.step == 0) {
        Element const exponent = *static_cast<Element const*>(exponents.data);
        for_vectors<Element, true>(count, [&](std::ptrdiff_t i, auto rest) DDX_INLINE_LAMBDA {
          store_at<Element>(result, i, rest,
                            packs<Element>::template power<Record>(pack_at<Element>(operands[0], i, rest), exponent));
        });
        return;
      }
    for_vectors<Element, is_cheap<Record>>(count, [&](std::ptrdiff_t i, auto rest) DDX_INLINE_LAMBDA {
      auto const v = [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
        auto const operand = [&](auto which) DDX_INLINE_LAMBDA {
          if constexpr (takes_condition<Record, decltype(which)::value>)
            return mask_at<Element>(operands[decltype(which)::value], i, rest);
          else return pack_at<Element>(operands[decltype(which)::value], i, rest);
        };
        return simd::value_of<Record>(operand(std::integral_constant<int, Is>{})...);
      }(std::make_integer_sequence<int, record_arity<Record>>{});
      store_at<Element>(result, i, rest, v);
    });
  }

  template <class Record, int Operand, class Element>
  static void contribution(void* result, elements const* given, std::ptrdiff_t count) {
    using vectors = packs<Element>;
    auto const operands = own<record_arity<Record> + 2>(given);
    auto const store = [&](std::ptrdiff_t i, auto rest, auto const& rule) DDX_INLINE_LAMBDA {
      auto const adjoint = pack_at<Element>(operands[0], i, rest);
      if constexpr (Arithmetic<std::remove_cvref_t<decltype(rule)>>) {
        store_at<Element>(result, i, rest, adjoint * vectors::from(rule));
      } else {
        auto const none = rule.zero | (adjoint == vectors::from(0));
        store_at<Element>(result, i, rest, select(none, vectors::from(0), adjoint * rule.value));
      }
    };
    if constexpr (is_power<Record> && Operand == 0)
      if (elements const& exponents = operands[1 + Record::exponent]; exponents.step == 0) {
        Element const exponent = *static_cast<Element const*>(exponents.data);
        factor<vectors> const result_unread{vectors::from(0)};
        for_vectors<Element, true>(count, [&](std::ptrdiff_t i, auto rest) DDX_INLINE_LAMBDA {
          factor<vectors> const base{pack_at<Element>(operands[1], i, rest)};
          store(i, rest, rule_at<Record, 0>{}(base, exponent, result_unread));
        });
        return;
      }
    for_vectors<Element, is_cheap<Record>>(count, [&](std::ptrdiff_t i, auto rest) DDX_INLINE_LAMBDA {
      store(i, rest,
            rule_of_operands<Record, Operand>(packs_at<Element, decltype(rest)>{operands.data() + 1, i, rest}));
    });
  }
};

}  // namespace DDX_ISA

/// Loops over truth values.
template <class Record>
void truth_loop(void* result, elements const* operands, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; ++i)
    static_cast<bool*>(result)[i] = [&]<int... Is>(std::integer_sequence<int, Is...>) {
      return static_cast<bool>(Record::value(static_cast<bool const*>(operands[Is].data)[i * operands[Is].step]...));
    }(std::make_integer_sequence<int, record_arity<Record>>{});
}

/// Loops over whole numbers.
template <class Record>
void whole_loop(void* result, elements const* operands, std::ptrdiff_t count) {
  using std::abs;
  using result_type = std::conditional_t<gives_truth<Record>, bool, std::int64_t>;
  for (std::ptrdiff_t i = 0; i < count; ++i)
    static_cast<result_type*>(result)[i] = [&]<int... Is>(std::integer_sequence<int, Is...>) {
      auto const operand = [&](auto which) {
        constexpr int at = decltype(which)::value;
        if constexpr (takes_condition<Record, at>)
          return static_cast<bool const*>(operands[at].data)[i * operands[at].step];
        else return static_cast<std::int64_t const*>(operands[at].data)[i * operands[at].step];
      };
      return static_cast<result_type>(Record::value(operand(std::integral_constant<int, Is>{})...));
    }(std::make_integer_sequence<int, record_arity<Record>>{});
}

/// Whether a record is of numbers; the others are of truth values alone.
template <class Record>
inline constexpr bool has_vector_loops = !(gives_truth<Record> && takes_condition<Record, 0>);

template <class Record>
constexpr tensor_operation make_library_operation() {
  tensor_operation op;
  if constexpr (!has_vector_loops<Record>) {
    op.name = Record::name;
    op.arity = record_arity<Record>;
    op.condition = true;
    op.takes_conditions = Record::takes_conditions;
    op.value[static_cast<int>(element_kind::boolean)] = &truth_loop<Record>;
  } else {
    op = make_tensor_operation<Record, pack_loops>();
    if constexpr (takes_whole_numbers<Record>) op.value[static_cast<int>(element_kind::int64)] = &whole_loop<Record>;
  }
  op.cheap = gives_truth<Record> || is_cheap<Record>;
  return op;
}

template <class Record>
inline constexpr tensor_operation library_operation_of = make_library_operation<Record>();

inline constexpr int elementwise_count = std::tuple_size_v<elementwise_records>;
inline constexpr int record_count = elementwise_count + static_cast<int>(std::tuple_size_v<condition_records>);

template <int Index>
using tensor_record =
    std::tuple_element_t<static_cast<std::size_t>(Index < elementwise_count ? Index : Index - elementwise_count),
                         std::conditional_t<(Index < elementwise_count), elementwise_records, condition_records>>;

struct operation_entry {
  unsigned id;
  tensor_operation const* operation;
};

/// A part of the table of all operations: `Part` of `Parts`, so that several files compile it.
template <int Part, int Parts>
constexpr auto part_of_table() {
  constexpr int first = record_count * Part / Parts, last = record_count * (Part + 1) / Parts;
  return []<int... Is>(std::integer_sequence<int, Is...>) {
    return std::array<operation_entry, sizeof...(Is)>{
        operation_entry{hash_of(tensor_record<first + Is>::name), &library_operation_of<tensor_record<first + Is>>}...};
  }(std::make_integer_sequence<int, last - first>{});
}

inline constexpr int table_parts = 4;

/// Defined in a file of its own for each part.
template <int Part>
std::span<operation_entry const> table_part();

}  // namespace ddx::detail

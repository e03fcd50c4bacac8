// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A record enters; its loops of vectors over elements leave.
#pragma once

#include <array>
#include <span>

#include <ddx/loop/simd.hpp>
#include <ddx/tape/tensor_operation.hpp>

namespace ddx::detail {

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
  /// One exponent for all elements.
  struct exponent {
    Element value;
    template <class Number>
    explicit exponent(Number number) : value(static_cast<Element>(number)) {}
  };
  /// pow takes 6 ns an element in libmvec with AVX2, a product 0.1: the branch on the exponent is the same throughout a loop.
  DDX_INLINE static number power(number base, exponent uniform) {
    if (uniform.value == 2) return base * base;
    if (uniform.value == 1) return base;
    if (uniform.value == 3) return base * base * base;
    if (uniform.value == -1) return from(1) / base;
    if (uniform.value == 0) return from(1);
    return call<pow_>(base, from(uniform.value));
  }
};

template <class Element>
DDX_INLINE typename packs<Element>::number pack_at(elements const& from, std::ptrdiff_t i, std::ptrdiff_t count) {
  constexpr int width = simd::width<Element>;
  Element const* const at = static_cast<Element const*>(from.data) + i * from.step;
  return count - i >= width || from.step == 0 ? simd::load<Element>(at) : simd::load_first<Element>(at, count - i);
}

template <class Element>
DDX_INLINE typename packs<Element>::truth mask_at(elements const& from, std::ptrdiff_t i, std::ptrdiff_t count) {
  constexpr int width = simd::width<Element>;
  bool const* const at = static_cast<bool const*>(from.data) + i * from.step;
  auto const numbers =
      count - i >= width || from.step == 0 ? simd::load<Element>(at) : simd::load_first<Element>(at, count - i);
  return numbers != packs<Element>::from(0);
}

template <class Element>
DDX_INLINE void store_at(void* result, std::ptrdiff_t i, std::ptrdiff_t count, typename packs<Element>::number value) {
  Element* const to = static_cast<Element*>(result) + i;
  if (count - i >= simd::width<Element>) simd::store(to, value);
  else simd::store_first(to, count - i, value);
}

template <class Element>
DDX_INLINE void store_at(void* result, std::ptrdiff_t i, std::ptrdiff_t count, typename packs<Element>::truth value) {
  bool* const to = static_cast<bool*>(result) + i;
  auto const rest = count - i < simd::width<Element> ? count - i : simd::width<Element>;
  for (std::ptrdiff_t lane = 0; lane < rest; ++lane) to[lane] = value.v[lane] != 0;
}

template <class Element>
struct packs_at {
  elements const* operands;
  std::ptrdiff_t i, count;
  template <class Index>
  DDX_INLINE factor<packs<Element>> number(Index) const {
    return {pack_at<Element>(operands[Index::value], i, count)};
  }
  template <class Index>
  DDX_INLINE factor_truth<packs<Element>> truth(Index) const {
    return {mask_at<Element>(operands[Index::value], i, count)};
  }
};

struct pack_loops {
  template <class Record, class Element>
  static void value(void* result, elements const* operands, std::ptrdiff_t count) {
    if constexpr (std::is_same_v<Record, pow_>) {
      if (operands[1].step == 0) {
        typename packs<Element>::exponent const exponent(*static_cast<Element const*>(operands[1].data));
        for (std::ptrdiff_t i = 0; i < count; i += simd::width<Element>)
          store_at<Element>(result, i, count, packs<Element>::power(pack_at<Element>(operands[0], i, count), exponent));
        return;
      }
    }
    for (std::ptrdiff_t i = 0; i < count; i += simd::width<Element>) {
      auto const v = [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
        auto const operand = [&](auto which) DDX_INLINE_LAMBDA {
          if constexpr (takes_condition<Record, decltype(which)::value>)
            return mask_at<Element>(operands[decltype(which)::value], i, count);
          else return pack_at<Element>(operands[decltype(which)::value], i, count);
        };
        return simd::value_of<Record>(operand(std::integral_constant<int, Is>{})...);
      }(std::make_integer_sequence<int, record_arity<Record>>{});
      store_at<Element>(result, i, count, v);
    }
  }

  template <class Record, int Operand, class Element>
  static void contribution(void* result, elements const* operands, std::ptrdiff_t count) {
    using vectors = packs<Element>;
    if constexpr (std::is_same_v<Record, pow_> && Operand == 0) {
      if (operands[2].step == 0) {  // the rule of pow for one exponent: e * x^(e - 1), and 0 for e = 0
        Element const exponent = *static_cast<Element const*>(operands[2].data);
        typename vectors::exponent const less(exponent - 1);
        for (std::ptrdiff_t i = 0; i < count; i += simd::width<Element>) {
          auto const adjoint = pack_at<Element>(operands[0], i, count), base = pack_at<Element>(operands[1], i, count);
          auto const contributed = adjoint * (vectors::from(exponent) * vectors::power(base, less));
          store_at<Element>(
              result, i, count,
              select((adjoint == vectors::from(0)) | vectors::truth_of(exponent == 0), vectors::from(0), contributed));
        }
        return;
      }
    }
    for (std::ptrdiff_t i = 0; i < count; i += simd::width<Element>) {
      auto const adjoint = pack_at<Element>(operands[0], i, count);
      auto const rule = rule_of_operands<Record, Operand>(packs_at<Element>{operands + 1, i, count});
      if constexpr (Arithmetic<std::remove_cvref_t<decltype(rule)>>) {
        store_at<Element>(result, i, count, adjoint * vectors::from(rule));
      } else {
        auto const none = rule.zero | (adjoint == vectors::from(0));
        store_at<Element>(result, i, count, select(none, vectors::from(0), adjoint * rule.value));
      }
    }
  }
};

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

/// Not worth keeping: as fast as reading the result from memory.
template <class Record>
inline constexpr bool is_cheap = takes_whole_numbers<Record> || std::is_same_v<Record, divide_> ||
                                 std::is_same_v<Record, sqrt_> || std::is_same_v<Record, heaviside_>;

template <class Record>
constexpr tensor_operation make_library_operation() {
  tensor_operation op;
  constexpr bool of_conditions =
      std::is_same_v<Record, and_> || std::is_same_v<Record, or_> || std::is_same_v<Record, not_>;
  if constexpr (of_conditions) {
    op.name = Record::name;
    op.arity = record_arity<Record>;
    op.condition = true;
    op.takes_conditions = Record::takes_conditions;
    op.value[static_cast<int>(element_kind::boolean)] = &truth_loop<Record>;
  } else {
    op = make_tensor_operation<Record, pack_loops>();
    if constexpr (takes_whole_numbers<Record>) op.value[static_cast<int>(element_kind::int64)] = &whole_loop<Record>;
  }
  op.cheap = is_cheap<Record>;
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

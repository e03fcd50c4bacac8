// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// An elementwise record enters; what tensors need of it leaves: loops for its value and for its contributions to gradients, and its
// rules on tensors. Those of the library's records are in the compiled library.
#pragma once

#include <source_location>

#include "tensor_factor.hpp"
#include "tensor_handle.hpp"

namespace ddx::detail {

/// Elements that enter a loop: `step` 1 along them, or 0 for one number, of which there is a whole vector of copies.
struct elements {
  void const* data;
  std::ptrdiff_t step;
};

/// A loop over `count` elements.
using element_loop = void (*)(void* result, elements const* operands, std::ptrdiff_t count);

struct tensor_operation;

/// `op` applied: evaluated at once if small, when it is needed otherwise; recorded if an operand requires gradients. `where` is the
/// place in the program that is told where anomalies are detected.
handle apply_operation(tensor_operation const& op, term const* operands, std::source_location const& where = {});

/// The elements of `h`, the first operand, become those of the result; the name is the change's in messages.
void tensor_update(handle const& h, tensor_operation const& op, term const* operands, char const* name,
                   std::source_location const& where);

/// What a choice leaves of an adjoint times a factor: see factor.
struct scaled_factor {
  term value{};
  term zero{};  ///< a truth value; the number 0 where there is none
};

struct tensor_operation {
  std::string_view name;
  int arity = 0;
  bool condition = false;
  unsigned takes_conditions = 0;
  primitive const* own = nullptr;  ///< the facts of a user's record; those of the library's are found by name
  bool cheap = false;              ///< cheaper to compute again than to keep
  rule_facts rules[max_arity]{};
  element_loop value[4]{};                          ///< by element kind; null where the kind does not occur
  element_loop contribution[max_arity][4]{};        ///< operands: the adjoint, the operands, the result
  scaled_factor (*rule[max_arity])(term const*){};  ///< operands and result, in user algebra on tensors
};

/// The library's own by its record's id.
tensor_operation const& library_operation(unsigned id);

template <class Record>
struct users_operation;

/// What tensors need of a record.
template <class Record>
tensor_operation const& operation_of() {
  if constexpr (is_library_primitive(hash_of(Record::name))) {
    static tensor_operation const& found = library_operation(hash_of(Record::name));
    return found;
  } else {
    return users_operation<Record>::value;
  }
}

/// Tensors and numbers in rules; numbers fold.
struct terms {
  using number = term;
  using truth = term;
  inline static term const no{0};
  template <class Number>
  static term from(Number value) {
    return value;
  }
  template <class Record, class... Operands>
  static term call(Operands const&... operands) {
    if ((operands.tensor || ...)) {
      term const all[]{operands...};
      return apply_operation(operation_of<Record>(), all);
    }
    return folded<Record>(std::make_integer_sequence<int, sizeof...(Operands)>{}, {operands.number...});
  }
  template <class Record, class... Operands>
  static term test(Operands const&... operands) {
    return call<Record>(operands...);
  }
  static term where(term const& condition, term const& first, term const& second) {
    if (!condition.tensor) return condition.number != 0 ? first : second;
    return call<where_>(condition, first, second);
  }
  static term choose(term const& condition, term const& first, term const& second) {
    if (!condition.tensor) return condition.number != 0 ? first : second;
    if (!first.tensor && !second.tensor) {
      if (first.number == second.number) return first;
      return first.number != 0 ? condition : call<not_>(condition);
    }
    return either(both(condition, first), both(call<not_>(condition), second));
  }
  static term either(term const& first, term const& second) {
    if (!first.tensor) return first.number != 0 ? first : second;
    if (!second.tensor) return second.number != 0 ? second : first;
    return call<or_>(first, second);
  }
  static term both(term const& first, term const& second) {
    if (!first.tensor) return first.number != 0 ? second : first;
    if (!second.tensor) return second.number != 0 ? first : second;
    return call<and_>(first, second);
  }
  static term truth_of(bool value) { return value ? 1 : 0; }

 private:
  struct doubles {
    double at[max_arity];
  };
  template <class Record, int... Is>
  static term folded(std::integer_sequence<int, Is...>, doubles operands) {
    return static_cast<double>(Record::value(argument_of<Record, Is>(operands.at)...));
  }
};

struct terms_of {
  term const* operands;
  template <class Index>
  factor<terms> number(Index) const {
    return {operands[Index::value]};
  }
  template <class Index>
  factor_truth<terms> truth(Index) const {
    return {operands[Index::value]};
  }
};

template <class Record, int Operand>
scaled_factor rule_on_terms(term const* operands) {
  auto const result = rule_of_operands<Record, Operand>(terms_of{operands});
  if constexpr (Arithmetic<std::remove_cvref_t<decltype(result)>>) return {result};
  else return {result.value, result.zero};
}

template <class Element>
struct numbers_at {
  elements const* operands;
  std::ptrdiff_t i;
  template <class Index>
  factor<numbers<Element>> number(Index) const {
    return {static_cast<Element const*>(operands[Index::value].data)[i * operands[Index::value].step]};
  }
  template <class Index>
  factor_truth<numbers<Element>> truth(Index) const {
    return {static_cast<bool const*>(operands[Index::value].data)[i * operands[Index::value].step]};
  }
};

/// Loops of numbers, for the records of users: their values are functions of numbers.
struct number_loops {
  template <class Record, class Element>
  static void value(void* result, elements const* operands, std::ptrdiff_t count) {
    for (std::ptrdiff_t i = 0; i < count; ++i)
      static_cast<Element*>(result)[i] = [&]<int... Is>(std::integer_sequence<int, Is...>) {
        return static_cast<Element>(
            Record::value(numbers_at<Element>{operands, i}.number(std::integral_constant<int, Is>{}).value...));
      }(std::make_integer_sequence<int, record_arity<Record>>{});
  }

  template <class Record, int Operand, class Element>
  static void contribution(void* result, elements const* operands, std::ptrdiff_t count) {
    auto const* const adjoints = static_cast<Element const*>(operands[0].data);
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      Element const adjoint = adjoints[i * operands[0].step];
      auto const rule = rule_of_operands<Record, Operand>(numbers_at<Element>{operands + 1, i});
      Element& to = static_cast<Element*>(result)[i];
      if constexpr (Arithmetic<std::remove_cvref_t<decltype(rule)>>)
        to = static_cast<Element>(adjoint * static_cast<Element>(rule));
      else to = rule.zero || adjoint == 0 ? Element(0) : adjoint * rule.value;
    }
  }
};

template <class Record, class Loops>
constexpr tensor_operation make_tensor_operation() {
  constexpr int arity = record_arity<Record>;
  constexpr auto float32 = static_cast<int>(element_kind::float32), float64 = static_cast<int>(element_kind::float64);
  tensor_operation op;
  op.name = Record::name;
  op.arity = arity;
  op.condition = gives_truth<Record>;
  if constexpr (requires { Record::takes_conditions; }) op.takes_conditions = Record::takes_conditions;
  op.value[float32] = &Loops::template value<Record, float>;
  op.value[float64] = &Loops::template value<Record, double>;
  if constexpr (!gives_truth<Record>) {
    [&]<int... Is>(std::integer_sequence<int, Is...>) {
      ((op.rules[Is] = facts_of_rule<Record, Is>()), ...);
      ((op.rule[Is] = &rule_on_terms<Record, Is>), ...);
      ((op.contribution[Is][float32] = &Loops::template contribution<Record, Is, float>), ...);
      ((op.contribution[Is][float64] = &Loops::template contribution<Record, Is, double>), ...);
    }(std::make_integer_sequence<int, arity>{});
  }
  return op;
}

template <class Record>
struct users_operation {
  static constexpr tensor_operation value = [] {
    tensor_operation op = make_tensor_operation<Record, number_loops>();
    op.own = &facts<Record>::value;
    return op;
  }();
};

/// Records whose value of whole numbers is one.
template <class Record>
inline constexpr bool takes_whole_numbers = gives_truth<Record> || is_exact_on_whole<Record>;

}  // namespace ddx::detail

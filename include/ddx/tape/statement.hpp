// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The code of a statement: an expression enters the tape here, and is computed and differentiated again from what the
// tape holds.
#pragma once

#include <array>
#include <limits>

#include "expression.hpp"

namespace ddx {

namespace detail {

template <class Type>
constexpr auto steps_of() {
  std::array<statement_step, Type::steps> result{};
  statement_step* at = result.data();
  Type::list(at);
  return result;
}

template <class Type>
inline constexpr bool is_comparison = false;
template <class Record, class... Operands>
inline constexpr bool is_comparison<real_expression<Record, Operands...>> = is_condition<Record>;

inline constexpr std::uint32_t no_statement =
    std::numeric_limits<std::uint32_t>::max();  // no statement has this number

/// Whether it is written like sums and products over a loop: z + …, z * ….
template <class Type>
inline constexpr bool begins_with_number = std::is_same_v<Type, real>;
template <class Record, class First, class Second>
inline constexpr bool begins_with_number<real_expression<Record, First, Second>> = begins_with_number<First>;

/// Whether a statement takes a word less where its first variable is the statement before: variables and the number of the code take half
/// a word each. Others are not worth the code.
template <class Type>
inline constexpr bool may_follow = Type::variables % 2 == 0 && begins_with_number<Type> && !is_comparison<Type>;

/// A run is the statements of one kernel that follow one another: an indirect call a run, not a statement. Where it `follows`, its first
/// variable is the statement before.
template <class Type, bool follows = false>
struct statement {
  static constexpr std::uint32_t written = Type::variables - (follows ? 1 : 0);
  static constexpr std::uint32_t size = statement_code::size(written, Type::constants);
  static constexpr std::uint32_t half_words = size - 1 - Type::constants;

  static replay_place replay(sweep& s, replay_place place, std::size_t run, std::size_t stride) {
    double* const words = s.words;
    double* at = place.at;
    double before = place.before;
    auto index = static_cast<std::uint32_t>(static_cast<std::size_t>(at - words) + size - 1 - stride);  // of `before`
    for (; run != 0; --run) {
      if constexpr (follows)
        if (stride != size) before = at[-1];
      operand_reader from{operands_of(at), at, words, index, before, follows};
      before = Type::load_from(from).value();
      if constexpr (is_comparison<Type>) {
        if (before != at[size - 1]) {
          if (s.checked) {
            s.changed = true;
            return {at, before};
          }
          before = at[size - 1];
        }
      }
      index += static_cast<std::uint32_t>(stride);
      at[size - 1] = before;
      at += stride;
    }
    return {at, before};
  }

  /// Aligned: how a loop of 20 instructions lies decides a fifth of its time.
  [[gnu::aligned(64)]] static reverse_place reverse(sweep const& s, reverse_place place) {
    double const* const words = s.words;
    double* const adjoints = s.adjoints;
    double const* const stop = words + s.stop;
    double const* at = place.at;
    double to_before = place.to_before;
    std::uint32_t const own_number = number_before(at);
    auto index = static_cast<std::uint32_t>(at - words - 1);
    do {
      at -= size;
      double const adjoint = adjoints[index / 2] + to_before;
      adjoints[index / 2] = 0;  // as the next sweep needs it
      to_before = 0;
      if constexpr (!is_comparison<Type>) {
        // What the result does not depend on contributes nothing, even where a partial derivative is infinite.
        if (adjoint != 0) {
          operand_reader from{operands_of(at), at, words, no_statement, 0, follows};
          if constexpr (follows) from.value_before = at[-1];
          adjoint_sink into{adjoints, index - size, to_before, follows};
          Type::load_from(from, at[size - 1]).accumulate(adjoint, into);
          into.end();
        }
      }
      index -= size;
    } while (at > stop && number_before(at) == own_number);
    return {at, to_before};
  }

  DDX_INLINE static std::uint32_t const* operands_of(double const* at) {
    return reinterpret_cast<std::uint32_t const*>(at + Type::constants);
  }

  static constexpr auto steps = steps_of<Type>();
  static constexpr statement_code code{
      &replay,         &reverse,        steps.data(),        static_cast<int>(steps.size()),
      Type::variables, Type::constants, is_comparison<Type>, follows};
  static inline std::uint32_t const number = register_code(code);  // 0 until the program's initialisation comes to it
};

/// A statement without operands.
DDX_INLINE std::uint32_t statement_stream::push(std::uint32_t number, double value) {
  reinterpret_cast<std::uint32_t*>(words + used)[1] = number;
  words[used + 1] = value;
  used += leaf_size;
  return static_cast<std::uint32_t>(used - 1);
}

/// Writes a statement behind the last one, whose constants are there already.
template <class Type, bool follows>
DDX_INLINE real append_halves(std::uint32_t* halves, double value, statement_stream& on, std::uint32_t number) {
  using code = statement<Type, follows>;
  std::size_t const begin = on.used;
  double* const at = on.words + begin;
  std::uint32_t* const written = halves + (follows ? 1 : 0);
  written[2 * code::half_words - 1] = number;
  // One store for two. Of a type that no counter of the stream has, so that the compiler need not read those from memory
  // again, and not double, of which it would make vectors, by way of vector registers.
  using two_halves = unsigned long long;
  auto* const to = reinterpret_cast<two_halves*>(at + Type::constants);
  for (std::uint32_t i = 0; i < code::half_words; ++i) to[i] = written[2 * i] | two_halves{written[2 * i + 1]} << 32;
  at[code::size - 1] = value;
  on.used = begin + code::size;
  return {value, real::place{on.tag | (begin + code::size - 1)}};
}

template <class Type, bool follows>
DDX_INLINE real append(Type const& expression, double value, statement_stream& on, std::uint32_t number) {
  std::uint32_t halves[2 * statement<Type, follows>::half_words + 1]{};
  expression.store(halves, on.words + on.used);
  return append_halves<Type, follows>(halves, value, on, number);
}

/// Records what cannot be recorded at once, of which a program has little: mostly sums and products, which begin as
/// numbers that are not recorded. Those become a constant before the statement.
template <class Type>
#if defined(__GNUC__)
[[gnu::noinline]]
#endif
real record_with_care(statement_stream& on, real const* numbers, double const* literals, double value,
                      std::source_location where) {
  using code = statement<Type>;
  std::uint32_t const number = code::number;
  if constexpr (Type::variables > 1) {
    std::uint64_t others = 0;
    for (std::uint32_t i = 1; i < Type::variables; ++i) others |= numbers[i].at() ^ on.tag;
    if (!numbers[0].recorded() && others >> 32 == 0 && on.used + leaf_size + code::size <= on.limit && number != 0) {
      std::uint32_t halves[2 * code::half_words + 1]{on.push(constant_code, numbers[0].value())};
      for (std::uint32_t i = 1; i < Type::variables; ++i) halves[i] = numbers[i].index();
      for (std::uint32_t i = 0; i < Type::constants; ++i) on.words[on.used + i] = literals[i];
      return append_halves<Type, false>(halves, value, on, number);
    }
  }
  return on.record_with_care(code::code, number, numbers, literals, value, where);
}

/// Truth values alone, as in !x, which the tape has already.
template <class Type>
  requires(Type::variables == 0)
DDX_INLINE real record(Type const& expression, std::source_location) {
  return expression.value();
}

/// Records a statement, if any of its operands is recorded.
template <class Type>
DDX_INLINE real record(Type const& expression, std::source_location where) {
  using code = statement<Type>;
  double const value = expression.value();
  statement_stream& on = recording_now();
  std::size_t const begin = on.used;
  if constexpr (may_follow<Type>) {
    using following = statement<Type, true>;
    std::uint32_t const number = following::number;
    if (expression.first_place() == (on.tag | (begin - 1)) && expression.template places<false>(on.tag) >> 32 == 0 &&
        begin + following::size <= on.limit && number != 0)
      return append<Type, true>(expression, value, on, number);
  }
  std::uint32_t const number = code::number;
  if (expression.places(on.tag) >> 32 != 0 || begin + code::size > on.limit || number == 0) [[unlikely]] {
    if (expression.places(0) == 0) return value;
    // Copies made here and nowhere else: where an expression's address is taken, all its parts live in memory.
    real numbers[Type::variables];
    double literals[Type::constants + 1]{};
    expression.list_leaves(numbers, literals);
    return record_with_care<Type>(on, numbers, literals, value, where);
  }
  return append<Type, false>(expression, value, on, number);
}

inline real recording::input(double value) {
  if (used + leaf_size > limit) prepare(leaf_size);
  if (leading_ == used) leading_ = used + leaf_size;
  else inputs_.push_back(static_cast<std::uint32_t>(used + 1));
  return {value, real::place{tag | push(input_code, value)}};
}

inline bool recording::are_leaders(std::span<real const> numbers) const {
  if (numbers.size() * leaf_size != leading_) return false;
  std::uint64_t place = tag + 1;
  for (real const& number : numbers) {
    if (number.at() != place) return false;
    place += leaf_size;
  }
  return true;
}

inline bool recording::owns(real const& number) const {
  return (number.at() ^ tag) >> 32 == 0 ? number.index() < used : owned_before(number);
}

}  // namespace detail

template <RealExpression Type>
DDX_INLINE real::real(Type const& expression, std::source_location where) : real(detail::record(expression, where)) {}

template <class Type>
DDX_INLINE real& real::assign(Type const& expression) {
  return *this = detail::record(expression, {});
}

inline real& real::operator++() { return *this += 1; }
inline real& real::operator--() { return *this -= 1; }
inline real real::operator++(int) {
  real const before = *this;
  *this += 1;
  return before;
}
inline real real::operator--(int) {
  real const before = *this;
  *this -= 1;
  return before;
}

template <class Record, class... Types>
DDX_INLINE constexpr auto algebra<real>::applied(Types const&... operands) {
  detail::real_expression<Record, Types...> const made(operands...);
  if constexpr (detail::is_condition<Record>) return detail::record(made, {}).value() != 0;
  else return made;
}

template <Arithmetic Number>
constexpr real::operator Number() const {
  if constexpr (std::is_floating_point_v<Number>) {
    return static_cast<Number>(value_);
  } else {
    auto const result = static_cast<Number>(value_);
    if (recorded()) {
      if constexpr (std::is_same_v<Number, bool>) static_cast<void>(*this != 0);
      else static_cast<void>(trunc(*this) == result);
    }
    return result;
  }
}

}  // namespace ddx

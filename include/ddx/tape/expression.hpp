// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Expressions of reals: operands enter by value; a value, what a tape keeps of it, and contributions to adjoints leave.
#pragma once

#include "real.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx {

namespace detail {

/// Reads the operands of a statement in the order in which they were written. Where the first one is the statement
/// before, as in sums and products over a loop, its value comes from a register: such chains wait for their additions
/// then, not for memory.
struct operand_reader {
  std::uint32_t const* operands;
  double const* constants;
  double const* values;
  std::uint32_t before;
  double value_before;
  bool follows;  ///< the first one is known to be the statement before
  bool first = true;
};

/// What a first operand carries instead of a tape's tag.
inline constexpr std::uint64_t first_operand_mark = 1ull << 32;

/// Where a statement's adjoints go; what goes to the statement before it from its first operand stays in a register, and so does what
/// goes to one number from two operands that stand side by side, as in x * x: sums in memory wait for their last addition.
DDX_CONTRACTED_BEGIN
struct adjoint_sink {
  double* adjoints;
  std::uint32_t before;
  double& to_before;
  bool follows;
  std::uint32_t last = 0;
  double to_last = 0;
  bool any = false;

  DDX_INLINE void add(real const& operand, double contribution) {
    std::uint32_t const index = operand.index();
    if (operand.at() >= first_operand_mark && (follows || index == before)) {
      to_before = contribution;
    } else if (any && index == last) {
      to_last += contribution;
    } else {
      end();
      last = index;
      to_last = contribution;
      any = true;
    }
  }
  DDX_INLINE void end() const {
    if (any) adjoints[last / 2] += to_last;
  }
};
DDX_CONTRACTED_END

template <int Index, class Type>
struct real_operand {
  Type it;
};

template <class Indices, class... Types>
struct real_operands;
template <int... Is, class... Types>
struct real_operands<std::integer_sequence<int, Is...>, Types...> : real_operand<Is, Types>... {};

template <class Type>
DDX_INLINE Type load(operand_reader& from) {
  if constexpr (std::is_same_v<Type, passive>) {
    return {*from.constants++};
  } else if constexpr (std::is_same_v<Type, real>) {
    if (from.first && from.follows) {
      from.first = false;
      return {from.value_before, real::place{from.before | first_operand_mark}};
    }
    std::uint32_t const index = *from.operands++;
    if (!from.first) return {from.values[index], real::place{index}};
    from.first = false;
    return {index == from.before ? from.value_before : from.values[index], real::place{index | first_operand_mark}};
  } else {
    return Type::load_from(from);
  }
}

/// A value that is rounded before it goes on, never contracted with the addition that takes it: so what is recorded,
/// replayed and computed again in a sweep has the same bits, wherever the compiler meets it, and a replay at the inputs
/// of the recording goes its way. Sums in loops gain too: they wait for an addition instead of a fused one, 2 cycles of
/// 4.
DDX_INLINE constexpr double rounded(double value) {
#if defined(__GNUC__) && defined(__x86_64__)
  if (!std::is_constant_evaluated()) asm("" : "+x"(value));
#elif defined(__GNUC__) && defined(__aarch64__)
  if (!std::is_constant_evaluated()) asm("" : "+w"(value));
#endif
  return value;
}

/// `Record` applied to operands: reals, passive numbers and expressions.
template <class Record, class... Operands>
class real_expression : real_operands<std::make_integer_sequence<int, sizeof...(Operands)>, Operands...> {
  using indices = std::make_integer_sequence<int, sizeof...(Operands)>;
  using operands = real_operands<indices, Operands...>;
  /// Which operand has the number that was written first.
  static constexpr int first_active = [] {
    int at = 0;
    static_cast<void>(((Operands::variables != 0 || (++at, false)) || ...));
    return at;
  }();

 public:
  static constexpr std::uint32_t variables = (Operands::variables + ...), constants = (Operands::constants + ...);
  static constexpr int steps = (Operands::steps + ... + 1);

  DDX_INLINE constexpr explicit real_expression(Operands const&... given) : operands{{given}...} {
    value_ = compute(indices{});
  }

  DDX_INLINE constexpr double value() const { return value_; }
  template <Arithmetic Number>
  constexpr explicit operator Number() const {
    return static_cast<Number>(real(*this));
  }

  /// The places of the numbers among the operands, each exclusive or `tag`, together: below 2^32 where all have that
  /// tag. Those of all, or of all but the one that was written first.
  template <bool all = true>
  DDX_INLINE constexpr std::uint64_t places(std::uint64_t tag) const {
    return [&]<int... Is>(std::integer_sequence<int, Is...>)
               DDX_INLINE_LAMBDA { return (place_of < all || Is != first_active > (get<Is>(), tag) | ...); }(indices{});
  }

  /// The place of the number that was written first.
  DDX_INLINE constexpr std::uint64_t first_place() const {
    auto const& operand = get<first_active>();
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(operand)>, real>) return operand.at();
    else return operand.first_place();
  }

  /// Writes variables and constants in the order in which they were written.
  DDX_INLINE void store(std::uint32_t* at_operands, double* at_constants) const {
    store_next(at_operands, at_constants);
  }
  DDX_INLINE void store_next(std::uint32_t*& at_operands, double*& at_constants) const {
    [&]<int... Is>(std::integer_sequence<int, Is...>)
        DDX_INLINE_LAMBDA { (store_operand(get<Is>(), at_operands, at_constants), ...); }(indices{});
  }

  /// The same of the numbers themselves.
  DDX_INLINE void list_leaves(real* at_numbers, double* at_constants) const { list_next(at_numbers, at_constants); }
  DDX_INLINE void list_next(real*& at_numbers, double*& at_constants) const {
    [&]<int... Is>(std::integer_sequence<int, Is...>)
        DDX_INLINE_LAMBDA { (list_leaf(get<Is>(), at_numbers, at_constants), ...); }(indices{});
  }

  /// The expression of a statement on the tape, with the values that its operands have now. Braces: their order is that
  /// of writing.
  DDX_INLINE static real_expression load_from(operand_reader& from) { return real_expression{load<Operands>(from)...}; }
  /// The same where the result is known.
  DDX_INLINE static real_expression load_from(operand_reader& from, double result) {
    return real_expression(operands{{load<Operands>(from)}...}, result);
  }

  DDX_INLINE void accumulate(double adjoint, adjoint_sink& into) const {
    [&]<int... Is>(std::integer_sequence<int, Is...>)
        DDX_INLINE_LAMBDA { (accumulate_in<Is>(adjoint, into), ...); }(indices{});
  }

  static constexpr void list(statement_step*& at) {
    (list_operand<Operands>(at), ...);
    *at++ = {statement_step::kind::apply, &facts<Record>::value, own_rules<Record>()};
  }

 private:
  DDX_INLINE constexpr real_expression(operands const& given, double result) : operands(given), value_(result) {}

  template <int Index>
  DDX_INLINE constexpr auto const& get() const {
    return operand_in<Index>(*this);
  }
  template <int Index, class Type>
  DDX_INLINE static constexpr Type const& operand_in(real_operand<Index, Type> const& in) {
    return in.it;
  }

  template <int Index>
  DDX_INLINE constexpr auto argument() const {
    if constexpr ((conditions_of<Record> >> Index & 1u) != 0) return get<Index>().value() != 0;
    else return get<Index>().value();
  }

  template <int... Is>
  DDX_INLINE constexpr double compute(std::integer_sequence<int, Is...>) const {
    return rounded(static_cast<double>(value_at<Record>(argument<Is>()...)));
  }

  template <bool all, class Type>
  DDX_INLINE static constexpr std::uint64_t place_of(Type const& operand, std::uint64_t tag) {
    if constexpr (std::is_same_v<Type, passive>) return 0;
    else if constexpr (!std::is_same_v<Type, real>) return operand.template places<all>(tag);
    else return all ? operand.at() ^ tag : 0;
  }

  template <class Type>
  DDX_INLINE static void store_operand(Type const& operand, std::uint32_t*& at_operands, double*& at_constants) {
    if constexpr (std::is_same_v<Type, passive>) *at_constants++ = operand.it;
    else if constexpr (std::is_same_v<Type, real>) *at_operands++ = operand.index();
    else operand.store_next(at_operands, at_constants);
  }

  template <class Type>
  DDX_INLINE static void list_leaf(Type const& operand, real*& at_numbers, double*& at_constants) {
    if constexpr (std::is_same_v<Type, passive>) *at_constants++ = operand.it;
    else if constexpr (std::is_same_v<Type, real>) *at_numbers++ = operand;
    else operand.list_next(at_numbers, at_constants);
  }

  template <int Index>
  DDX_INLINE void accumulate_in(double adjoint, adjoint_sink& into) const {
    auto const& operand = get<Index>();
    if constexpr (std::remove_cvref_t<decltype(operand)>::variables != 0) {
      [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
        chain(adjoint, partial_at<Record, Index>(value_, argument<Is>()...), [&](double part) DDX_INLINE_LAMBDA {
          if constexpr (std::is_same_v<std::remove_cvref_t<decltype(operand)>, real>) into.add(operand, part);
          else operand.accumulate(part, into);
        });
      }(indices{});
    }
  }

  template <class Type>
  static constexpr void list_operand(statement_step*& at) {
    if constexpr (std::is_same_v<Type, passive>) *at++ = {statement_step::kind::constant};
    else if constexpr (std::is_same_v<Type, real>) *at++ = {statement_step::kind::variable};
    else Type::list(at);
  }

  double value_;
};

}  // namespace detail

}  // namespace ddx

#pragma GCC diagnostic pop

#include "statement.hpp"  // defines what records and replays them

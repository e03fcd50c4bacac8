// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What a primitive is: a record (a type) enters, the facts that graph passes need leave.
#pragma once

#include <limits>
#include <string_view>
#include <type_traits>

#include "../graph/graph.hpp"

namespace ddx {

/// How tightly a printed form binds; an operand that binds less is put in parentheses.
enum class precedence : int { choice = 0, disjunction, conjunction, comparison, sum, product, sign, power, atom };

enum class role : int { constant, input, extent, position, inside, elementwise, reduction, shift, scan };

/// How a reduction combines elements.
enum class reducer : int { none, sum, max, product };

/// Where a primitive's operand is tested, and the points at which a law does not hold (kinks, poles).
struct interval {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// A printed form: `{0}`, `{1}`, `{2}` stand for the operands, `{a}` for the axis, `{o}` for an offset along it (` + 1`), `#`
/// for the name; `needs` is how tightly an operand must bind to go without parentheses.
struct notation {
  std::string_view pattern{};
  precedence binds = precedence::atom;
  precedence needs = precedence::choice;
};

/// The facts of a record in one uniform value, so that passes are ordinary functions.
/// Records are compared by `id`, not by address: the compiled library has its own copies.
struct primitive {
  std::string_view name;
  unsigned id = 0;
  int arity = 0;
  role kind = role::elementwise;
  bool condition = false;         ///< the result is a truth value
  bool cheap = false;             ///< the value costs no more than reading it from memory
  unsigned takes_conditions = 0;  ///< a bit for each operand that is a truth value
  unsigned takes_whole = 0;       ///< a bit for each operand that is a whole number, by which there is no derivative
  reducer combine = reducer::none;
  notation text{}, unicode{}, latex{}, cpp{};
  int (*partial)(graph&, int operand, int self) = nullptr;  ///< the partial derivative by an operand, as a node
  int (*canonical)(graph&, int self) = nullptr;             ///< an equal composite that simplification prefers
  int (*lowered)(graph&, int self) = nullptr;               ///< an equal composite that loops compute
  int (*within)(graph&, int operand, int inside, int axis) = nullptr;  ///< the reduction where a condition holds
  double (*value)(double const*) = nullptr;                            ///< the value at run time; conditions are 0 or 1
  bool (*kink)(double const*) = nullptr;  ///< whether there is a kink or a jump, whatever the partial derivatives are
  interval domain[max_arity]{};

  constexpr bool operator==(primitive const& other) const { return id == other.id; }
};

constexpr bool node::operator==(node const& other) const {
  return op->id == other.op->id && operands[0] == other.operands[0] && operands[1] == other.operands[1] &&
         operands[2] == other.operands[2] && index == other.index && constant == other.constant;
}

constexpr unsigned graph::hash(node const& n) {
  unsigned h = n.op->id;
  h = (h ^ static_cast<unsigned>(n.operands[0])) * 2654435761u;
  h = (h ^ (h >> 15) ^ static_cast<unsigned>(n.operands[1])) * 2246822519u;
  h = (h ^ (h >> 13) ^ static_cast<unsigned>(n.operands[2] * 31 + n.index)) * 3266489917u;
  auto const bits =
      std::bit_cast<std::uint64_t>(n.constant.numerator) ^ (std::bit_cast<std::uint64_t>(n.constant.denominator) >> 7);
  h = (h ^ static_cast<unsigned>(bits ^ (bits >> 32))) * 668265263u;
  return h ^ (h >> 16);
}

}  // namespace ddx

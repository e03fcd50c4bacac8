// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph enters; what is certain of the exact values of its nodes leaves: defined everywhere, not negative, not zero.
#pragma once

#include "../primitive/reduction.hpp"

namespace ddx {

/// Facts about the exact value of a node, for all real values of the inputs.
enum fact : unsigned {
  defined = 1,      ///< at every point
  nonnegative = 2,  ///< wherever it is defined
  nonzero = 4       ///< wherever it is defined
};

namespace detail {

/// What a function does to facts, by name: what holds for whatever it is applied to, what passes through it, and what its operand
/// must be for it to be defined. A function that is not here is taken to have holes.
struct range_of_function {
  unsigned id;
  unsigned always;
  unsigned passes;
  unsigned requires_of_operand;
};

inline constexpr unsigned positive = nonnegative | nonzero;
inline constexpr unsigned holes = ~0u;

inline constexpr range_of_function function_ranges[]{
    {hash_of("exp"), positive, 0, 0},
    {hash_of("exp2"), positive, 0, 0},
    {hash_of("expm1"), 0, positive, 0},
    {hash_of("log"), 0, 0, positive},
    {hash_of("log2"), 0, 0, positive},
    {hash_of("log10"), 0, 0, positive},
    {hash_of("log1p"), 0, positive, nonnegative},
    {hash_of("sqrt"), nonnegative, nonzero, nonnegative},
    {hash_of("cbrt"), 0, positive, 0},
    {hash_of("square"), nonnegative, nonzero, 0},
    {hash_of("abs"), nonnegative, nonzero, 0},
    {hash_of("sign"), 0, positive, 0},
    {hash_of("relu"), nonnegative, 0, 0},
    {hash_of("sin"), 0, 0, 0},
    {hash_of("cos"), 0, 0, 0},
    {hash_of("asin"), 0, positive, holes},
    {hash_of("acos"), nonnegative, 0, holes},
    {hash_of("atan"), 0, positive, 0},
    {hash_of("sinh"), 0, positive, 0},
    {hash_of("cosh"), positive, 0, 0},
    {hash_of("tanh"), 0, positive, 0},
    {hash_of("sech"), positive, 0, 0},
    {hash_of("asinh"), 0, positive, 0},
    {hash_of("acosh"), nonnegative, 0, holes},
    {hash_of("atanh"), 0, positive, holes},
    {hash_of("erf"), 0, positive, 0},
    {hash_of("erfc"), positive, 0, 0},
    {hash_of("sigmoid"), positive, 0, 0},
    {hash_of("softplus"), positive, 0, 0},
    {hash_of("hypot"), nonnegative, nonzero, 0},
    {hash_of("min"), 0, positive, 0},
    {hash_of("max"), 0, positive, 0},
};

constexpr unsigned range_of_constant(double number) {
  if (!(exact::magnitude(number) <= std::numeric_limits<double>::max())) return 0;
  return defined | (number >= 0 ? nonnegative : 0u) | (number != 0 ? nonzero : 0u);
}

constexpr unsigned range_of_power(graph const& g, node const& n, unsigned base) {
  node const& exponent = g.nodes[n.operands[1]];
  if (!is<constant_>(exponent) || exponent.constant.denominator != 1)
    return (base & positive) == positive ? base : base & positive;
  double const y = exponent.constant.numerator;
  if (!exact::is_integer(y)) {
    bool const safe = (base & nonnegative) && (y > 0 || (base & nonzero));
    return (safe ? base & defined : 0u) | nonnegative | (base & nonzero);
  }
  bool const even = static_cast<std::int64_t>(y) % 2 == 0;
  return (y > 0 || (base & nonzero) ? base & defined : 0u) | (even ? nonnegative : base & nonnegative) |
         (base & nonzero);
}

}  // namespace detail

/// The facts about node `id`, given those about the nodes before it.
constexpr unsigned facts_about(graph const& g, int id, sequence<unsigned> const& known) {
  node const& n = g.nodes[id];
  unsigned both = ~0u;  // of all operands
  for (int k = 0; k < n.op->arity; ++k) both &= known[n.operands[k]];
  if (is<constant_>(n)) return detail::range_of_constant(n.constant.numerator);
  if (is<input_>(n)) return defined;
  if (detail::runs_along_axis(n.op->kind)) return defined | nonnegative;
  if (n.op->arity == 0) return defined | detail::positive;  // pi, the extent of an axis
  if (is<add_>(n)) {
    unsigned const either = known[n.operands[0]] | known[n.operands[1]];
    return (both & (defined | nonnegative)) | (both & nonnegative ? either & nonzero : 0u);
  }
  if (is<subtract_>(n)) return both & defined;
  if (is<multiply_>(n)) return both;
  if (is<divide_>(n)) {
    unsigned const below = known[n.operands[1]];
    return (below & nonzero ? both & defined : 0u) | (both & nonnegative) | (known[n.operands[0]] & nonzero);
  }
  if (is<negate_>(n)) return both & (defined | nonzero);
  if (is<pow_>(n))
    return detail::range_of_power(g, n, known[n.operands[0]] & (known[n.operands[1]] | detail::positive));
  if (is<where_>(n)) return (both & defined) | (known[n.operands[1]] & known[n.operands[2]] & detail::positive);
  if (n.op->condition) return both & defined;
  for (detail::range_of_function const& f : detail::function_ranges)
    if (f.id == n.op->id) {
      bool const holds = (both & f.requires_of_operand) == f.requires_of_operand;
      return (holds ? both & defined : 0u) | f.always | (both & f.passes);
    }
  return 0;
}

}  // namespace ddx

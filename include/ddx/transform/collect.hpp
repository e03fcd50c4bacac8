// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph and one of its inputs enter; its outputs as polynomials in that input leave.
#pragma once

#include "expansion.hpp"
#include "simplify.hpp"

namespace ddx {

namespace detail {

/// The largest of some exponents that is less than `bound`, -1 if there is none.
constexpr int next_below(sequence<int> const& exponents, int bound) {
  int result = -1;
  for (int exponent : exponents)
    if (exponent < bound && exponent > result) result = exponent;
  return result;
}

}  // namespace detail

/// Every output as a sum of powers of `input`, the highest first, each with all that it is multiplied with: y*x + x +
/// 2*x^2 becomes 2*x^2 + x*(y + 1). What contains the input otherwise, such as sin(x), is part of the coefficients.
/// Products are written out as expand does, with its bound.
constexpr graph collect(graph_view source, int input) {
  graph const simple = detail::canonical(source, sharing::keep, sum_order::written, level::sound);
  detail::expansion terms(simple.view());
  detail::polynomial_ring& ring = terms.ring();
  ring.check("ddx::collect");
  int const x = detail::input_node(terms.out(), input);
  for (int i = 0; i < simple.outputs.size(); ++i) {
    detail::polynomial const p = terms.of(simple.outputs[i]);
    sequence<int> exponents, bodies;  // of each term
    for (detail::monomial_term const& t : p) {
      int exponent = 0;
      bodies.push_back(ring.without(t.monomial, x, exponent));
      exponents.push_back(exponent);
    }
    int sum = -1;
    for (int exponent = detail::next_below(exponents, 2 * largest_exponent); exponent >= 0;
         exponent = detail::next_below(exponents, exponent)) {
      detail::polynomial coefficient;
      for (int k = 0; k < p.size(); ++k)
        if (exponents[k] == exponent) coefficient.push_back({p[k].coefficient, bodies[k]});
      int part = ring.build(coefficient);
      if (exponent > 0) part = ring.apply(info<multiply_>, ring.build_power(x, exponent), part);
      sum = sum < 0 ? part : ring.apply(info<add_>, sum, part);
    }
    terms.out().outputs.push_back(sum < 0 ? detail::constant_node(terms.out(), {0, 1}) : sum);
  }
  return detail::canonical(terms.out().view(), sharing::keep, sum_order::written, level::sound);
}

}  // namespace ddx

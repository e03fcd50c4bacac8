// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph enters; the same graph with its products of sums and its whole powers of sums written out leaves.
#pragma once

#include "expansion.hpp"
#include "simplify.hpp"

namespace ddx {

/// Every output, and every operand of a function in it, as a sum of monomials with exact rational coefficients:
/// (x + y)*(x - y) becomes x^2 - y^2, (x + 1)^3 becomes x^3 + 3*x^2 + 3*x + 1, in the order in which the terms come up.
/// Terms that cancel vanish where they are defined for all reals; log(x) - log(x) becomes 0*log(x). Quotients are
/// divided term by term and never cancelled; products and powers below a bar are not written out, and terms over one
/// denominator share its bar. Coefficients are exact: terms whose sum is not, such as 2^53*x + x, stay apart. Throws
/// error (in a constant expression: fails) where a polynomial has more than `largest_polynomial` terms.
constexpr graph expand(graph_view source) {
  graph const simple = detail::canonical(source, sharing::keep, sum_order::written, level::sound);
  detail::expansion terms(simple.view());
  terms.ring().check("ddx::expand");
  for (int i = 0; i < simple.outputs.size(); ++i)
    terms.out().outputs.push_back(terms.ring().build(terms.of(simple.outputs[i])));
  return detail::canonical(terms.out().view(), sharing::keep, sum_order::written, level::sound);
}

}  // namespace ddx

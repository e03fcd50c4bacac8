// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The terms of a sum enter; those that are quotients by a sum u leave as one: q/s^n - q*x/s^n/u = q*(u - x)/s^n/u,
// where x is a term of u and s is u or its root.
#pragma once

#include "rewrite_terms.hpp"

namespace ddx::detail {

/// Folds quotients by a sum.
class rewrite_quotients : protected rewrite_terms {
 protected:
  using rewrite_terms::rewrite_terms;

  /// Folds two terms of this form: what is left of u once x is taken off is not computed by a difference that cancels. Both sides are
  /// defined at the same points, since the right one has u too.
  constexpr bool fold_quotients(sequence<summand>& terms) {
    if (terms.size() < 2 || terms.size() > widest) return false;
    for (int i = 0; i < terms.size(); ++i) {
      summand const t = terms[i];
      if (t.body == one || !is<divide_>(out_.nodes[t.body]) || width(t.body) > widest) continue;
      product p = factors_of(out_, t.body);
      for (sequence<factor>* side : {&p.numerator, &p.denominator})
        for (factor& f : *side)
          if (int const power = whole_power(out_, out_.nodes[f.base]); power > 0 && power < widest)
            f = {out_.nodes[f.base].operands[0], f.exponent * power};
      if (!exact::multiply(p.coefficient, t.coefficient, p.coefficient)) continue;
      for (int k = 0; k < p.denominator.size(); ++k)
        if (fold_quotient_by(k, i, p, terms)) return true;
    }
    return false;
  }

 private:
  constexpr bool fold_quotient_by(int divisor, int place, product const& p, sequence<summand>& terms) {
    factor const below = p.denominator[divisor];
    bool const root = out_.nodes[below.base].op->id == sqrt_id;
    int const u = root ? out_.nodes[below.base].operands[0] : below.base, removed = root ? 2 : 1;
    if (!is_sum(out_.nodes[u]) || below.exponent < removed || width(u) > widest) return false;
    sequence<summand> const parts = terms_of(out_, u);
    for (int i = 0; i < parts.size(); ++i) {
      product q = p;  // p/x, then the term it goes with
      if (!take_factors(parts[i], q)) continue;
      product partner = q;
      bool const minus = !q.coefficient.negative();
      if (!minus) partner.coefficient = -partner.coefficient;
      partner.denominator[divisor].exponent -= removed;
      if (partner.denominator[divisor].exponent < 0) continue;
      drop_empty(partner.numerator);
      drop_empty(partner.denominator);
      factor_places_.clear();
      summand const wanted = summand_of(out_, build_product(partner), minus);
      factor_places_.clear();
      partner.coefficient = -partner.coefficient;
      summand const opposite =
          summand_of(out_, build_product(partner), !minus);  // -1/s may have its sign above the bar
      for (int j = 0; j < terms.size(); ++j) {
        bool const found = (terms[j].body == wanted.body && terms[j].coefficient == wanted.coefficient) ||
                           (terms[j].body == opposite.body && terms[j].coefficient == opposite.coefficient);
        if (j == place || !found) continue;
        sequence<term> rest;
        term_places_.clear();
        for (int k = 0; k < parts.size(); ++k)
          if (k != i) add_term({parts[k].coefficient, parts[k].body}, rest);
        term_places_.clear();
        int const left = build_sum(rest);
        q.coefficient = -q.coefficient;
        drop_empty(q.numerator);
        drop_empty(q.denominator);
        factor_places_.clear();
        for (int k = 0; k < q.numerator.size(); ++k) factor_places_.set(2 * q.numerator[k].base, k);
        for (int k = 0; k < q.denominator.size(); ++k) factor_places_.set(2 * q.denominator[k].base + 1, k);
        add_factors(left, false, q);
        int const by = build_product(q);
        sequence<int> places;
        places.push_back(place);
        places.push_back(j);
        if (exchange(by, worth::as_many, terms, places)) return true;
        break;
      }
    }
    return false;
  }

  /// Divides a product by a term, all of whose factors it must have; factors that are used up stay with exponent 0.
  constexpr bool take_factors(summand const& x, product& p) const {
    if (x.coefficient.numerator == 0 || !exact::divide(p.coefficient, x.coefficient, p.coefficient)) return false;
    return x.body == one || take_power(x.body, 1, false, p);
  }

  /// The same for the power of a node.
  constexpr bool take_power(int id, int exponent, bool inverse, product& p) const {
    for (factor& present : inverse ? p.denominator : p.numerator)
      if (present.base == id && present.exponent >= exponent) {
        present.exponent -= exponent;
        return true;
      }
    node const& n = out_.nodes[id];
    if (int const power = whole_power(out_, n); power > 0)
      return power < widest && exponent < widest && take_power(n.operands[0], power * exponent, inverse, p);
    rational raised;
    if (is<constant_>(n) && n.constant.numerator != 0 && exact::power(n.constant, exponent, raised))
      return inverse ? exact::multiply(p.coefficient, raised, p.coefficient)
                     : exact::divide(p.coefficient, raised, p.coefficient);
    if (!is_product(n)) return false;
    if (is<negate_>(n) && exponent % 2 != 0) p.coefficient = -p.coefficient;
    for (int k = 0; k < n.op->arity; ++k)
      if (!take_power(n.operands[k], exponent, inverse != (is<divide_>(n) && k == 1), p)) return false;
    return true;
  }
};

}  // namespace ddx::detail

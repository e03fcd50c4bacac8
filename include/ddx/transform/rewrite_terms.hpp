// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The terms of a sum enter; the same with those replaced that are the left side of an identity leave: all of its terms
// or some, each with a common factor: y*sin(x)^2 + y*cos(x)^2 = y.
#pragma once

#include "rewrite_match.hpp"

namespace ddx::detail {

/// Applies the identities whose left sides are sums.
class rewrite_terms : protected rewrite_match {
 protected:
  using rewrite_match::rewrite_match;

  constexpr bool replace_terms(rule const& r, sequence<summand>& terms) {
    sequence<summand> const& wanted = r.terms;
    if (terms.size() < wanted.size()) return false;
    for (int i = 0; i < terms.size(); ++i) {
      if (terms[i].body == one || !has_factor(terms[i].body, r.head)) continue;
      int const count = cofactor_count(terms[i].body);
      for (int choice = -1; choice < count; ++choice) {
        binding b;
        scale common;
        sequence<int> places;
        if (!exact::divide(terms[i].coefficient, wanted[0].coefficient, common.coefficient)) break;
        if (!match_with_cofactor(wanted[0].body, terms[i].body, choice, b, common.cofactor)) continue;
        places.push_back(i);
        if (!match_terms(wanted, terms, 1, common, b, places) || !is_allowed(r, b)) continue;
        if (exchange(replacement(r, common, b), r.line->gain, terms, places)) return true;
      }
    }
    return false;
  }

  /// Puts `by` where the first of the terms was, if that is worth it.
  constexpr bool exchange(int by, worth gain, sequence<summand>& terms, sequence<int> const& places) {
    sequence<summand> const added = terms_of(out_, by);
    // A link less for each term that goes; terms of sign + or - carry no operation for it.
    int born = added.size(), died = places.size();
    for (summand const& t : added) born += acquire(unsigned_term(t));
    for (int place : places) died += release(unsigned_term(terms[place]));
    if (!is_worth(gain, born, died)) {
      for (int place : places) acquire(unsigned_term(terms[place]));
      for (summand const& t : added) release(unsigned_term(t));
      return false;
    }
    sequence<summand> const before = terms;
    int first = places[0];
    for (int place : places) first = place < first ? place : first;
    terms.clear();
    for (int i = 0; i < before.size(); ++i) {
      if (i == first)
        for (summand const& t : added) terms.push_back(t);
      bool kept = true;
      for (int place : places) kept &= place != i;
      if (kept) terms.push_back(before[i]);
    }
    return true;
  }

 private:
  /// A common factor of terms: coefficient and cofactor.
  struct scale {
    rational coefficient{1, 1};
    int cofactor = one;
  };

  /// Whether a term, one of its factors or what it is a power of passes the test: a few steps that spare the matching.
  template <class Test>
  constexpr bool any_factor(int body, Test const& test) const {
    if (test(body)) return true;
    node const& n = out_.nodes[body];
    if (!is_product(n)) return whole_power(out_, n) > 0 && any_factor(n.operands[0], test);
    for (int k = 0; k < n.op->arity; ++k)
      if (any_factor(n.operands[k], test)) return true;
    return false;
  }

  constexpr bool has_factor(int body, primitive const* head) const {
    return head == nullptr || any_factor(body, [&](int id) { return out_.nodes[id].op->id == head->id; });
  }

  /// A factor of a common cofactor that every term with it has: no product, power or number; `one` where there is none.
  constexpr int factor_within(int cofactor) const {
    node const& n = out_.nodes[cofactor];
    if (is<constant_>(n)) return one;
    if (!is_product(n)) return whole_power(out_, n) > 0 ? factor_within(n.operands[0]) : cofactor;
    int found = one;
    for (int k = 0; k < n.op->arity && found == one; ++k) found = factor_within(n.operands[k]);
    return found;
  }

  /// How many factors of a term may be the one that a pattern describes, besides the whole term.
  constexpr int cofactor_count(int body) {
    return is_product(out_.nodes[body]) && width(body) <= widest ? factors_of(out_, body).numerator.size() : 0;
  }

  /// Matches the whole term (choice -1) or one of its factors, and answers what else there is of the term.
  constexpr bool match_with_cofactor(int pattern, int body, int choice, binding& b, int& cofactor) {
    cofactor = one;
    if (choice < 0) return match(pattern, body, b);
    product p = factors_of(out_, body);
    factor const f = p.numerator[choice];
    factor_places_.clear();
    int part = f.base;
    if (f.exponent > 1) part = binary(info<pow_>, f.base, constant({static_cast<double>(f.exponent), 1}));
    if (!match(pattern, part, b)) return false;
    remove(p.numerator, choice);
    cofactor = build_product(p);
    return true;
  }

  constexpr bool match_terms(sequence<summand> const& wanted, sequence<summand> const& terms, int next,
                             scale const& common, binding& b, sequence<int>& places) {
    if (next == wanted.size()) return true;
    summand const w = wanted[next];
    rational coefficient;
    if (!exact::multiply(common.coefficient, w.coefficient, coefficient)) return false;
    term bound{coefficient, common.cofactor};
    bool const is_bound = w.body != one && is_variable(w.body) && b.at[patterns_.nodes[w.body].index] >= 0;
    if (is_bound) {
      if (common.cofactor != one) return false;
      term const t = split(b.at[patterns_.nodes[w.body].index]);
      if (!exact::multiply(coefficient, t.coefficient, bound.coefficient)) return false;
      bound.body = t.body;
    }
    bool const is_whole = w.body == one || is_bound;
    primitive const* const head = is_whole ? nullptr : head_of(patterns_, w.body);
    int const common_factor = is_whole || common.cofactor == one ? one : factor_within(common.cofactor);
    for (int i = 0; i < terms.size(); ++i) {
      bool is_taken = false;
      for (int place : places) is_taken |= place == i;
      if (is_taken || !(terms[i].coefficient == bound.coefficient)) continue;
      if (is_whole) {
        if (terms[i].body != bound.body) continue;
        places.push_back(i);
        if (match_terms(wanted, terms, next + 1, common, b, places)) return true;
        places.pop_back();
        continue;
      }
      if (terms[i].body == one || !has_factor(terms[i].body, head)) continue;
      if (common_factor != one && !any_factor(terms[i].body, [&](int id) { return id == common_factor; })) continue;
      int const count = common.cofactor == one ? 0 : cofactor_count(terms[i].body);
      for (int choice = common.cofactor == one ? -1 : 0; choice < count; ++choice) {
        binding const before = b;
        int cofactor = one;
        if (match_with_cofactor(w.body, terms[i].body, choice, b, cofactor) && cofactor == common.cofactor) {
          places.push_back(i);
          if (match_terms(wanted, terms, next + 1, common, b, places)) return true;
          places.pop_back();
        }
        b = before;
      }
    }
    return false;
  }

  /// The right side with what the terms have in common.
  constexpr int replacement(rule const& r, scale const& common, binding const& b) {
    product p;
    p.coefficient = common.coefficient;
    factor_places_.clear();
    int const right = instantiate(r.right, b);
    factor_places_.clear();
    if (common.cofactor != one) add_factors(common.cofactor, false, p);
    add_factors(right, false, p);
    return build_product(p);
  }
};

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// An identity and a node enter; what the variables of its left side stand for, and its right side with these, leave.
#pragma once

#include "identity_reader.hpp"
#include "range.hpp"
#include "rewrite_chains.hpp"

namespace ddx::detail {

/// Matches nodes with the left sides of identities, and builds their right sides.
class rewrite_match : protected rewrite_chains {
 protected:
  constexpr rewrite_match(graph_view source, sharing mode, sum_order order, level assumed)
      : rewrite_chains(source, mode, order, assumed), reader_(patterns_, out_) {}

  struct binding {
    int at[3]{-1, -1, -1};
  };

  struct rule {
    identity const* line;
    int left, right;
    product factors{};                // of the left side, where it is a product or a power
    sequence<summand> terms{};        // of the left side, where it is a sum: what tells most first
    primitive const* head = nullptr;  // the function in the first term, without its power
  };

  constexpr void prepare(identity const& line) {
    int const left = reader_.read(line.left), right = reader_.read(line.right);
    if (left < 0 || right < 0) return;
    node const& root = patterns_.nodes[left];
    bool const power = is<pow_>(root) && whole_power(patterns_, root) > 0;
    rule r{&line, left, right};
    if (is_sum(root)) {
      r.terms = terms_of(patterns_, left);
      for (int i = 1; i < r.terms.size() && (r.terms[0].body == one || is_variable(r.terms[0].body)); ++i) {
        summand const first = r.terms[0];
        remove(r.terms, 0);
        r.terms.push_back(first);
      }
      if (r.terms[0].body != one) r.head = head_of(patterns_, r.terms[0].body);
      sums_.push_back(r);
    } else if (is_product(root) || power) {
      r.factors = factors_of(patterns_, left);
      products_.push_back(r);
    } else {
      functions_.push_back(r);
    }
  }

  constexpr bool is_variable(int pattern) const { return is<input_>(patterns_.nodes[pattern]); }

  /// The function of a term without its power; none for a variable or a product.
  static constexpr primitive const* head_of(graph const& g, int id) {
    node const& n = g.nodes[id];
    if (is_product(n)) return nullptr;
    node const& base = whole_power(g, n) > 0 ? g.nodes[n.operands[0]] : n;
    return base.op->arity > 0 ? base.op : nullptr;
  }

  static constexpr bool bind(int variable, int id, binding& b) {
    if (b.at[variable] < 0) b.at[variable] = id;
    return b.at[variable] == id;
  }

  constexpr bool match(int pattern, int id, binding& b) {
    node const p = patterns_.nodes[pattern];
    if (is<input_>(p)) return bind(p.index, id, b);
    if (target(id) != id) return false;  // rewritten already: next round
    node const n = out_.nodes[id];
    if (is<constant_>(p)) return is<constant_>(n) && n.constant == p.constant;
    if (is_sum(p)) return is_sum(n) && width(id) <= widest_sum && match_whole_sum(pattern, id, b);
    if (is_product(p)) return match_whole_product(pattern, id, b);
    if (p.op->id != n.op->id) return false;
    binding const before = b;
    for (int k = 0; k < p.op->arity; ++k)
      if (!match(p.operands[k], n.operands[k], b)) {
        b = before;
        return false;
      }
    return true;
  }

  /// All terms: those of the pattern that are functions first, a variable takes what is left.
  constexpr bool match_whole_sum(int pattern, int id, binding& b) {
    sequence<summand> const wanted = terms_of(patterns_, pattern);
    sequence<summand> terms = terms_of(out_, id);
    int rest_variable = -1;
    for (summand const& w : wanted) {
      if (w.body != one && is<input_>(patterns_.nodes[w.body])) {
        rest_variable = patterns_.nodes[w.body].index;
        continue;
      }
      int found = -1;
      for (int i = 0; i < terms.size() && found < 0; ++i) {
        bool const fits = terms[i].coefficient == w.coefficient && (terms[i].body == one) == (w.body == one);
        if (fits && (w.body == one || match(w.body, terms[i].body, b))) found = i;
      }
      if (found < 0) return false;
      remove(terms, found);
    }
    if (terms.empty() || rest_variable < 0) return terms.empty() && rest_variable < 0;
    sequence<term> rest;
    term_places_.clear();
    for (summand const& t : terms) add_term({t.coefficient, t.body}, rest);
    term_places_.clear();
    return bind(rest_variable, build_sum(rest), b);
  }

  /// All factors: -x takes what has a negative coefficient, c*x whatever it is.
  constexpr bool match_whole_product(int pattern, int id, binding& b) {
    if (width(id) > widest) return false;
    product const wanted = factors_of(patterns_, pattern);
    product p = factors_of(out_, id);
    rational ratio;
    if (!exact::divide(p.coefficient, wanted.coefficient, ratio)) return false;
    int rest_variable = -1;
    for (int side = 0; side < 2; ++side) {
      sequence<factor>& present = side == 0 ? p.numerator : p.denominator;
      for (factor const& w : side == 0 ? wanted.numerator : wanted.denominator) {
        if (is<input_>(patterns_.nodes[w.base]) && w.exponent == 1 && side == 0) {
          rest_variable = patterns_.nodes[w.base].index;
          continue;
        }
        int found = -1;
        for (int i = 0; i < present.size() && found < 0; ++i)
          if (present[i].exponent >= w.exponent && match(w.base, present[i].base, b)) found = i;
        if (found < 0) return false;
        present[found].exponent -= w.exponent;
        drop_empty(present);
      }
    }
    if (rest_variable < 0) return ratio.is(1) && p.numerator.empty() && p.denominator.empty();
    if (ratio.negative()) return false;
    p.coefficient = ratio;
    return bind(rest_variable, build_product(p), b);
  }

  // ---- conditions and right sides

  constexpr unsigned facts(int id) {
    while (facts_.size() <= id) facts_.push_back(facts_about(out_, facts_.size(), facts_));
    return facts_[id];
  }

  constexpr bool is_allowed(rule const& r, binding const& b) {
    given const condition = r.line->condition;
    if (condition == given::positive && (facts(b.at[0]) & detail::positive) != detail::positive) return false;
    if (condition == given::nonnegative && !(facts(b.at[0]) & nonnegative)) return false;
    for (int variable = 0; variable < 3; ++variable) {
      if (b.at[variable] < 0 || contains(r.right, variable)) continue;
      if (level_ == level::sound && !(facts(b.at[variable]) & defined)) return false;
    }
    return true;
  }

  constexpr bool contains(int pattern, int variable) const {
    node const& n = patterns_.nodes[pattern];
    if (is<input_>(n)) return n.index == variable;
    for (int k = 0; k < n.op->arity; ++k)
      if (contains(n.operands[k], variable)) return true;
    return false;
  }

  constexpr int instantiate(int pattern, binding const& b) {
    node n = patterns_.nodes[pattern];
    if (is<input_>(n)) return b.at[n.index];
    for (int k = 0; k < n.op->arity; ++k) n.operands[k] = instantiate(n.operands[k], b);
    if (is_sum(n)) {
      sequence<term> terms;
      term_places_.clear();
      add_term(signed_term(n.operands[0], false), terms);
      add_term(signed_term(n.operands[1], is<subtract_>(n)), terms);
      term_places_.clear();
      return build_sum(terms);
    }
    if (is_product(n)) {
      product p;
      factor_places_.clear();
      if (is<negate_>(n)) p.coefficient = {-1, 1};
      for (int k = 0; k < n.op->arity; ++k) add_factors(n.operands[k], is<divide_>(n) && k == 1, p);
      return build_product(p);
    }
    return rebuild(n);
  }

  sequence<rule> sums_, products_, functions_;

 private:
  identity_reader reader_;
  sequence<unsigned> facts_;
};

}  // namespace ddx::detail

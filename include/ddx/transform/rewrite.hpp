// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The table of identities is applied: a graph in canonical form enters, an equal one with fewer operations leaves.
//
// Cost and termination. A rewrite is kept only where the whole graph, with what else uses the parts, gets fewer operations, for
// some identities also where it gets as many. Each round of simplify() starts from the canonical form of the round before and
// counts only if it has fewer operations; those that have as many are at most `equal_rounds`. Operations are finite in number,
// so are the rounds.
#pragma once

#include "rewrite_quotients.hpp"

namespace ddx {

/// One round of rewriting. It builds new nodes with the builders of the canonical form.
class rewriter : detail::rewrite_quotients {
 public:
  /// `source` is in canonical form and has no dead nodes.
  constexpr rewriter(graph_view source, sharing mode, sum_order order, level assumed)
      : rewrite_quotients(source, mode, order, assumed) {}

  using rewrite_quotients::is_candidate;
  using rewrite_quotients::result;

  /// Rewrites what is worth it and answers whether anything was.
  constexpr bool run() {
    for (int i = 0; i < in_.node_count; ++i) out_.intern(in_.nodes[i]);
    std::uint64_t const present = functions_of(in_);
    for (identity const& line : identities)
      if (applies(line, present, level_)) prepare(line);
    count();
    for (int id = 0; id < in_.node_count; ++id) {
      if (uses_[id] == 0 || part_[id] || target(id) != id) continue;
      node const n = out_.nodes[id];
      if (n.op->arity == 0) continue;
      if (is_sum(n)) rewrite_sum(id);
      else rewrite_node(id, is_product(n) || is<pow_>(n));
    }
    return changed_;
  }

 private:
  /// What a match took of a product: a multiple `times` of the pattern's factors.
  struct taken {
    int place;
    bool inverse;
    int exponent;
  };

  constexpr void rewrite_node(int id, bool is_product_or_power) {
    for (rule const& r : functions_) {
      binding b;
      if (patterns_.nodes[r.left].op->id != out_.nodes[id].op->id || !match(r.left, id, b) || !is_allowed(r, b))
        continue;
      if (replace(r, id, instantiate(r.right, b))) return;
    }
    if (!is_product_or_power || products_.empty() || width(id) > widest) return;
    product const p = factors_of(out_, id);
    for (rule const& r : products_)
      if (int const changed = match_product(r, p); changed >= 0 && replace(r, id, changed)) return;
  }

  constexpr void rewrite_sum(int id) {
    if (width(id) > widest_sum) return;
    sequence<summand> terms = terms_of(out_, id);
    bool changed = false;
    for (bool again = true; again;) {
      again = fold_quotients(terms);
      changed |= again;
      for (rule const& r : sums_)
        if (replace_terms(r, terms)) again = changed = true;
    }
    if (!changed) return;
    sequence<term> rest;
    term_places_.clear();
    for (summand const& t : terms) add_term({t.coefficient, t.body}, rest);
    term_places_.clear();
    int const sum = build_sum(rest);
    if (target(sum) == id || out_.nodes[sum].axes != out_.nodes[id].axes) return;
    acquire(sum);
    redirect(id, target(sum));
  }

  constexpr bool replace(rule const& r, int from, int to) {
    if (target(to) == from || out_.nodes[to].axes != out_.nodes[from].axes) return false;
    int const born = acquire(to);
    int died = detail::operations(out_.view(), from);
    for (int k = 0; k < out_.nodes[from].op->arity; ++k) died += release(out_.nodes[from].operands[k]);
    if (is_worth(r.line->gain, born, died)) {
      redirect(from, target(to));
      return true;
    }
    for (int k = 0; k < out_.nodes[from].op->arity; ++k) acquire(out_.nodes[from].operands[k]);
    release(to);
    return false;
  }

  /// The product with the factors of the left side replaced, as often as they all occur; -1 where they do not.
  constexpr int match_product(rule const& r, product const& p) {
    product const& wanted = r.factors;
    if (p.numerator.size() < wanted.numerator.size() || p.denominator.size() < wanted.denominator.size()) return -1;
    binding b;
    sequence<taken> uses;
    if (!match_factors(wanted, p, 0, b, uses) || !is_allowed(r, b)) return -1;
    int times = 1 << 20;
    for (int i = 0; i < uses.size(); ++i) {
      int const present = (uses[i].inverse ? p.denominator : p.numerator)[uses[i].place].exponent;
      times = present / uses[i].exponent < times ? present / uses[i].exponent : times;
    }
    product rest;
    rational whole;
    if (!exact::power(wanted.coefficient, times, whole) || !exact::divide(p.coefficient, whole, rest.coefficient))
      return -1;
    int right = instantiate(r.right, b);
    if (times > 1) right = build_power(right, constant({static_cast<double>(times), 1}));
    factor_places_.clear();
    for (int side = 0; side < 2; ++side) {
      sequence<factor> const& present = side == 0 ? p.numerator : p.denominator;
      for (int i = 0; i < present.size(); ++i) {
        factor f = present[i];
        for (taken const& t : uses)
          if (t.place == i && t.inverse == (side == 1)) f.exponent -= times * t.exponent;
        if (f.exponent > 0) add_factor(f, side == 1, rest);
      }
    }
    add_factors(right, false, rest);
    return build_product(rest);
  }

  constexpr bool match_factors(product const& wanted, product const& p, int next, binding& b, sequence<taken>& uses) {
    int const above = wanted.numerator.size();
    if (next == above + wanted.denominator.size()) return true;
    bool const inverse = next >= above;
    factor const w = inverse ? wanted.denominator[next - above] : wanted.numerator[next];
    sequence<factor> const& present = inverse ? p.denominator : p.numerator;
    for (int i = 0; i < present.size(); ++i) {
      bool is_taken = present[i].exponent < w.exponent;
      for (taken const& t : uses) is_taken |= t.place == i && t.inverse == inverse;
      binding const before = b;
      if (is_taken || !match(w.base, present[i].base, b)) continue;
      uses.push_back({i, inverse, w.exponent});
      if (match_factors(wanted, p, next + 1, b, uses)) return true;
      uses.pop_back();
      b = before;
    }
    return false;
  }
};

}  // namespace ddx

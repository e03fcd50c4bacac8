// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Terms enter; the node of their sum in canonical form leaves.
#pragma once

#include "../primitive/scan.hpp"
#include "level.hpp"

namespace ddx::detail {

/// Builds canonical sums: coefficient * body, terms in order, like ones merged.
class canonical_sum {
 protected:
  constexpr canonical_sum(graph_view source, sharing mode, sum_order order, level assumed)
      : in_(source), out_(graph::like(source)), mode_(mode), order_(order), level_(assumed) {}

  static constexpr int one = -1;  // the body of a term that is a constant

  /// A map from small numbers to places in a list.
  class index {
   public:
    constexpr int find(int key) const { return key < places_.size() ? places_[key] : -1; }
    constexpr void set(int key, int place) {
      if (key >= places_.size()) places_.resize(key + key / 2 + 16, -1);
      places_[key] = place;
      used_.push_back(key);
    }
    constexpr void clear() {
      for (int key : used_) places_[key] = -1;
      used_.clear();
    }

   private:
    sequence<int> places_, used_;
  };

  struct term {
    rational coefficient;
    int body;
  };

  static constexpr bool is_sum(node const& n) { return is<add_>(n) || is<subtract_>(n); }
  static constexpr bool is_product(node const& n) { return is<multiply_>(n) || is<divide_>(n) || is<negate_>(n); }

  constexpr bool has_axis(int id, int axis) const { return out_.nodes[id].axes >> axis & 1u; }
  constexpr bool is_constant(int id) const { return is<constant_>(out_.nodes[id]); }
  constexpr int constant(rational value) { return detail::constant_node(out_, value); }
  constexpr int binary(primitive const& op, int a, int b) {
    node n{.op = &op};
    n.operands[0] = a;
    n.operands[1] = b;
    n.axes = out_.nodes[a].axes | out_.nodes[b].axes;
    return out_.intern(n);
  }
  constexpr int unary(primitive const& op, int a) {
    node n{.op = &op};
    n.operands[0] = a;
    n.axes = out_.nodes[a].axes;
    return out_.intern(n);
  }

  // ---- sums: a + b = b + a, (a + b) + c = a + (b + c), p*t + q*t = (p + q)*t for p and q of one sign, t + 0 = t

  /// Opens terms that are sums themselves, for reading; s + s became 2*s before and stays.
  constexpr void open_sums(sequence<term>& terms) {
    sequence<term> const closed = terms;
    terms.clear();
    for (term const& t : closed) {
      if (t.body == one || !t.coefficient.is(1) || !is_sum(out_.nodes[t.body])) {
        add_term(t, terms);
        continue;
      }
      sequence<int> chain;
      int id = t.body;
      for (; is_sum(out_.nodes[id]); id = out_.nodes[id].operands[0]) chain.push_back(id);
      add_term(signed_term(id, false), terms);
      while (!chain.empty()) {
        node const n = out_.nodes[chain.back()];
        chain.pop_back();
        add_term(signed_term(n.operands[1], is<subtract_>(n)), terms);
      }
    }
    term_places_.clear();
  }

  constexpr term signed_term(int id, bool negative) {
    term const t = split(id);
    return {negative ? -t.coefficient : t.coefficient, t.body};
  }

  constexpr void add_term(term t, sequence<term>& terms) {
    if (t.body == one && t.coefficient.numerator == 0) return;
    bool const apart = t.coefficient.negative() && level_ == level::sound;  // x - x stays
    int const key = t.body == one ? 0 : 2 * (t.body + 1) + (apart ? 1 : 0);
    if (int const place = term_places_.find(key); place >= 0)
      if (exact::add(terms[place].coefficient, t.coefficient, terms[place].coefficient)) return;
    term_places_.set(key, terms.size());
    terms.push_back(t);
  }

  constexpr int build_sum(sequence<term>& terms) {
    if (order_ == sum_order::canonical) detail::sort(terms, before);
    drop_zeros(terms);
    if (terms.empty()) return constant({0, 1});
    int const below = common_denominator(terms);
    int sum = build_term(terms[0]);
    for (int i = 1; i < terms.size(); ++i) {
      term t = terms[i];
      bool const minus = t.coefficient.negative();
      if (minus) t.coefficient = -t.coefficient;
      sum = binary(minus ? info<subtract_> : info<add_>, sum, build_term(t));
    }
    return below == one ? sum : binary(info<divide_>, sum, below);
  }

  /// Whether 0*body may be written 0; what has axes keeps them.
  constexpr bool vanishes(int body) const { return level_ == level::assume_real && out_.nodes[body].axes == 0; }

  /// The canonical order of terms: by body, terms that could not be merged by their coefficients.
  static constexpr bool before(term const& a, term const& b) {
    if (a.body != b.body) return a.body < b.body;
    if (a.coefficient.numerator != b.coefficient.numerator) return a.coefficient.numerator < b.coefficient.numerator;
    return a.coefficient.denominator < b.coefficient.denominator;
  }

  /// t + 0 = t, where constants (assuming reals: terms) added up to zero.
  constexpr void drop_zeros(sequence<term>& terms) const {
    int kept = 0;
    for (int i = 0; i < terms.size(); ++i)
      if ((terms[i].body != one && !vanishes(terms[i].body)) || terms[i].coefficient.numerator != 0)
        terms[kept++] = terms[i];
    terms.resize(kept);
  }

  /// a/d + b/d = (a + b)/d: takes the denominator that all terms share off them, `one` if there is none.
  constexpr int common_denominator(sequence<term>& terms) const {
    if (terms.size() < 2) return one;
    int common = one;
    for (term const& t : terms) {
      if (t.body == one || !is<divide_>(out_.nodes[t.body])) return one;
      int const below = out_.nodes[t.body].operands[1];
      if (common != one && common != below) return one;
      common = below;
    }
    for (term& t : terms) {
      int const above = out_.nodes[t.body].operands[0];
      t.body = is_constant(above) && out_.nodes[above].constant.is(1) ? one : above;
    }
    return common;
  }

  /// A canonical node as coefficient * body. A zero coefficient stays inside: 0*x is not 0.
  constexpr term split(int id) {
    node const n = out_.nodes[id];
    if (is<constant_>(n)) return {n.constant, one};
    if (is<negate_>(n)) {
      term t = split(n.operands[0]);
      return {-t.coefficient, t.body};
    }
    if (is<multiply_>(n) && is_constant(n.operands[0])) {
      rational const c = out_.nodes[n.operands[0]].constant;
      if (c.numerator != 0) return {c, n.operands[1]};
    }
    if (is<divide_>(n)) {
      bool const nested = is<divide_>(out_.nodes[n.operands[0]]);  // a shared quotient above the bar stays whole
      term const above = nested ? term{{1, 1}, n.operands[0]} : split(n.operands[0]),
                 below = split_below(n.operands[1]);
      if (above.coefficient.numerator == 0) return {{1, 1}, id};
      rational quotient;
      if ((above.coefficient.is(1) && below.coefficient.is(1)) ||
          !exact::divide(above.coefficient, below.coefficient, quotient))
        return {{1, 1}, id};
      if (below.body == one) return {quotient, above.body};
      if (above.body == one && quotient.is(1)) return {{1, 1}, id};
      return {quotient, binary(info<divide_>, above.body == one ? constant({1, 1}) : above.body, below.body)};
    }
    return {{1, 1}, id};
  }

  /// The same below a fraction bar, where a/(2/b) is as short as it gets.
  constexpr term split_below(int id) {
    node const& n = out_.nodes[id];
    if (is<divide_>(n) && is_constant(n.operands[0])) return {{1, 1}, id};
    return split(id);
  }

  /// coefficient * body: p*N/(q*D) for the coefficient p/q and the body N/D.
  constexpr int build_term(term t) {
    if (t.body == one) return constant(t.coefficient);
    rational const c = t.coefficient;
    if (c.is(1)) return t.body;
    int above = t.body, below = one;
    if (is<divide_>(out_.nodes[t.body])) {
      above = out_.nodes[t.body].operands[0];
      below = out_.nodes[t.body].operands[1];
      if (is_constant(above) && out_.nodes[above].constant.is(1)) above = one;
    }
    bool negative = c.numerator == -1 && above != one;
    double divisor = c.denominator;
    if (negative && divisor != 1 && mode_ == sharing::keep) {  // e/-2 is one operation, -(e/2) reads better
      negative = false;
      divisor = -divisor;
    }
    if (above == one) above = constant({c.numerator, 1});
    else if (c.numerator != 1 && c.numerator != -1) above = binary(info<multiply_>, constant({c.numerator, 1}), above);
    if (divisor != 1)
      below = below == one ? constant({divisor, 1}) : binary(info<multiply_>, constant({divisor, 1}), below);
    int const quotient = below == one ? above : binary(info<divide_>, above, below);
    return negative ? unary(info<negate_>, quotient) : quotient;
  }

  graph_view in_;
  graph out_;
  sharing mode_;
  sum_order order_;
  level level_;
  index term_places_;  // of bodies in the sum being collected
};

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph enters; the same graph with the common factors of its sums taken out leaves.
#pragma once

#include "polynomial.hpp"
#include "simplify.hpp"

namespace ddx {

namespace detail {

class factoring {
 public:
  constexpr explicit factoring(graph_view source) : in_(source), out_(graph::like(source)), ring_(out_) {}

  constexpr graph run() {
    find_links();
    for (int id = 0; id < in_.node_count; ++id) image_.push_back(link_[id] ? -1 : rewrite(id));
    for (int i = 0; i < in_.output_count; ++i) out_.outputs.push_back(image_[in_.outputs[i]]);
    return std::move(out_);
  }

 private:
  static constexpr bool is_sum(node const& n) { return is<add_>(n) || is<subtract_>(n); }

  /// Inner links of sums that nothing else uses.
  constexpr void find_links() {
    sequence<int> uses(in_.node_count, 0);
    link_ = sequence<char>(in_.node_count, 0);
    for (int i = 0; i < in_.output_count; ++i) uses[in_.outputs[i]] += 2;
    for (int id = 0; id < in_.node_count; ++id)
      for (int k = 0; k < in_.nodes[id].op->arity; ++k) ++uses[in_.nodes[id].operands[k]];
    for (int id = 0; id < in_.node_count; ++id) {
      node const& n = in_.nodes[id];
      if (is_sum(n) && is_sum(in_.nodes[n.operands[0]]) && uses[n.operands[0]] == 1) link_[n.operands[0]] = 1;
    }
  }

  constexpr int rewrite(int id) {
    node n = in_.nodes[id];
    if (is_sum(n)) return factored(terms_of(id));
    for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image_[n.operands[k]];
    return out_.intern(n);
  }

  constexpr polynomial terms_of(int id) {
    sequence<int> chain;
    int first = id;
    do {
      chain.push_back(first);
      first = in_.nodes[first].operands[0];
    } while (link_[first]);
    polynomial parts = monomial_of(image_[first]), terms;
    while (!chain.empty()) {
      node const& link = in_.nodes[chain.back()];
      chain.pop_back();
      polynomial const part = monomial_of(image_[link.operands[1]]);
      for (monomial_term const& t : part)
        parts.push_back({is<subtract_>(link) ? -t.coefficient : t.coefficient, t.monomial});
    }
    ring_.add(terms, parts);
    return terms;
  }

  /// A term as one monomial: its sums are factors like any other.
  constexpr polynomial monomial_of(int id) {
    node const n = out_.nodes[id];
    polynomial result;
    if (is<constant_>(n) && n.constant.numerator != 0) return ring_.constant(n.constant);
    if (is<negate_>(n)) {
      ring_.add(result, monomial_of(n.operands[0]), -1);
      return result;
    }
    if (is<multiply_>(n)) return ring_.multiply(monomial_of(n.operands[0]), monomial_of(n.operands[1]));
    if (is<divide_>(n) && ring_.invert(monomial_of(n.operands[1]), result))
      return ring_.multiply(monomial_of(n.operands[0]), result);
    if (is<pow_>(n) && is<constant_>(out_.nodes[n.operands[1]])) {
      rational const c = out_.nodes[n.operands[1]].constant;
      bool const whole = c.denominator == 1 && exact::is_integer(c.numerator) && c.numerator > 0;
      if (whole && c.numerator < largest_exponent &&
          ring_.raise(ring_.atom(n.operands[0]), static_cast<int>(c.numerator), result))
        return result;
    }
    return ring_.atom(id);
  }

  /// a*b + a*c = a*(b + c): first what all terms share, then the factor that most of them share.
  constexpr int factored(polynomial terms) {
    if (terms.size() < 2) return ring_.build(terms);
    sequence<base_power> common;
    for (int i = 0; i < ring_.power_count(terms[0].monomial); ++i) {
      base_power f = ring_.power_of(terms[0].monomial, i);
      for (monomial_term const& t : terms) {
        int const present = exponent_in(t.monomial, f);
        f.exponent = present < f.exponent ? present : f.exponent;
      }
      if (f.exponent > 0) common.push_back(f);
    }
    rational const content = common_coefficient(terms);
    if (!common.empty() || !content.is(1)) return ring_.build(with_factor(terms, common, content));
    base_power const best = most_frequent(terms);
    if (best.exponent == 0) return ring_.build(terms);
    polynomial group, rest, result;
    sequence<base_power> single;
    single.push_back(best);
    bool placed = false;
    for (monomial_term const& t : terms)
      if (exponent_in(t.monomial, best) == best.exponent) group.push_back(t);
    for (monomial_term const& t : terms) {
      if (exponent_in(t.monomial, best) != best.exponent) {
        rest.push_back(t);
      } else if (!placed) {
        placed = true;
        rest.push_back(with_factor(group, single, {1, 1})[0]);
      }
    }
    return factored(rest);
  }

  /// common*(the terms without it) as a single term.
  constexpr polynomial with_factor(polynomial const& terms, sequence<base_power> const& common, rational content) {
    polynomial inner;
    for (monomial_term const& t : terms) {
      rational coefficient = t.coefficient;
      exact::divide(t.coefficient, content, coefficient);
      inner.push_back({coefficient, ring_.divided(t.monomial, common)});
    }
    polynomial outer = ring_.constant(content);
    outer = ring_.multiply(outer, ring_.atom(factored(inner)));
    for (base_power const& f : common) {
      polynomial raised;
      ring_.raise(ring_.atom(f.atom, f.inverse), f.exponent, raised);
      outer = ring_.multiply(raised, outer);
    }
    return outer;
  }

  constexpr int exponent_in(int monomial, base_power const& f) const {
    for (int i = 0; i < ring_.power_count(monomial); ++i) {
      base_power const present = ring_.power_of(monomial, i);
      if (present.atom == f.atom && present.inverse == f.inverse) return present.exponent;
    }
    return 0;
  }

  /// The coefficient that all terms have, up to the sign; other common divisors would not save a multiplication.
  static constexpr rational common_coefficient(polynomial const& terms) {
    rational c = terms[0].coefficient;
    if (c.negative()) c = -c;
    for (monomial_term const& t : terms)
      if (!((t.coefficient.negative() ? -t.coefficient : t.coefficient) == c)) return {1, 1};
    return c;
  }

  /// The power that most terms share, at least two; exponent 0 where there is none.
  constexpr base_power most_frequent(polynomial const& terms) const {
    base_power best{-1, false, 0};
    int most = 1;
    for (monomial_term const& t : terms)
      for (int i = 0; i < ring_.power_count(t.monomial); ++i) {
        base_power const f = ring_.power_of(t.monomial, i);
        int count = 0;
        for (monomial_term const& other : terms) count += exponent_in(other.monomial, f) == f.exponent ? 1 : 0;
        if (count > most) {
          most = count;
          best = f;
        }
      }
    return best;
  }

  graph_view in_;
  graph out_;
  polynomial_ring ring_;
  sequence<int> image_;
  sequence<char> link_;
};

}  // namespace detail

/// Every sum with its common factors taken out: a*b + a*c becomes a*(b + c), x*y^2 + y^3 becomes y^2*(x + y), 2*x - 2*y becomes
/// 2*(x - y), and a*b + a*c + d becomes a*(b + c) + d. Of terms that share different factors those that most share come first.
/// Nothing is multiplied out, so there is no bound.
constexpr graph factor_out(graph_view source) {
  graph const simple = detail::canonical(source, sharing::keep, sum_order::written, level::sound);
  graph const factored = detail::factoring(simple.view()).run();
  return detail::canonical(factored.view(), sharing::keep, sum_order::written, level::sound);
}

}  // namespace ddx

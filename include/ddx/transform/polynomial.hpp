// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Polynomials in the nodes of a graph: sums of monomials with exact coefficients enter and leave, nodes can be made of
// them.
#pragma once

#include <string>

#include "../error.hpp"
#include "../primitive/power.hpp"
#include "range.hpp"

namespace ddx {

/// Polynomials are refused above this many terms, and products above this many pairs of terms.
inline constexpr int largest_polynomial = 10'000;
inline constexpr int largest_product = 1'000'000;
inline constexpr int largest_exponent = 1 << 20;

namespace detail {

/// A node to a whole positive power, or one divided by it. x and 1/x do not cancel: x/x is undefined at 0.
struct base_power {
  int atom;
  bool inverse;
  int exponent;

  constexpr bool operator==(base_power const&) const = default;
};

struct monomial_term {
  rational coefficient;
  int monomial;
};

using polynomial = sequence<monomial_term>;

/// Monomials, each once, over the nodes of a graph.
class polynomial_ring {
 public:
  constexpr explicit polynomial_ring(graph& g, int most_terms = largest_polynomial) : g_(g), most_terms_(most_terms) {
    intern({});
  }

  /// Whether some product was refused: what has been computed since is not to be used.
  constexpr bool is_too_large() const { return refused_bound_ > 0; }

  /// Throws error if some product was refused, with a sentence that begins with `operation`.
  constexpr void check(char const* operation) const {
    if (is_too_large())
      throw error(std::string(operation) + ": the product of a sum of " + std::to_string(refused_left_) +
                  " terms and one of " + std::to_string(refused_right_) +
                  " is too large to be written out, the bound is " + std::to_string(refused_bound_) +
                  (refused_bound_ == largest_product ? " pairs of terms" : " terms"));
  }

  static constexpr int unit = 0;  // the monomial without factors

  constexpr polynomial constant(rational c) const {
    polynomial p;
    if (c.numerator != 0) p.push_back({c, unit});
    return p;
  }

  constexpr polynomial atom(int node, bool inverse = false) {
    sequence<base_power> factors;
    factors.push_back({node, inverse, 1});
    polynomial p;
    p.push_back({{1, 1}, intern(factors)});
    return p;
  }

  constexpr int power_count(int monomial) const { return begin_[monomial + 1] - begin_[monomial]; }
  constexpr base_power const& power_of(int monomial, int i) const { return powers_[begin_[monomial] + i]; }

  /// sum += sign * p, like terms merged where that is exact; terms that cancel vanish where they are defined
  /// everywhere.
  constexpr void add(polynomial& sum, polynomial const& p, double sign = 1) {
    open(sum);
    append(sum, p, sign);
    close(sum);
  }

  /// The same for many: open(sum), append(sum, p)…, close(sum).
  constexpr void open(polynomial const& sum) {
    for (int i = 0; i < sum.size(); ++i) place(sum[i].monomial) = i;
  }
  constexpr void append(polynomial& sum, polynomial const& p, double sign = 1) {
    for (monomial_term const& t : p) accumulate(sum, {sign < 0 ? -t.coefficient : t.coefficient, t.monomial});
  }
  constexpr void close(polynomial& sum) {
    for (monomial_term const& t : sum) place(t.monomial) = -1;
    drop_zeros(sum);
  }

  constexpr polynomial multiply(polynomial const& a, polynomial const& b) {
    polynomial result;
    if (static_cast<double>(a.size()) * b.size() > largest_product) refuse(a.size(), b.size(), largest_product);
    for (monomial_term const& s : a) {
      if (is_too_large()) break;
      for (monomial_term const& t : b) {
        monomial_term product{{1, 1}, times(s.monomial, t.monomial)};
        if (!exact::multiply(s.coefficient, t.coefficient, product.coefficient)) {
          int const factor = times(s.monomial, constant_factor(s.coefficient));
          product = {t.coefficient, times(factor, t.monomial)};
        }
        accumulate(result, product);
      }
      if (result.size() > most_terms_) refuse(a.size(), b.size(), most_terms_);
    }
    close(result);
    return result;
  }

  /// p^n for n > 0; false where an exponent would be too large.
  constexpr bool raise(polynomial const& p, int n, polynomial& result) {
    if (p.size() == 1) {
      rational coefficient;
      sequence<base_power> factors;
      for (int i = 0; i < power_count(p[0].monomial); ++i) {
        base_power f = power_of(p[0].monomial, i);
        if (f.exponent > largest_exponent / n) return false;
        f.exponent *= n;
        factors.push_back(f);
      }
      if (!exact::power(p[0].coefficient, n, coefficient)) return false;
      result.clear();
      result.push_back({coefficient, intern(factors)});
      return true;
    }
    result = p;
    for (int i = 1; i < n && !p.empty() && !is_too_large(); ++i) result = multiply(result, p);
    return true;
  }

  /// 1/p for a single term: false for others.
  constexpr bool invert(polynomial const& p, polynomial& result) {
    rational coefficient;
    if (p.size() != 1 || !exact::divide({1, 1}, p[0].coefficient, coefficient)) return false;
    sequence<base_power> factors;
    for (int i = 0; i < power_count(p[0].monomial); ++i) {
      base_power f = power_of(p[0].monomial, i);
      if (f.inverse) return false;
      f.inverse = true;
      factors.push_back(f);
    }
    result.clear();
    result.push_back({coefficient, intern(factors)});
    return true;
  }

  /// The monomial without the powers of `atom`, and their exponent.
  constexpr int without(int monomial, int atom, int& exponent) {
    sequence<base_power> factors;
    exponent = 0;
    for (int i = 0; i < power_count(monomial); ++i) {
      base_power const f = power_of(monomial, i);
      if (f.atom == atom && !f.inverse) exponent = f.exponent;
      else factors.push_back(f);
    }
    return intern(factors);
  }

  /// The monomial without `factors`, which it has.
  constexpr int divided(int monomial, sequence<base_power> const& factors) {
    sequence<base_power> rest;
    for (int i = 0; i < power_count(monomial); ++i) {
      base_power f = power_of(monomial, i);
      for (base_power const& g : factors)
        if (g.atom == f.atom && g.inverse == f.inverse) f.exponent -= g.exponent;
      if (f.exponent > 0) rest.push_back(f);
    }
    return intern(rest);
  }

  constexpr int build(polynomial const& p) {
    if (p.empty()) return constant_node(g_, {0, 1});
    int sum = -1;
    for (monomial_term t : p) {
      bool const minus = sum >= 0 && t.coefficient.negative();
      if (minus) t.coefficient = -t.coefficient;
      int const part = build_term(t);
      sum = sum < 0 ? part : apply(minus ? info<subtract_> : info<add_>, sum, part);
    }
    return sum;
  }

  constexpr int build_power(int base, int exponent) {
    return exponent == 1 ? base : apply(info<pow_>, base, constant_node(g_, {static_cast<double>(exponent), 1}));
  }

  constexpr int apply(primitive const& op, int a, int b) {
    int const operands[]{a, b};
    return apply_node(g_, op, operands);
  }

 private:
  constexpr int build_term(monomial_term const& t) {
    int above = -1, below = -1;
    for (int i = 0; i < power_count(t.monomial); ++i) {
      base_power const f = power_of(t.monomial, i);
      int& side = f.inverse ? below : above;
      int const part = build_power(f.atom, f.exponent);
      side = side < 0 ? part : apply(info<multiply_>, side, part);
    }
    int const coefficient = constant_node(g_, t.coefficient);
    if (above < 0) above = coefficient;
    else if (!t.coefficient.is(1)) above = apply(info<multiply_>, coefficient, above);
    return below < 0 ? above : apply(info<divide_>, above, below);
  }

  /// A constant that cannot be multiplied exactly is a factor like any other.
  constexpr int constant_factor(rational c) {
    sequence<base_power> factors;
    factors.push_back({constant_node(g_, c), false, 1});
    return intern(factors);
  }

  constexpr int times(int left, int right) {
    if (left == unit) return right;
    if (right == unit) return left;
    sequence<base_power> factors;
    int i = 0, k = 0;
    int const left_count = power_count(left), right_count = power_count(right);
    while (i < left_count || k < right_count) {
      bool const from_left = k == right_count || (i < left_count && !before(power_of(right, k), power_of(left, i)));
      base_power f = from_left ? power_of(left, i++) : power_of(right, k++);
      if (!factors.empty() && factors.back().atom == f.atom && factors.back().inverse == f.inverse)
        factors.back().exponent += f.exponent;
      else factors.push_back(f);
    }
    return intern(factors);
  }

  static constexpr bool before(base_power const& a, base_power const& b) {
    return a.atom != b.atom ? a.atom < b.atom : a.inverse < b.inverse;
  }

  constexpr int intern(sequence<base_power> const& factors) {
    if (4 * begin_.size() >= 3 * buckets_.size()) grow();
    unsigned const mask = static_cast<unsigned>(buckets_.size()) - 1;
    unsigned bucket = hash(factors.data(), factors.size()) & mask;
    for (; buckets_[static_cast<int>(bucket)] >= 0; bucket = (bucket + 1) & mask)
      if (is_same(buckets_[static_cast<int>(bucket)], factors)) return buckets_[static_cast<int>(bucket)];
    int const id = begin_.size() - 1;
    buckets_[static_cast<int>(bucket)] = id;
    for (base_power const& f : factors) powers_.push_back(f);
    begin_.push_back(powers_.size());
    return id;
  }

  constexpr bool is_same(int monomial, sequence<base_power> const& factors) const {
    if (power_count(monomial) != factors.size()) return false;
    for (int i = 0; i < factors.size(); ++i)
      if (!(power_of(monomial, i) == factors[i])) return false;
    return true;
  }

  static constexpr unsigned hash(base_power const* factors, int count) {
    unsigned h = 2166136261u;
    for (int i = 0; i < count; ++i) {
      h = (h ^ static_cast<unsigned>(2 * factors[i].atom + (factors[i].inverse ? 1 : 0))) * 16777619u;
      h = (h ^ static_cast<unsigned>(factors[i].exponent)) * 2654435761u;
    }
    return h ^ (h >> 16);
  }

  constexpr void grow() {
    if (begin_.empty()) begin_.push_back(0);
    int const size = buckets_.empty() ? 64 : 2 * buckets_.size();
    buckets_ = sequence<int>(size, -1);
    unsigned const mask = static_cast<unsigned>(size) - 1;
    for (int id = 0; id + 1 < begin_.size(); ++id) {
      unsigned bucket = hash(powers_.data() + begin_[id], power_count(id)) & mask;
      while (buckets_[static_cast<int>(bucket)] >= 0) bucket = (bucket + 1) & mask;
      buckets_[static_cast<int>(bucket)] = id;
    }
  }

  /// The place of a monomial in the polynomial that is open.
  constexpr int& place(int monomial) {
    if (places_.size() <= monomial) places_.resize(monomial + monomial / 2 + 16, -1);
    return places_[monomial];
  }

  constexpr void accumulate(polynomial& p, monomial_term const& t) {
    int& known = place(t.monomial);
    if (known >= 0 && exact::add(p[known].coefficient, t.coefficient, p[known].coefficient)) return;
    known = p.size();
    p.push_back(t);
  }

  constexpr void drop_zeros(polynomial& p) {
    int kept = 0;
    for (int i = 0; i < p.size(); ++i)
      if (p[i].coefficient.numerator != 0 || !vanishes(p[i].monomial)) p[kept++] = p[i];
    p.resize(kept);
  }

  constexpr bool vanishes(int monomial) {
    for (int i = 0; i < power_count(monomial); ++i) {
      base_power const f = power_of(monomial, i);
      unsigned const wanted = f.inverse ? defined | nonzero : defined;
      while (facts_.size() <= f.atom) facts_.push_back(facts_about(g_, facts_.size(), facts_));
      if ((facts_[f.atom] & wanted) != wanted || g_.nodes[f.atom].axes != 0) return false;
    }
    return true;
  }

  constexpr void refuse(int left, int right, int bound) {
    if (is_too_large()) return;
    refused_left_ = left;
    refused_right_ = right;
    refused_bound_ = bound;
  }

  graph& g_;
  int most_terms_;
  int refused_left_ = 0, refused_right_ = 0, refused_bound_ = 0;
  sequence<base_power> powers_;    // of all monomials
  sequence<int> begin_, buckets_;  // where the powers of a monomial begin; monomials by hash
  sequence<int> places_;
  sequence<unsigned> facts_;
};

}  // namespace detail
}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Factors enter; the node of their product, of a power or of a reduction in canonical form leaves.
#pragma once

#include "../error.hpp"
#include "canonical_sum.hpp"

namespace ddx::detail {

/// Builds canonical products: coefficient * (constants, variables, the rest) / (denominators).
class canonical_product : protected canonical_sum {
 protected:
  using canonical_sum::canonical_sum;

  struct factor {
    int base;
    int exponent;
  };
  struct chain_link {
    int id;
    bool inverse;
  };
  struct product {
    rational coefficient{1, 1};
    sequence<factor> numerator, denominator;
  };

  // ---- products: a*b = b*a, (a*b)*c = a*(b*c), x^m * x^n = x^(m + n) for whole m, n > 0, (a/b)*c = a*c/b, (a/b)/c =
  // a/(b*c)

  /// The factors of a canonical node; a chain is opened without recursion, however long it is.
  constexpr void add_factors(int id, bool inverse, product& p, bool shared = false) {
    int const bottom = unopened_.size();
    for (chain_link current{id, inverse};; shared = false) {
      if (int const rest = take_coefficient(current.id, current.inverse, p, shared); rest != one) {
        node const n = out_.nodes[rest];
        int exponent = 0;
        if (is<multiply_>(n)) {
          if (mode_ == sharing::expand) {
            unopened_.push_back({n.operands[1], current.inverse});
            current = {n.operands[0], current.inverse};
            spend();
            continue;
          }
        } else if (is<divide_>(n)) {
          if (!current.inverse && is_constant(n.operands[0]) && out_.nodes[n.operands[0]].constant.is(1)) {
            current = {n.operands[1], true};  // (1/b)*a = a/b: one operation less, shared or not
            continue;
          }
          if (!current.inverse && mode_ == sharing::expand) {
            unopened_.push_back({n.operands[1], true});
            current = {n.operands[0], false};
            spend();
            continue;
          }
        } else if (is<pow_>(n) && !shared) {
          exponent = whole_exponent(n.operands[1]);
        }
        add_factor(exponent > 0 ? factor{n.operands[0], exponent} : factor{rest, 1}, current.inverse, p);
      }
      if (unopened_.size() == bottom) return;
      current = unopened_.back();
      unopened_.pop_back();
    }
  }

  /// Takes the coefficient of a node into the product and answers what is left of the node, `one` where nothing is.
  constexpr int take_coefficient(int id, bool inverse, product& p, bool shared) {
    term const t = shared && !is_constant(id) ? term{{1, 1}, id} : inverse ? split_below(id) : split(id);
    rational folded;
    if (order_ == sum_order::canonical &&
        !is_short(t.coefficient)) {  // which of 0.1*3*x's factors fold depends on their order
      if (t.coefficient.negative()) p.coefficient = -p.coefficient;
      take_number(exact::magnitude(t.coefficient.numerator), inverse, p);
      take_number(t.coefficient.denominator, !inverse, p);
      return t.body;
    }
    if (inverse ? exact::divide(p.coefficient, t.coefficient, folded)
                : exact::multiply(p.coefficient, t.coefficient, folded)) {
      p.coefficient = folded;
      return t.body;
    }
    return id;
  }

  /// A positive part of a coefficient that is kept apart: folded if it is short, else a factor.
  constexpr void take_number(double number, bool below, product& p) {
    rational folded;
    if (!is_short({number, 1}) || !(below ? exact::divide(p.coefficient, {number, 1}, folded)
                                          : exact::multiply(p.coefficient, {number, 1}, folded)))
      add_factor({constant({number, 1}), 1}, below, p);
    else p.coefficient = folded;
  }

  /// A quotient of two numbers and nothing else is one constant.
  constexpr bool fold_quotient(product& p) const {
    if (order_ != sum_order::canonical || p.denominator.size() != 1 || p.numerator.size() > 1) return false;
    rational quotient = p.coefficient;
    for (factor const& f : p.numerator)
      if (!is_constant(f.base) || f.exponent != 1 || !exact::multiply(quotient, out_.nodes[f.base].constant, quotient))
        return false;
    factor const& below = p.denominator[0];
    if (!is_constant(below.base) || below.exponent != 1 ||
        !exact::divide(quotient, out_.nodes[below.base].constant, quotient))
      return false;
    p.coefficient = quotient;
    return true;
  }

  constexpr void spend() {
    if (++opened_ > most_opened)
      throw error(
          "ddx::simplify: written out, the formula has more than four million factors; simplify, print or derive "
          "parts of it");
  }

  /// Whether the parts of a constant have few enough digits for products of several to be exact in any order.
  static constexpr bool is_short(rational c) {
    auto const few = [](double number) {
      return number == 0 || (exact::magnitude(number) < 0x1p16 && exact::is_integer(number * 0x1p8));
    };
    return few(c.numerator) && few(c.denominator);
  }

  constexpr void add_factor(factor f, bool inverse, product& p) {
    sequence<factor>& factors = inverse ? p.denominator : p.numerator;
    int const key = 2 * f.base + (inverse ? 1 : 0);
    if (int const place = factor_places_.find(key);
        place >= 0 && !is_constant(f.base) && factors[place].exponent + f.exponent < 1 << 20) {
      factors[place].exponent += f.exponent;
      return;
    }
    factor_places_.set(key, factors.size());
    factors.push_back(f);
  }

  /// Constants, then variables by first appearance, then the rest by first appearance.
  constexpr int rank(int id) const {
    node const& n = out_.nodes[id];
    if (is<constant_>(n)) return 0;
    if (is<input_>(n)) return 1;
    return 2;
  }

  constexpr int build_factors(sequence<factor>& factors) {
    detail::sort(factors, [this](factor const& a, factor const& b) {
      int const left = rank(a.base), right = rank(b.base);
      if (left != right) return left < right;
      if (left == 1) return out_.nodes[a.base].index < out_.nodes[b.base].index;
      return a.base < b.base;
    });
    int result = one;
    for (factor const& f : factors) {
      int const part =
          f.exponent == 1 ? f.base : binary(info<pow_>, f.base, constant({static_cast<double>(f.exponent), 1}));
      result = result == one ? part : binary(info<multiply_>, result, part);
    }
    return result;
  }

  constexpr int build_product(product& p) {
    cancel(p);
    if (fold_quotient(p)) return constant(p.coefficient);
    int const above = build_factors(p.numerator), below = build_factors(p.denominator);
    if (below == one)
      return p.coefficient.numerator == 0 ? zero_times(p.coefficient, above) : build_term({p.coefficient, above});
    if (p.coefficient.numerator == 0 && vanishes(below)) return zero_times({0, 1}, above);
    if (above == one && p.coefficient.numerator == 0) return binary(info<divide_>, constant(p.coefficient), below);
    int const quotient = binary(info<divide_>, above == one ? constant({1, 1}) : above, below);
    return p.coefficient.numerator == 0 ? zero_times(p.coefficient, quotient) : build_term({p.coefficient, quotient});
  }

  constexpr int zero_times(rational zero, int body) {
    if (body == one) return constant(zero);
    return vanishes(body) ? constant({0, 1}) : binary(info<multiply_>, constant(zero), body);
  }

  /// x^m/x^n = 1/x^(n - m) for n > m, which is undefined at 0 as well; x/x stays, except n/n = 1 for the extent n of an
  /// axis, which is a positive integer wherever a mean is defined, and except where reals are assumed.
  constexpr void cancel(product& p) {
    if (p.denominator.empty()) return;
    for (factor& above : p.numerator) {
      bool const extent = is<extent_>(out_.nodes[above.base]);
      for (factor& below : p.denominator) {
        bool const whole = extent || below.exponent > above.exponent || vanishes(above.base) ||
                           (level_ == level::assume_real && below.exponent != above.exponent);
        if (below.base != above.base || !whole || is_constant(above.base)) continue;
        int const common = above.exponent < below.exponent ? above.exponent : below.exponent;
        above.exponent -= common;
        below.exponent -= common;
      }
    }
    drop_empty(p.numerator);
    drop_empty(p.denominator);
  }

  static constexpr void drop_empty(sequence<factor>& factors) {
    int kept = 0;
    for (int i = 0; i < factors.size(); ++i)
      if (factors[i].exponent != 0) factors[kept++] = factors[i];
    factors.resize(kept);
  }

  // ---- powers: x^0 = 1, x^1 = x, (x^m)^n = x^(m*n) for whole m, n > 0, x^-n = 1/x^n, (-x)^n = x^n for even n

  /// The exponent if it is a constant whole number of moderate size, else 0.
  constexpr int whole_exponent(int id) const {
    if (!is_constant(id)) return 0;
    rational const c = out_.nodes[id].constant;
    if (c.denominator != 1 || !exact::is_integer(c.numerator) || exact::magnitude(c.numerator) > 1 << 20) return 0;
    return static_cast<int>(c.numerator);
  }

  constexpr int build_power(int base, int exponent) {
    if (is_constant(exponent) && out_.nodes[exponent].constant.numerator == 0) return constant({1, 1});
    int const n = whole_exponent(exponent);
    if (n == 0) return binary(info<pow_>, base, exponent);
    if (n == 1) return base;
    if (is_constant(base)) {
      rational folded;
      if (exact::power(out_.nodes[base].constant, n, folded)) return constant(folded);
    }
    node const b = out_.nodes[base];
    if (is<negate_>(b)) {
      int const unsigned_power = build_power(b.operands[0], exponent);
      return n % 2 == 0 ? unsigned_power : build_term({{-1, 1}, unsigned_power});
    }
    if (mode_ == sharing::expand && n > 0) {  // (c*x)^n = c^n * x^n for a rational c
      term const t = split(base);
      rational folded;
      if (t.body != one && !t.coefficient.is(1) && exact::power(t.coefficient, n, folded))
        return build_term({folded, build_power(t.body, exponent)});
    }
    if (n < 0) {
      int const below = build_power(base, constant({static_cast<double>(-n), 1}));
      return binary(info<divide_>, constant({1, 1}), below);
    }
    if (is<pow_>(b)) {
      int const inner = whole_exponent(b.operands[1]);
      if (inner > 0 && inner < (1 << 20) / n)
        return binary(info<pow_>, b.operands[0], constant({static_cast<double>(inner) * n, 1}));
    }
    return binary(info<pow_>, base, exponent);
  }

  // ---- reductions: sum[k](e) = size[k]*e where e lacks k, sum[k](e/size[k]) = mean[k](e)

  constexpr int build_total(int e, int axis) {
    product p;
    factor_places_.clear();
    if (!has_axis(e, axis)) {
      add_factors(detail::extent_node(out_, axis), false, p);
      add_factors(e, false, p);
      return build_product(p);
    }
    if (is_product(out_.nodes[e])) {
      add_factors(e, false, p);
      open_quotients(p);
      int const size = detail::extent_node(out_, axis);
      for (factor& f : p.denominator)
        if (f.base == size && f.exponent == 1) {
          f.exponent = 0;
          drop_empty(p.denominator);
          return algebra<traced>::reduce_node(out_, info<mean_>, build_product(p), axis);
        }
    }
    return algebra<traced>::reduce_node(out_, info<sum_>, e, axis);
  }

  /// Opens a factor that is itself a quotient, so that the extent below its bar is seen.
  constexpr void open_quotients(product& p) {
    sequence<factor> const numerator = p.numerator;
    p.numerator.clear();
    factor_places_.clear();
    for (int i = 0; i < p.denominator.size(); ++i) factor_places_.set(2 * p.denominator[i].base + 1, i);
    for (factor const& f : numerator) {
      node const n = out_.nodes[f.base];
      if (f.exponent == 1 && is<divide_>(n)) {
        add_factors(n.operands[0], false, p);
        add_factors(n.operands[1], true, p);
      } else {
        add_factor(f, false, p);
      }
    }
  }

  static constexpr int most_opened = 1 << 22;

  sequence<chain_link> unopened_;  // the links of a chain that are still to be opened, the next one on top
  int opened_ = 0;                 // links of chains of products, which are opened anew wherever they are used
  index factor_places_;            // of bases in the product being collected
};

}  // namespace ddx::detail

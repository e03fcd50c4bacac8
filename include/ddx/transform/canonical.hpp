// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The canonical form: a graph enters, an equal graph in which sums, products, powers and conditions are in order leaves, without
// dead nodes.
//
// Canonical form. A sum is a chain (t1 + t2) - t3 in the order of first writing; like terms are merged where their signs
// agree. A product is coefficient * (constants, variables, the rest) / (denominators), each by first appearance; like factors
// are merged into whole positive powers. No rewrite changes the set of points where the exact value is defined: 0*x, x - x
// and x/x stay. Sums and products of finite numbers may be regrouped, constants fold only where that is exact. With
// level::assume_real they do not stay: every subexpression is taken to be defined.
#pragma once

#include <utility>

#include "../error.hpp"
#include "../primitive/scan.hpp"

namespace ddx {

enum class sharing {
  keep,   ///< a subexpression used twice stays one node: for evaluation
  expand  ///< sums and products are flattened through shared nodes: for reading and comparing
};

enum class sum_order {
  written,   ///< as first written
  canonical  ///< by node, so that x + y and y + x are the same
};

enum class level {
  sound,       ///< the exact value stays defined at the same points: 0*x, x - x and x/x stay
  assume_real  ///< variables are real and finite and every subexpression is defined: 0*x = 0, x - x = 0, x/x = 1
};

namespace detail {

/// Insertion sort: stable, and lists are short or nearly sorted.
template <class Element, class Before>
constexpr void sort(sequence<Element>& elements, Before before) {
  for (int i = 1; i < elements.size(); ++i) {
    Element const moving = elements[i];
    int k = i;
    for (; k > 0 && before(moving, elements[k - 1]); --k) elements[k] = elements[k - 1];
    elements[k] = moving;
  }
}

/// The operations of one node; x^-n is a power and a division, however it is written.
constexpr int operations(graph_view g, int id) {
  node const& n = g.nodes[id];
  if (n.op->arity == 0) return 0;
  if (!is<pow_>(n)) return 1;
  node const& exponent = g.nodes[n.operands[1]];
  return is<constant_>(exponent) && exponent.constant.negative() ? 2 : 1;
}

/// The square root of a quotient of squares of integers or of halves, quarters and their like.
constexpr bool square_root(rational square, rational& root) {
  auto const whole_root = [](double number, double& result) {
    double unit = 1;
    for (; !exact::is_integer(number) && unit > 0x1p-26; unit /= 2) number *= number < 1e15 ? 4 : 1;
    if (!exact::is_integer(number) || number < 0) return false;
    double low = 0, high = 94906266;  // the first integer whose square is above 2^53
    while (low < high) {
      double const middle = static_cast<double>((static_cast<std::int64_t>(low) + static_cast<std::int64_t>(high)) / 2);
      if (middle * middle < number) low = middle + 1;
      else high = middle;
    }
    result = low * unit;
    return low * low == number;
  };
  return whole_root(square.numerator, root.numerator) && whole_root(square.denominator, root.denominator);
}

/// The same nodes with the same numbers.
constexpr bool identical(graph const& a, graph const& b) {
  if (a.nodes.size() != b.nodes.size()) return false;
  for (int i = 0; i < a.nodes.size(); ++i)
    if (!(a.nodes[i] == b.nodes[i])) return false;
  for (int i = 0; i < a.outputs.size(); ++i)
    if (a.outputs[i] != b.outputs[i]) return false;
  return true;
}

}  // namespace detail

class simplifier {
 public:
  constexpr simplifier(graph_view source, sharing mode, sum_order order = sum_order::written,
                       level assumed = level::sound)
      : in_(source),
        out_(graph::like(source)),
        mode_(mode),
        order_(order),
        level_(assumed),
        images_(source.node_count, -1) {}

  constexpr graph run() {
    count_uses();
    for (int i = 0; i < in_.node_count; ++i)
      if (uses_[i] > 0 && !absorbed_[i]) images_[i] = rewrite(i);
    for (int i = 0; i < in_.output_count; ++i) out_.outputs.push_back(images_[in_.outputs[i]]);
    return compacted(out_.view());
  }

  /// The nodes that the outputs need, in order.
  static constexpr graph compacted(graph_view source) {
    sequence<char> live(source.node_count, 0);
    for (int i = 0; i < source.output_count; ++i) live[source.outputs[i]] = 1;
    for (int i = source.node_count - 1; i >= 0; --i)
      if (live[i])
        for (int k = 0; k < source.nodes[i].op->arity; ++k) live[source.nodes[i].operands[k]] = 1;
    graph result = graph::like(source);
    sequence<int> image(source.node_count, -1);
    for (int i = 0; i < source.node_count; ++i) {
      if (!live[i]) continue;
      node n = source.nodes[i];
      for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[n.operands[k]];
      image[i] = result.intern(n);
    }
    for (int i = 0; i < source.output_count; ++i) result.outputs.push_back(image[source.outputs[i]]);
    return result;
  }

 protected:
  static constexpr int one = -1;  // the body of a term that is a constant
  static constexpr unsigned sqrt_id = hash_of(sqrt_::name);

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

  // ---- which nodes are parts of a larger sum or product and never stand alone

  static constexpr bool is_sum(node const& n) { return is<add_>(n) || is<subtract_>(n); }
  static constexpr bool is_product(node const& n) { return is<multiply_>(n) || is<divide_>(n) || is<negate_>(n); }

  constexpr void count_uses() {
    uses_ = sequence<int>(in_.node_count, 0);
    absorbed_ = sequence<char>(in_.node_count, 0);
    for (int i = 0; i < in_.output_count; ++i) uses_[in_.outputs[i]] += 2;  // an output stands alone
    for (int i = in_.node_count - 1; i >= 0; --i) {
      if (uses_[i] == 0) continue;
      for (int k = 0; k < in_.nodes[i].op->arity; ++k) ++uses_[in_.nodes[i].operands[k]];
    }
    for (int i = 0; i < in_.node_count; ++i) {
      node const& n = in_.nodes[i];
      if (uses_[i] == 0 || !(is_sum(n) || is_product(n))) continue;
      for (int k = 0; k < n.op->arity; ++k) {
        int const operand = n.operands[k];
        node const& part = in_.nodes[operand];
        if (uses_[operand] != 1) continue;
        bool const second_of_difference = is<subtract_>(n) && k == 1;               // a - (b + c) is not flattened
        bool const quotient_below = is<divide_>(n) && k == 1 && is<divide_>(part);  // a/(b/c) is undefined at c = 0
        bool const closed = level_ == level::sound && (quotient_below || nested_quotient(part, n, k));
        if (is_sum(n) ? is_sum(part) && !second_of_difference : is_product(part) && !closed) absorbed_[operand] = 1;
      }
    }
  }

  /// Below a fraction bar only products are flattened: in a/(b*(c/d)) the quotient c/d must stand alone.
  constexpr bool nested_quotient(node const& part, node const& n, int k) const {
    return is<divide_>(n) && k == 1 && !is<divide_>(part) && contains_quotient(part);
  }
  constexpr bool contains_quotient(node const& n) const {
    for (int k = 0; k < n.op->arity; ++k) {
      node const& part = in_.nodes[n.operands[k]];
      if (is<divide_>(part) || (is_product(part) && contains_quotient(part))) return true;
    }
    return false;
  }

  // ---- one node

  constexpr int rewrite(int id) {
    node const& n = in_.nodes[id];
    if (is_sum(n)) {
      sequence<term> terms;
      collect_sum(id, terms);
      return build_sum(terms);
    }
    if (is_product(n)) {
      product p;
      factor_places_.clear();
      collect_product(id, p);
      return build_product(p);
    }
    node copy = n;
    for (int k = 0; k < n.op->arity; ++k) copy.operands[k] = images_[n.operands[k]];
    return rebuild(copy);
  }

  /// The canonical form of a node whose operands are canonical.
  constexpr int rebuild(node n) {
    if (n.op->canonical) {
      int const composite = n.op->canonical(out_, out_.intern(n));
      return rebuild(out_.nodes[composite]);
    }
    if (is<pow_>(n)) return build_power(n.operands[0], n.operands[1]);
    if (is<where_>(n)) return build_where(n.operands[0], n.operands[1], n.operands[2]);
    if (is<sum_>(n)) return build_total(n.operands[0], n.index);
    if (is<mean_>(n) && !has_axis(n.operands[0], n.index)) return n.operands[0];
    if (n.op->condition && n.op->arity > 0) return build_condition(n);
    if (n.op->kind == role::shift) return detail::shift_node(out_, n.operands[0], n.index, n.constant.numerator);
    if (n.op->id == sqrt_id && is_constant(n.operands[0])) {
      rational root;
      if (detail::square_root(out_.nodes[n.operands[0]].constant, root)) return constant(root);
    }
    if (n.op->arity > 0) {
      n.axes = 0;
      for (int k = 0; k < n.op->arity; ++k) n.axes |= out_.nodes[n.operands[k]].axes;
      if (n.op->kind == role::reduction) n.axes &= ~(axis_set{1} << n.index);
      if (n.op->kind == role::scan) n.axes |= axis_set{1} << n.index;
    }
    return out_.intern(n);
  }

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

  constexpr void collect_sum(int id, sequence<term>& terms) {
    struct visit {
      int id;
      bool negative;
    };
    sequence<visit> pending;  // the leftmost on top
    pending.push_back({id, false});
    while (!pending.empty()) {
      visit const current = pending.back();
      pending.pop_back();
      node const& n = in_.nodes[current.id];
      if (current.id == id || absorbed_[current.id]) {
        pending.push_back({n.operands[1], is<subtract_>(n)});
        pending.push_back({n.operands[0], false});
      } else {
        add_term(signed_term(images_[current.id], current.negative), terms);
      }
    }
    term_places_.clear();
    if (mode_ == sharing::expand) open_sums(terms);
  }

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

  // ---- products: a*b = b*a, (a*b)*c = a*(b*c), x^m * x^n = x^(m + n) for whole m, n > 0, (a/b)*c = a*c/b, (a/b)/c = a/(b*c)

  constexpr void collect_product(int id, product& p) {
    struct visit {
      int id;
      bool inverse;
    };
    sequence<visit> pending;  // the leftmost on top
    pending.push_back({id, false});
    while (!pending.empty()) {
      visit const current = pending.back();
      pending.pop_back();
      if (current.id != id && !absorbed_[current.id]) {
        // What is shared is computed anyway: taking its coefficient off would compute it a second time.
        add_factors(images_[current.id], current.inverse, p, mode_ == sharing::keep && uses_[current.id] > 1);
        continue;
      }
      node const& n = in_.nodes[current.id];
      if (is<negate_>(n)) p.coefficient = -p.coefficient;
      for (int k = n.op->arity - 1; k >= 0; --k)
        pending.push_back({n.operands[k], current.inverse != (is<divide_>(n) && k == 1)});
    }
  }

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

  /// x^m/x^n = 1/x^(n - m) for n > m, which is undefined at 0 as well; x/x stays, except n/n = 1 for the extent n of an axis,
  /// which is a positive integer wherever a mean is defined, and except where reals are assumed.
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
      int const positive = build_power(b.operands[0], exponent);
      return n % 2 == 0 ? positive : build_term({{-1, 1}, positive});
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

  // ---- conditions: comparisons of constants, x == 0 and x > 0 = false, where(true, a, b) = a, where(c, a, a) = a, where(not c, a, b) = where(c, b, a),
  // where(c, where(c, a, b), d) = where(c, a, d)

  constexpr int build_where(int c, int a, int b) {
    if (is_constant(c)) return out_.nodes[c].constant.numerator != 0 ? a : b;
    if (is<where_>(out_.nodes[a]) && out_.nodes[a].operands[0] == c) a = out_.nodes[a].operands[1];
    if (is<where_>(out_.nodes[b]) && out_.nodes[b].operands[0] == c) b = out_.nodes[b].operands[2];
    if (a == b) return a;
    if (is<not_>(out_.nodes[c]) && !is_index(c, a)) return build_where(out_.nodes[c].operands[0], b, a);
    int const operands[]{c, a, b};
    return detail::apply_node(out_, info<where_>, operands);
  }

  /// Whether where(c, a, …) is an index of an expression, whose zeros outside reductions to come leave out.
  constexpr bool is_index(int c, int a) const {
    return out_.nodes[out_.nodes[c].operands[0]].op->kind == role::inside && is_constant(a) &&
           out_.nodes[a].constant.numerator == 0;
  }

  constexpr int build_condition(node n) {
    int const a = n.operands[0], b = n.op->arity > 1 ? n.operands[1] : a;
    if (is_constant(a) && is_constant(b)) {
      double const x = out_.nodes[a].constant.value(), y = out_.nodes[b].constant.value();
      return constant({static_cast<double>(decide(n, x, y)), 1});
    }
    if (is<and_>(n) || is<or_>(n)) {
      bool const neutral = is<and_>(n);
      if (is_constant(a)) return (out_.nodes[a].constant.numerator != 0) == neutral ? b : a;
      if (is_constant(b)) return (out_.nodes[b].constant.numerator != 0) == neutral ? a : b;
      if (a == b) return a;
      if (int const both = build_comparison(a, b, is<and_>(n)); both >= 0) return both;
    }
    if (is<not_>(n) && is<not_>(out_.nodes[a])) return out_.nodes[a].operands[0];
    return detail::apply_node(out_, *n.op, n.operands);
  }

  /// How two numbers may be to each other, a bit each.
  enum : unsigned { is_below = 1, is_same = 2, is_above = 4, is_unordered = 8 };

  static constexpr unsigned relations(node const& n) {
    if (is<less_>(n)) return is_below;
    if (is<less_equal_>(n)) return is_below | is_same;
    if (is<greater_>(n)) return is_above;
    if (is<greater_equal_>(n)) return is_above | is_same;
    if (is<equal_>(n)) return is_same;
    return is<not_equal_>(n) ? is_below | is_above | is_unordered : 0;
  }

  /// Two comparisons of the same operands, both or either, as one comparison or a constant; -1 where there is none.
  constexpr int build_comparison(int a, int b, bool both) {
    node const left = out_.nodes[a], right = out_.nodes[b];
    unsigned const first = relations(left), second = relations(right);
    if (first == 0 || second == 0 || left.operands[0] != right.operands[0] || left.operands[1] != right.operands[1])
      return -1;
    unsigned const wanted = both ? first & second : first | second;
    if (wanted == 0) return constant({0, 1});
    for (primitive const* op : {left.op, right.op, &info<equal_>})
      if (relations({.op = op}) == wanted) return detail::apply_node(out_, *op, left.operands);
    return -1;
  }

  static constexpr bool decide(node const& n, double x, double y) {
    if (unsigned const wanted = relations(n); wanted != 0)
      return (wanted & (x < y ? is_below : x == y ? is_same : x > y ? is_above : is_unordered)) != 0;
    if (is<and_>(n)) return x != 0 && y != 0;
    if (is<or_>(n)) return x != 0 || y != 0;
    return x == 0;
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

  graph_view in_;
  graph out_;
  sequence<chain_link> unopened_;  // the links of a chain that are still to be opened, the next one on top
  int opened_ = 0;                 // links of chains of products, which are opened anew wherever they are used
  sharing mode_;
  sum_order order_;
  level level_;
  sequence<int> images_;     // of old nodes in the new graph
  sequence<int> uses_;       // of old nodes
  index term_places_;        // of bodies in the sum being collected
  index factor_places_;      // of bases in the product being collected
  sequence<char> absorbed_;  // old nodes that their only consumer flattens
};

}  // namespace ddx

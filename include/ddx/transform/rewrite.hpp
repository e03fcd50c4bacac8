// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The table of identities is applied: a graph in canonical form enters, an equal one with fewer operations leaves.
//
// Cost and termination. A rewrite is kept only where the whole graph, with what else uses the parts, gets fewer operations, for
// some identities also where it gets as many. Each round of simplify() starts from the canonical form of the round before and
// counts only if it has fewer operations; those that have as many are at most `equal_rounds`. Operations are finite in number,
// so are the rounds.
#pragma once

#include <type_traits>

#include "canonical.hpp"
#include "identities.hpp"
#include "identity_reader.hpp"
#include "range.hpp"

namespace ddx {

/// Inside the compiler identities are tried on graphs of up to this many nodes only: the canonical form alone takes most of what the
/// compilers allow a constant expression (g++ 2^25 operations, clang 2^20 steps) from about 1,000 nodes on.
inline constexpr int largest_rewritten_in_compiler = 160;

/// One round of rewriting. It builds new nodes with the builders of the canonical form.
class rewriter : simplifier {
 public:
  /// `source` is in canonical form and has no dead nodes.
  constexpr rewriter(graph_view source, sharing mode, sum_order order, level assumed)
      : simplifier(source, mode, order, assumed), reader_(patterns_, out_) {}

  /// Whether some identity may apply at all: a few steps a node, so that formulas without candidates cost next to nothing.
  static constexpr bool is_candidate(graph_view source, level assumed) {
    if (std::is_constant_evaluated() && source.node_count > largest_rewritten_in_compiler) return false;
    std::uint64_t const present = functions_of(source);
    if (present == 0) return false;
    if (present & detail::by_sum) return true;
    for (identity const& line : identities)
      if (applies(line, present, assumed)) return true;
    return false;
  }

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

  /// The graph that the last run left.
  constexpr graph result() const {
    graph g = graph::like(in_);
    sequence<int> image(out_.nodes.size(), -1), pending;
    for (int i = 0; i < in_.output_count; ++i) {
      pending.push_back(target(in_.outputs[i]));
      while (!pending.empty()) {
        int const id = pending.back();
        node n = out_.nodes[id];
        bool ready = true;
        for (int k = n.op->arity - 1; k >= 0 && image[id] < 0; --k)
          if (int const operand = target(n.operands[k]); image[operand] < 0) {
            pending.push_back(operand);
            ready = false;
          }
        if (!ready) continue;
        pending.pop_back();
        if (image[id] >= 0) continue;
        for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[target(n.operands[k])];
        image[id] = g.intern(n);
      }
      g.outputs.push_back(image[target(in_.outputs[i])]);
    }
    return g;
  }

 private:
  /// Longer chains are left as they are: matching takes time with the square of their length.
  static constexpr int widest = 128, widest_sum = 4096;

  struct binding {
    int at[3]{-1, -1, -1};
  };
  struct summand {
    rational coefficient;
    int body;   // `one` for a constant
    int whole;  // the node of the term
  };
  struct rule {
    identity const* line;
    int left, right;
    product factors{};                // of the left side, where it is a product or a power
    sequence<summand> terms{};        // of the left side, where it is a sum: what tells most first
    primitive const* head = nullptr;  // the function in the first term, without its power
  };
  /// What a match took of a product: a multiple `times` of the pattern's factors.
  struct taken {
    int place;
    bool inverse;
    int exponent;
  };

  // ---- which identities, and what is left of the graph

  static constexpr bool applies(identity const& line, std::uint64_t present, level assumed) {
    return (line.needs & ~present) == 0 && (line.condition != given::real || assumed == level::assume_real);
  }

  static constexpr std::uint64_t functions_of(graph_view g) {
    std::uint64_t present = 0;
    for (int i = 0; i < g.node_count; ++i) {
      node const& n = g.nodes[i];
      if (n.op->kind != role::elementwise || is_sum(n) || n.op->condition || is<where_>(n)) continue;
      if (is_product(n)) {
        if (is<negate_>(n)) continue;
        node const &left = g.nodes[n.operands[0]], &right = g.nodes[n.operands[1]];
        if (is<divide_>(n))
          present |= (is<constant_>(right) ? 0 : detail::of_quotient) | (has_sum(g, right) ? detail::by_sum : 0);
        else if (right.op->arity > 0 && (is_product(left) ? last_factor(g, left).op->arity : left.op->arity) > 0)
          present |= detail::of_product;
        continue;
      }
      present |= detail::function_bit(n.op->id);
      if (is<pow_>(n)) {
        node const& base = g.nodes[n.operands[0]];
        if (base.op->arity > 0 && !is_sum(base) && !is_product(base)) present |= detail::of_power;
      }
      for (int k = 0; k < n.op->arity && !is<pow_>(n); ++k) {
        node const& operand = g.nodes[n.operands[k]];
        if (operand.op->arity == 0 && !is<input_>(operand)) present |= detail::of_constant;
        if (!is_product(operand)) continue;
        node const& first = g.nodes[operand.operands[0]];
        if (is<negate_>(operand) || (is<constant_>(first) && first.constant.negative()) || is_product(first))
          present |= detail::of_negative;
        for (int j = 0; j < operand.op->arity; ++j)
          if (is<pi_>(g.nodes[operand.operands[j]])) present |= detail::of_constant;
      }
    }
    return present;
  }

  /// Whether a divisor or its last factor is a sum, the root of one or a power of these.
  static constexpr bool has_sum(graph_view g, node const& divisor) {
    node const& factor = is_product(divisor) ? last_factor(g, divisor) : divisor;
    node const& base = is<pow_>(factor) ? g.nodes[factor.operands[0]] : factor;
    return is_sum(base.op->id == sqrt_id ? g.nodes[base.operands[0]] : base);
  }

  static constexpr node const& last_factor(graph_view g, node const& product) {
    return g.nodes[product.operands[product.op->arity - 1]];
  }

  template <class Element>
  static constexpr void remove(sequence<Element>& elements, int place) {
    for (int i = place + 1; i < elements.size(); ++i) elements[i - 1] = elements[i];
    elements.pop_back();
  }

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

  /// Uses of nodes; the inner links of a chain, which are rewritten with their root.
  constexpr void count() {
    int const size = out_.nodes.size();
    uses_ = sequence<int>(size, 0);
    part_ = sequence<char>(size, 0);
    for (int i = 0; i < in_.output_count; ++i) ++uses_[in_.outputs[i]];
    for (int i = 0; i < size; ++i)
      for (int k = 0; k < out_.nodes[i].op->arity; ++k) ++uses_[out_.nodes[i].operands[k]];
    for (int i = 0; i < in_.output_count; ++i) ++uses_[in_.outputs[i]];  // an output is never an inner link
    for (int i = 0; i < size; ++i) {
      node const& n = out_.nodes[i];
      for (int k = 0; k < n.op->arity; ++k) {
        int const operand = n.operands[k];
        node const& inner = out_.nodes[operand];
        bool const link = is_sum(n)       ? k == 0 && is_sum(inner)
                          : is_product(n) ? is_product(inner) || is<pow_>(inner)
                                          : false;
        if (link && uses_[operand] == 1) part_[operand] = 1;
      }
    }
  }

  constexpr int target(int id) const {
    while (id < redirect_.size() && redirect_[id] >= 0) id = redirect_[id];
    return id;
  }

  constexpr void redirect(int from, int to) {
    if (redirect_.size() <= from) redirect_.resize(from + from / 2 + 16, -1);
    redirect_[from] = to;
    cover();
    uses_[to] += uses_[from] - 1;
    uses_[from] = 0;
    changed_ = true;
  }

  constexpr void cover() {
    if (uses_.size() < out_.nodes.size()) uses_.resize(out_.nodes.size(), 0);
  }

  /// Adds a use of a node and answers how many operations that brings to life.
  constexpr int acquire(int id) { return use(id, 1); }
  /// Drops a use of a node and answers how many operations die.
  constexpr int release(int id) { return use(id, -1); }

  constexpr int use(int id, int step) {
    cover();
    int count = 0;
    sequence<int> pending;
    pending.push_back(target(id));
    while (!pending.empty()) {
      int const current = pending.back();
      pending.pop_back();
      bool const turns = step > 0 ? uses_[current] == 0 : uses_[current] == 1;
      uses_[current] += step;
      if (!turns) continue;
      count += detail::operations(out_.view(), current);
      for (int k = 0; k < out_.nodes[current].op->arity; ++k)
        pending.push_back(target(out_.nodes[current].operands[k]));
    }
    return count;
  }

  static constexpr bool is_worth(worth gain, int born, int died) {
    return born < died || (born == died && gain == worth::as_many);
  }

  // ---- matching

  static constexpr int whole_power(graph const& g, node const& n) {
    if (!is<pow_>(n) || !is<constant_>(g.nodes[n.operands[1]])) return 0;
    rational const c = g.nodes[n.operands[1]].constant;
    return c.denominator == 1 && exact::is_integer(c.numerator) && c.numerator > 1 && c.numerator < 1 << 20
               ? static_cast<int>(c.numerator)
               : 0;
  }

  /// Whether a link of a chain in the graph may be opened; patterns are opened all the way.
  constexpr bool opens(graph const& g, int id) const {
    return &g == &patterns_ || mode_ == sharing::expand || uses_[id] <= 1;
  }

  /// The factors or terms of a chain, at least as many as are opened.
  constexpr int width(int id) {
    while (widths_.size() <= id) {
      node const& n = out_.nodes[widths_.size()];
      int sum = 0;
      for (int k = 0; k < n.op->arity; ++k) {
        node const& operand = out_.nodes[n.operands[k]];
        bool const link = is_sum(n) ? k == 0 && is_sum(operand) : is_product(n) && is_product(operand);
        sum += link ? widths_[n.operands[k]] : 1;
      }
      widths_.push_back(sum < 2 * widest_sum ? sum : 2 * widest_sum);
    }
    return widths_[id];
  }

  constexpr product factors_of(graph const& g, int id) const {
    struct visit {
      int id;
      bool inverse;
    };
    product p;
    sequence<visit> pending;
    pending.push_back({id, false});
    while (!pending.empty()) {
      visit const current = pending.back();
      pending.pop_back();
      node const& n = g.nodes[current.id];
      rational folded;
      if (is<constant_>(n) && n.constant.numerator != 0 &&
          (current.inverse ? exact::divide(p.coefficient, n.constant, folded)
                           : exact::multiply(p.coefficient, n.constant, folded))) {
        p.coefficient = folded;
        continue;
      }
      bool const open = current.id == id || opens(g, current.id);
      if (open && is_product(n) && !(current.inverse && is<divide_>(n))) {
        if (is<negate_>(n)) p.coefficient = -p.coefficient;
        for (int k = n.op->arity - 1; k >= 0; --k)
          pending.push_back({n.operands[k], current.inverse != (is<divide_>(n) && k == 1)});
        continue;
      }
      int const exponent = open ? whole_power(g, n) : 0;
      factor const f = exponent > 0 ? factor{n.operands[0], exponent} : factor{current.id, 1};
      (current.inverse ? p.denominator : p.numerator).push_back(f);
    }
    return p;
  }

  /// The terms of a chain, first written first.
  constexpr sequence<summand> terms_of(graph const& g, int id) const {
    sequence<summand> reversed, result;
    bool more = true;
    for (int link = id; more;) {
      node const n = g.nodes[link];
      more = is_sum(n) && (link == id || opens(g, link));
      reversed.push_back(summand_of(g, more ? n.operands[1] : link, more && is<subtract_>(n)));
      if (more) link = n.operands[0];
    }
    for (int i = reversed.size() - 1; i >= 0; --i) result.push_back(reversed[i]);
    return result;
  }

  constexpr summand summand_of(graph const& g, int id, bool negative) const {
    summand t{{1, 1}, id, id};
    node const& n = g.nodes[id];
    if (is<constant_>(n)) {
      t = {n.constant, one, id};
    } else if (is<negate_>(n)) {
      t = summand_of(g, n.operands[0], true);
      t.whole = id;
    } else if (is<multiply_>(n) && is<constant_>(g.nodes[n.operands[0]]) &&
               g.nodes[n.operands[0]].constant.numerator != 0) {
      t = {g.nodes[n.operands[0]].constant, n.operands[1], id};
    } else if (is<divide_>(n) && is<constant_>(g.nodes[n.operands[1]])) {
      rational quotient;
      summand const above = summand_of(g, n.operands[0], false);
      if (above.body != one && exact::divide(above.coefficient, g.nodes[n.operands[1]].constant, quotient))
        t = {quotient, above.body, id};
    }
    if (negative) t.coefficient = -t.coefficient;
    return t;
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

  // ---- products, powers, functions

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

  // ---- sums: the left side may be some of the terms, each with a common factor: y*sin(x)^2 + y*cos(x)^2 = y

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

  /// A common factor of terms: coefficient and cofactor.
  struct scale {
    rational coefficient{1, 1};
    int cofactor = one;
  };

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

  constexpr bool is_variable(int pattern) const { return is<input_>(patterns_.nodes[pattern]); }

  /// The function of a term without its power; none for a variable or a product.
  static constexpr primitive const* head_of(graph const& g, int id) {
    node const& n = g.nodes[id];
    if (is_product(n)) return nullptr;
    node const& base = whole_power(g, n) > 0 ? g.nodes[n.operands[0]] : n;
    return base.op->arity > 0 ? base.op : nullptr;
  }

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

  // ---- quotients by a sum u: q/s^n - q*x/s^n/u = q*(u - x)/s^n/u, where x is a term of u and s is u or its root

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

  /// The node of a term whose sign is in the chain.
  constexpr int unsigned_term(summand const& t) const {
    return is<negate_>(out_.nodes[t.whole]) ? out_.nodes[t.whole].operands[0] : t.whole;
  }

  graph patterns_;
  detail::identity_reader reader_;
  sequence<rule> sums_, products_, functions_;
  sequence<int> redirect_;
  sequence<char> part_;
  sequence<unsigned> facts_;
  sequence<int> widths_;
  bool changed_ = false;
};

}  // namespace ddx

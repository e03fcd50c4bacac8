// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Preparation for loops: a simplified graph enters, an equal one of the operations that loops have leaves.
//
// Composites (sigmoid, softplus) are opened after differentiation, so that value and gradient share exp(-|x|); means become sums;
// factors that lack the axis of a sum leave it, the others are multiplied grouped by axes, the smallest set first, so that
// work happens at the outermost loop it can; division by a number, and by what several are divided by, becomes multiplication by
// its reciprocal; numbers are multiplied and added up with one another before anything that has axes; x - logsumexp(x) is
// (x - max(x)) - log(w), which keeps its digits for large x, and its exponential is the one that logsumexp has computed, divided by
// its sum w. Results differ from the formula as written by a few units in the last place.
#pragma once

#include "../evaluate/straight_line.hpp"
#include "../transform/simplify.hpp"

namespace ddx {

class preparation {
 public:
  static constexpr graph run(graph_view source) {
    graph opened = open_composites(source);
    return preparation(opened.view()).rewrite();
  }

 private:
  constexpr explicit preparation(graph_view source)
      : in_(source),
        out_(graph::like(source)),
        image_(source.node_count, -1),
        uses_(source.node_count, 0),
        divided_by_(source.node_count, 0) {
    for (int i = 0; i < in_.output_count; ++i) ++uses_[in_.outputs[i]];
    for (int i = 0; i < in_.node_count; ++i)
      for (int k = 0; k < in_.nodes[i].op->arity; ++k) ++uses_[in_.nodes[i].operands[k]];
    for (int i = 0; i < in_.node_count; ++i)
      if (is<divide_>(in_.nodes[i])) ++divided_by_[base_of(in_.nodes[i].operands[1])];
  }

  static constexpr bool has_composites(graph_view g) {
    for (int i = 0; i < g.node_count; ++i)
      if (g.nodes[i].op->lowered) return true;
    return false;
  }

  static constexpr graph open_composites(graph_view source) {
    graph current = copy(source, false);
    while (has_composites(current.view())) current = copy(current.view(), true);
    return current;
  }

  static constexpr graph copy(graph_view source, bool open) {
    graph result = graph::like(source);
    sequence<int> image(source.node_count);
    for (int i = 0; i < source.node_count; ++i) {
      node n = source.nodes[i];
      for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[n.operands[k]];
      image[i] = n.op->kind == role::shift ? shifted(result, n) : result.intern(n);
      if (open && n.op->lowered) image[i] = n.op->lowered(result, image[i]);
    }
    for (int i = 0; i < source.output_count; ++i) result.outputs.push_back(image[source.outputs[i]]);
    return simplifier::compacted(result.view());
  }

  /// What a shift stands on may have become something that shifts pass through.
  static constexpr int shifted(graph& g, node const& n) {
    return detail::shift_node(g, n.operands[0], n.index, n.constant.numerator);
  }

  constexpr graph rewrite() {
    for (int i = 0; i < in_.node_count; ++i) {
      node n = in_.nodes[i];
      for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image_[n.operands[k]];
      image_[i] = rewrite(n, in_.nodes[i].operands, uses_[i]);
    }
    for (int i = 0; i < in_.output_count; ++i) out_.outputs.push_back(computed(image_[in_.outputs[i]]));
    return simplifier::compacted(out_.view());
  }

  /// An output is not a shift alone: what updates a parameter can be kept before the parameter changes.
  constexpr int computed(int id) {
    node const n = out_.nodes[id];
    if (n.op->kind != role::shift) return id;
    int const operands[]{detail::inside_node(out_, n.index, n.constant.numerator), id, constant(0)};
    return detail::apply_node(out_, info<where_>, operands);
  }

  /// `n` has operands in the new graph, `before` are those in the old one; it is used `uses` times.
  constexpr int rewrite(node n, int const* before, int uses) {
    if (n.op->kind == role::elementwise && n.op->arity == 0) return constant(n.op->value(nullptr));
    if (is<sum_>(n)) return total(n.operands[0], n.index, uses);
    if (is<mean_>(n))
      return scaled(reciprocal(detail::extent_node(out_, n.index)), total(n.operands[0], n.index, uses));
    if (is<divide_>(n) && axes(n.operands[1]) == 0 && axes(n.operands[0]) != 0)
      return scaled(reciprocal(n.operands[1]), n.operands[0]);
    if (is<divide_>(n) && axes(n.operands[1]) != 0 &&
        (axes(n.operands[1]) != n.axes || divided_by_[base_of(before[1])] > 1)) {
      n.op = &info<multiply_>;
      n.operands[1] = inverse(before[1]);
      return numbers_first(n, uses_[before[0]] == 1, true);
    }
    if (is<multiply_>(n) && n.axes != 0) return numbers_first(n, uses_[before[0]] == 1, uses_[before[1]] == 1);
    if (is<negate_>(n) && has_number(n.operands[0])) {
      node const product = out_.nodes[n.operands[0]];
      return multiply(apply(info<negate_>, product.operands[0], product.operands[0]), product.operands[1]);
    }
    if (is_sum(n)) return logarithm_last(n);
    if (is<exp_>(n))
      if (int const shared = share_of_exponentials(n); shared >= 0) return shared;
    if (is<where_>(n)) return guarded(n);
    if (is<prod_>(n) && !(axes(n.operands[0]) >> n.index & 1u))
      return apply(info<pow_>, n.operands[0], detail::extent_node(out_, n.index));
    if (n.op->kind == role::shift) return shifted(out_, n);
    return out_.intern(n);
  }

  // ---- numbers in products: number*rest, where the number is computed once and the rest has axes

  constexpr bool has_number(int id) const {
    node const& n = out_.nodes[id];
    return is<multiply_>(n) && axes(n.operands[0]) == 0 && axes(n.operands[1]) != 0;
  }

  /// Whether two numbers may be multiplied before what they scale: one is a constant that neither overflows nor vanishes with the other
  /// where the result does not. Of x/s/s both 1/s are not: their product may be infinite where the quotient is 1.
  constexpr bool may_join(int a, int b) const { return is_moderate(a) || is_moderate(b); }
  constexpr bool is_moderate(int id) const {
    if (!is_constant(id)) return false;
    double const size = value(id) < 0 ? -value(id) : value(id);
    return size >= 0x1p-20 && size <= 0x1p20;
  }

  /// number*e; a number that e begins with is multiplied with it first.
  constexpr int scaled(int number, int e) {
    for (; has_number(e) && may_join(number, out_.nodes[e].operands[0]); e = out_.nodes[e].operands[1])
      number = multiply(number, out_.nodes[e].operands[0]);
    return multiply(number, e);
  }

  /// A product with its numbers before the rest; `free` where nothing else needs a factor with its number.
  constexpr int numbers_first(node n, bool first_free, bool second_free) {
    for (int k = 0; k < 2; ++k)
      if (axes(n.operands[k]) == 0) return scaled(n.operands[k], n.operands[1 - k]);
    int number = -1;
    for (int k = 0; k < 2; ++k) {
      int const factor = n.operands[k];
      if (!has_number(factor) || axes(factor) != n.axes || !(k == 0 ? first_free : second_free)) continue;
      node const product = out_.nodes[factor];
      if (number >= 0 && !may_join(number, product.operands[0])) continue;
      number = number < 0 ? product.operands[0] : multiply(number, product.operands[0]);
      n.operands[k] = product.operands[1];
    }
    int const rest = out_.intern(n);
    return number < 0 ? rest : multiply(number, rest);
  }

  // ---- quotients

  /// What division by a node is division by: of 2*x^2 it is x.
  constexpr int base_of(int id) const {
    node const& n = in_.nodes[id];
    if (is<multiply_>(n))
      for (int k = 0; k < 2; ++k)
        if (in_.nodes[n.operands[k]].axes == 0) return base_of(n.operands[1 - k]);
    return detail::unrolled_exponent(in_, id) > 0 ? n.operands[0] : id;
  }

  /// 1/a for a node of the old graph, by that of its base.
  constexpr int inverse(int id) {
    node const& n = in_.nodes[id];
    if (is<multiply_>(n) && n.axes != 0)
      for (int k = 0; k < 2; ++k)
        if (in_.nodes[n.operands[k]].axes == 0)
          return scaled(reciprocal(image_[n.operands[k]]), inverse(n.operands[1 - k]));
    if (detail::unrolled_exponent(in_, id) > 0)
      return apply(info<pow_>, reciprocal(image_[n.operands[0]]), image_[n.operands[1]]);
    return reciprocal(image_[id]);
  }

  // ---- logarithms of sums of exponentials: what logsumexp, softplus and their like add to the largest term

  /// Whether a node is log(w) for a sum w of exponentials, or log1p of an exponential, of exponents that are at most 0: itself at most
  /// the logarithm of a count.
  constexpr bool is_log_of_exponentials(int id) const {
    node const& n = out_.nodes[id];
    if (!is<log1p_>(n) && !is<log_>(n)) return false;
    node const& of = out_.nodes[n.operands[0]];
    if (is<log1p_>(n)) return is<exp_>(of) && is_not_positive(of.operands[0]);
    return is<sum_>(of) && is_sum_of_shares(of);
  }

  /// -|x|, or a choice between that and 0: the exponents of softplus and logaddexp.
  constexpr bool is_not_positive(int id) const {
    node const& n = out_.nodes[id];
    if (is<where_>(n)) return is_not_positive(n.operands[1]) && is_not_positive(n.operands[2]);
    return is_zero(id) || (is<negate_>(n) && is<abs_>(out_.nodes[n.operands[0]]));
  }

  /// Whether a sum is that of exp(x - v), where v is the largest x along its axis, or 0 where that is infinite: as logsumexp has it.
  constexpr bool is_sum_of_shares(node const& sum) const {
    node const& term = out_.nodes[sum.operands[0]];
    if (!is<exp_>(term) || !is<subtract_>(out_.nodes[term.operands[0]])) return false;
    node const& difference = out_.nodes[term.operands[0]];
    node const& shift = out_.nodes[difference.operands[1]];
    node const& largest = is<where_>(shift) ? out_.nodes[shift.operands[1]] : shift;
    return is<max_over_>(largest) && largest.index == sum.index && largest.operands[0] == difference.operands[0];
  }

  /// a ± b where one is v ± log(w) as above: log(w) is added last, (x - v) - log(w) for x - (v + log(w)). What is near v cancels
  /// before log(w) is rounded to the places of v.
  constexpr int logarithm_last(node n) {
    for (int k = 0; k < 2; ++k) {
      node const part = out_.nodes[n.operands[k]];
      if (!is_sum(part)) continue;
      int const place = is_log_of_exponentials(part.operands[1]) ? 1 : 0;
      if (place == 0 && (is<subtract_>(part) || !is_log_of_exponentials(part.operands[0]))) continue;
      n.operands[k] = part.operands[1 - place];
      int const rest = logarithm_last(n);
      bool const minus = is<subtract_>(part) != (k == 1 && is<subtract_>(n));
      return apply(minus ? info<subtract_> : info<add_>, rest, part.operands[place]);
    }
    return apply(*n.op, n.operands[0], n.operands[1]);
  }
  static constexpr bool is_sum(node const& n) { return is<add_>(n) || is<subtract_>(n); }

  /// exp(p - log(w)) where w is a sum of exp(p) of which one is 1: exp(p)/w, which is at most 1; -1 where it is not of this form.
  constexpr int share_of_exponentials(node const& n) {
    node const difference = out_.nodes[n.operands[0]];
    if (!is<subtract_>(difference) || !is<log_>(out_.nodes[difference.operands[1]])) return -1;
    int const w = out_.nodes[difference.operands[1]].operands[0];
    if (!is<sum_>(out_.nodes[w]) || !is_sum_of_shares(out_.nodes[w]) || axes(w) == n.axes) return -1;
    int const part = apply(info<exp_>, difference.operands[0], difference.operands[0]);
    return out_.nodes[w].operands[0] == part ? multiply(reciprocal(w), part) : -1;
  }

  constexpr bool is_zero(int id) const { return is_constant(id) && value(id) == 0; }

  /// where(c, x*y, 0) = where(c, x*where(c, y, 0), 0), for c on fewer axes than the product and y with all of them: a contraction
  /// then needs no guard but where x*0 is not 0.
  constexpr int guarded(node n) {
    int const branch = is_zero(n.operands[2]) ? 1 : is_zero(n.operands[1]) ? 2 : 0;
    if (branch == 0)
      if (int const product = product_of_choice(n); product >= 0) return product;
    if (branch == 0 || !is<multiply_>(out_.nodes[n.operands[branch]])) return out_.intern(n);
    node const product = out_.nodes[n.operands[branch]];
    axis_set const condition = axes(n.operands[0]);
    for (int k = 0; k < 2; ++k) {
      int const other = product.operands[1 - k];
      node inner = n;
      inner.operands[branch] = product.operands[k];
      inner.axes = axes(product.operands[k]);
      if (condition == 0 || (condition & ~inner.axes) != 0 || inner.axes == product.axes || axes(other) == product.axes)
        continue;
      n.operands[branch] = multiply(k == 0 ? out_.intern(inner) : other, k == 0 ? other : out_.intern(inner));
      break;
    }
    return out_.intern(n);
  }

  // ---- choices among products: where(c, x*t, y*t) = where(c, x, y)*t, where the choice lacks axes of t and is made once for all of
  // them. Choices may be nested, and some may be 0: then the product is guarded by the condition under which it is not.

  /// -1 where a choice is not of this form.
  constexpr int product_of_choice(node const& n) {
    int first = n.operands[1];
    while (is<where_>(out_.nodes[first]))
      first = out_.nodes[first].operands[is_zero(out_.nodes[first].operands[1]) ? 2 : 1];
    node const product = out_.nodes[first];
    if (!is<multiply_>(product)) return -1;
    for (int k = 0; k < 2; ++k) {
      int const factor = product.operands[k];
      axis_set chosen_axes = 0;
      if (!chooses_products(n, factor, chosen_axes) || (axes(factor) & ~chosen_axes) == 0) continue;
      int const id = out_.intern(n), chosen = without(factor, id), condition = where_nonzero(id);
      if (condition < 0) return multiply(chosen, factor);
      return choose(condition, multiply(choose(condition, chosen), factor));
    }
    return -1;
  }

  /// Whether what a node chooses among is 0 or a product with `factor`; collects the axes of all else.
  constexpr bool chooses_products(node const& n, int factor, axis_set& others) const {
    others |= axes(n.operands[0]);
    for (int branch = 1; branch <= 2; ++branch) {
      int const id = n.operands[branch];
      node const& part = out_.nodes[id];
      if (is_zero(id)) continue;
      if (is<where_>(part)) {
        if (!chooses_products(part, factor, others)) return false;
      } else if (is<multiply_>(part) && (part.operands[0] == factor || part.operands[1] == factor)) {
        others |= axes(part.operands[part.operands[0] == factor ? 1 : 0]);
      } else {
        return false;
      }
    }
    return true;
  }

  constexpr int without(int factor, int id) {
    node const n = out_.nodes[id];
    if (is_zero(id)) return id;
    if (is<multiply_>(n)) return n.operands[n.operands[0] == factor ? 1 : 0];
    int const operands[]{n.operands[0], without(factor, n.operands[1]), without(factor, n.operands[2])};
    return detail::apply_node(out_, info<where_>, operands);
  }

  /// The condition under which a choice among products is one of them, -1 where it always is.
  constexpr int where_nonzero(int id) {
    node const n = out_.nodes[id];
    if (!is<where_>(n)) return -1;
    int const c = n.operands[0], negated[]{c}, unless = detail::apply_node(out_, info<not_>, negated);
    if (is_zero(n.operands[2])) return both(c, where_nonzero(n.operands[1]));
    if (is_zero(n.operands[1])) return both(unless, where_nonzero(n.operands[2]));
    int const a = where_nonzero(n.operands[1]), b = where_nonzero(n.operands[2]);
    if (a < 0) return b < 0 ? -1 : apply(info<or_>, c, b);
    return b < 0 ? apply(info<or_>, unless, a) : apply(info<or_>, both(c, a), both(unless, b));
  }
  constexpr int both(int a, int b) { return b < 0 ? a : apply(info<and_>, a, b); }

  constexpr int choose(int condition, int a) {
    int const operands[]{condition, a, constant(0)};
    return detail::apply_node(out_, info<where_>, operands);
  }

  constexpr axis_set axes(int id) const { return out_.nodes[id].axes; }
  constexpr bool is_constant(int id) const { return is<constant_>(out_.nodes[id]); }
  constexpr double value(int id) const { return out_.nodes[id].constant.value(); }
  constexpr int constant(double number) { return detail::constant_node(out_, {number, 1}); }

  constexpr int apply(primitive const& op, int a, int b) {
    int const operands[]{a, b};
    return detail::apply_node(out_, op, operands);
  }

  constexpr int multiply(int a, int b) {
    if (is_constant(a) && value(a) == 1) return b;
    if (is_constant(b) && value(b) == 1) return a;
    return apply(info<multiply_>, a, b);
  }

  constexpr int reciprocal(int id) {
    if (is_constant(id) && value(id) != 0) return constant(1 / value(id));
    return apply(info<divide_>, constant(1), id);
  }

  /// The sum of `e` over an axis, with the factors that lack the axis outside; it is used `uses` times.
  constexpr int total(int e, int axis, int uses) {
    axis_set const bit = axis_set{1} << axis;
    sequence<int> inside, outside, pending;
    double scale = 1;
    pending.push_back(e);
    while (!pending.empty()) {
      int const id = pending.back();
      pending.pop_back();
      node const n = out_.nodes[id];
      if (is<constant_>(n)) {
        scale *= n.constant.value();
      } else if (is<multiply_>(n)) {
        pending.push_back(n.operands[1]);
        pending.push_back(n.operands[0]);
      } else if (is<negate_>(n)) {
        scale = -scale;
        pending.push_back(n.operands[0]);
      } else if (is<divide_>(n) && !(axes(n.operands[1]) & bit)) {
        if (!is_constant(n.operands[0])) pending.push_back(n.operands[0]);
        else scale *= value(n.operands[0]);
        outside.push_back(reciprocal(n.operands[1]));
      } else {
        (axes(id) & bit ? inside : outside).push_back(id);
      }
    }
    int result = -1;
    if (inside.empty()) result = detail::extent_node(out_, axis);
    for (int i = 0; i < inside.size() && result < 0; ++i) result = exchanged(inside, i, axis);
    if (result < 0) result = reduced(product(inside), axis, uses);
    sequence<int> wide, numbers;
    for (int id : outside) (axes(id) == 0 ? numbers : wide).push_back(id);
    if (!wide.empty()) result = multiply(product(wide), result);
    for (int id : numbers) result = scaled(id, result);
    return scale == 1 ? result : scaled(constant(scale), result);
  }

  constexpr int reduced(int e, int axis, int uses) {
    int const id = algebra<traced>::reduce_node(out_, info<sum_>, e, axis);
    while (sum_uses_.size() <= id) sum_uses_.push_back(0);
    sum_uses_[id] += uses;
    return id;
  }

  /// sum[n](u*sum[k](x*t)) = sum[k](x*sum[n](u*t)) where x lacks n, u lacks k, u*t has fewer axes than x*t, and nothing else needs the
  /// inner sum: x is then multiplied once for all of n. The inner product may be guarded by a condition without n. The inner sum is
  /// factor `which`; -1 where this is not of this form.
  constexpr int exchanged(sequence<int> const& factors, int which, int axis) {
    int const inner = factors[which];
    node const sum = out_.nodes[inner];
    if (!is<sum_>(sum) || inner >= sum_uses_.size() || sum_uses_[inner] != 1) return -1;
    axis_set const bit = axis_set{1} << axis;
    node const guard = out_.nodes[sum.operands[0]];
    bool const is_guarded = is<where_>(guard) && is_zero(guard.operands[2]) && !(axes(guard.operands[0]) & bit);
    int const body = is_guarded ? guard.operands[1] : sum.operands[0];
    sequence<int> with, without, pending;
    pending.push_back(body);
    while (!pending.empty()) {
      int const id = pending.back();
      pending.pop_back();
      if (is<multiply_>(out_.nodes[id])) {
        pending.push_back(out_.nodes[id].operands[1]);
        pending.push_back(out_.nodes[id].operands[0]);
      } else {
        (axes(id) & bit ? with : without).push_back(id);
      }
    }
    axis_set reached = 0;
    for (int i = 0; i < factors.size(); ++i) {
      if (i == which) continue;
      if (axes(factors[i]) >> sum.index & 1u) return -1;
      with.push_back(factors[i]);
    }
    for (int id : with) reached |= axes(id);
    if (without.empty() || reached == axes(body) || (reached & ~axes(body)) != 0) return -1;
    int const whole = multiply(product(without), reduced(product(with), axis, 1));
    return reduced(is_guarded ? choose(guard.operands[0], whole) : whole, sum.index, 1);
  }

  /// The product of factors: those with the same axes first, then from the smallest set of axes to the largest.
  constexpr int product(sequence<int>& factors) {
    auto const size = [this](int id) { return std::popcount(axes(id)); };
    detail::sort(factors, [&](int a, int b) { return size(a) != size(b) ? size(a) < size(b) : axes(a) < axes(b); });
    sequence<int> groups;
    for (int id : factors) {
      if (!groups.empty() && axes(groups.back()) == axes(id)) groups.back() = multiply(groups.back(), id);
      else groups.push_back(id);
    }
    int result = groups[0];
    for (int i = 1; i < groups.size(); ++i) result = multiply(result, groups[i]);
    return result;
  }

  graph_view in_;
  graph out_;
  // of every node of the old graph: its node in the new one, how often it is used, how many divide by it, its powers and multiples
  sequence<int> image_, uses_, divided_by_;
  sequence<int> sum_uses_;  // of every sum in the new graph: how often those in the old one that became it are used
};

}  // namespace ddx

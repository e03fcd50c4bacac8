// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Differentiation: a graph and nodes of it enter, nodes of its derivatives are appended. Rules come from the records.
#pragma once

#include "../primitive/scan.hpp"

namespace ddx {

namespace detail {

/// Whether an index is computed from an input, so that there is no derivative by it.
constexpr bool is_index(graph_view g, int input) {
  if (input < 0) return false;
  sequence<char> depends(g.node_count, 0);
  for (int i = 0; i < g.node_count; ++i) {
    node const& n = g.nodes[i];
    if (is<input_>(n) && n.index == input) depends[i] = 1;
    for (int k = 0; k < n.op->arity; ++k) {
      if (!depends[n.operands[k]]) continue;
      if (n.op->kind == role::reduction && (n.op->takes_whole >> k & 1u)) return true;
      depends[i] = 1;
    }
  }
  return false;
}

/// A class, so that its sentence comes before whatever else goes wrong.
template <bool Index>
struct check_not_index {
  static_assert(
      !Index,
      "ddx: an index of take is a whole number, by which there is no derivative; leave it out of the variables");
  static constexpr bool passed = !Index;
};

}  // namespace detail

/// Derivatives of nodes of one graph, built in the same graph by the chain rule with the records' partials.
/// Structural zeros and ones vanish here; nothing else is simplified.
class differentiator {
 public:
  constexpr explicit differentiator(graph& g) : g_(g) {}

  /// Reverse accumulation: the gradient of node `output` (a scalar) by each node of `inputs`, with `seed` as the adjoint of
  /// the output (-1: one). The cost of all together is a small multiple of the output's.
  /// A derivative that is structurally zero is the constant 0.
  constexpr sequence<int> gradient(int output, sequence<int> const& inputs, int seed = -1) {
    int const count = output + 1;
    sequence<char> active = depends_on(inputs, count);
    sequence<contribution> contributions;  // a list a node, in the order of the consumers
    sequence<int> lists(count, none), adjoints(count, none);
    int const first = lowest(inputs);
    for (int self = output; self >= first; --self) {
      if (!active[self]) continue;
      int const adjoint = self == output ? (seed >= 0 ? seed : constant(1)) : total(contributions, lists[self]);
      adjoints[self] = adjoint;
      if (adjoint == none) continue;
      primitive const& op = *g_.nodes[self].op;
      int const carried = op.kind == role::scan ? carried_back(adjoint, self) : none;
      for (int i = op.arity - 1; i >= 0; --i) {
        int const operand = g_.nodes[self].operands[i];
        if (!active[operand]) continue;
        axis_set const extra = g_.nodes[self].axes & ~g_.nodes[operand].axes;
        int const part = op.kind == role::shift  ? shifted_back(adjoint, self)
                         : op.kind == role::scan ? reduce_to(i == 0 ? before(carried, self) : carried, extra)
                                                 : reduce_to(chain(adjoint, op.partial(g_, i, self)), extra);
        if (part == none) continue;
        contributions.push_back({part, lists[operand]});
        lists[operand] = contributions.size() - 1;
      }
    }
    sequence<int> result;
    for (int input : inputs)
      result.push_back(input > output || adjoints[input] == none ? constant(0) : adjoints[input]);
    return result;
  }

  /// Forward accumulation: the directional derivative of each of `outputs` for tangents of `inputs`.
  constexpr sequence<int> tangent(sequence<int> const& outputs, sequence<int> const& inputs,
                                  sequence<int> const& tangents) {
    int count = 0;
    for (int output : outputs) count = output >= count ? output + 1 : count;
    sequence<char> const active = depends_on(inputs, count);
    sequence<int> dots(count, none);
    for (int i = 0; i < inputs.size(); ++i)
      if (inputs[i] < count && !is_zero(tangents[i])) dots[inputs[i]] = tangents[i];
    for (int self = 0; self < count; ++self) {
      if (!active[self] || dots[self] != none) continue;
      node const current = g_.nodes[self];
      if (is<where_>(current)) {
        int const a = dots[current.operands[1]], b = dots[current.operands[2]];
        if (a != none || b != none) dots[self] = choose(current.operands[0], a, b);
        continue;
      }
      int sum = none;
      if (current.op->kind == role::scan) {
        int const a = dots[current.operands[0]], b = dots[current.operands[1]];
        int const added = plus(a == none ? none : before(a, self), b);
        if (added != none)
          dots[self] = detail::scan_node(g_, current.operands[0], added, current.index, current.constant.numerator);
        continue;
      }
      for (int i = 0; i < current.op->arity; ++i) {
        int const dot = dots[current.operands[i]];
        if (dot == none) continue;
        int part = current.op->kind == role::shift
                       ? detail::shift_node(g_, dot, current.index, current.constant.numerator)
                       : chain(dot, current.op->partial(g_, i, self));
        if (part != none && current.op->kind == role::reduction) part = sum_over(part, current.index);
        sum = plus(sum, part);
      }
      dots[self] = sum;
    }
    sequence<int> result;
    for (int output : outputs) result.push_back(dots[output] == none ? constant(0) : dots[output]);
    return result;
  }

 private:
  static constexpr int none = -1;  // a structural zero, the end of a list

  struct contribution {
    int part;
    int next;
  };

  constexpr int constant(double number) { return detail::constant_node(g_, {number, 1}); }
  constexpr bool is_zero(int id) const { return is<constant_>(g_.nodes[id]) && g_.nodes[id].constant.numerator == 0; }
  constexpr bool is_one(int id) const { return is<constant_>(g_.nodes[id]) && g_.nodes[id].constant.is(1); }

  constexpr int apply(primitive const& op, int a, int b) {
    int const operands[]{a, b};
    return detail::apply_node(g_, op, operands);
  }

  constexpr sequence<char> depends_on(sequence<int> const& inputs, int count) const {
    sequence<char> active(count, 0);
    for (int input : inputs)
      if (input < count) active[input] = 1;
    for (int i = 0; i < count; ++i)
      for (int k = 0; k < g_.nodes[i].op->arity; ++k)
        active[i] = static_cast<char>(active[i] | active[g_.nodes[i].operands[k]]);
    return active;
  }

  static constexpr int lowest(sequence<int> const& ids) {
    int result = ids[0];
    for (int id : ids) result = id < result ? id : result;
    return result;
  }

  constexpr int plus(int a, int b) {
    if (a == none) return b;
    if (b == none) return a;
    return join(a, b);
  }

  /// The sum of the contributions, in the order in which their consumers were written; those under one condition first, so that
  /// like terms meet.
  constexpr int total(sequence<contribution> const& contributions, int list) {
    sequence<int> parts;
    for (; list != none; list = contributions[list].next) {
      int const part = contributions[list].part;
      int place = parts.size();
      if (is<where_>(g_.nodes[part]))
        for (place = 0; place < parts.size() && !is_choice(parts[place], g_.nodes[part].operands[0]);) ++place;
      if (place == parts.size()) parts.push_back(part);
      else parts[place] = join(parts[place], part);
    }
    int sum = none;
    for (int part : parts) sum = plus(sum, part);
    return sum;
  }

  /// where(c, a, b) for branches that may be structural zeros: where(c, where(c, p, q), b) = where(c, p, b), so that no zero hides.
  constexpr int choose(int condition, int a, int b) {
    if (is<not_>(g_.nodes[condition])) return choose(g_.nodes[condition].operands[0], b, a);
    if (a != none && is_choice(a, condition)) a = nonzero(g_.nodes[a].operands[1]);
    if (b != none && is_choice(b, condition)) b = nonzero(g_.nodes[b].operands[2]);
    if (a == none && b == none) return none;
    int const operands[]{condition, a == none ? constant(0) : a, b == none ? constant(0) : b};
    return detail::apply_node(g_, info<where_>, operands);
  }

  /// a + b. Sums of guarded terms stay guarded, so that a factor that is not finite outside of the guard never meets a 0:
  /// where(c, a, b) + where(c, p, q) = where(c, a + p, b + q), where(c, a, 0) + where(d, p, 0) = where(c or d, ., 0).
  constexpr int join(int a, int b) {
    node const& left = g_.nodes[a];
    node const& right = g_.nodes[b];
    if (is<where_>(left) && is<where_>(right)) {
      int const l[]{left.operands[0], left.operands[1], left.operands[2]},
          r[]{right.operands[0], right.operands[1], right.operands[2]};
      if (l[0] == r[0]) return choose(l[0], plus(nonzero(l[1]), nonzero(r[1])), plus(nonzero(l[2]), nonzero(r[2])));
      if ((is_zero(l[1]) || is_zero(l[2])) && (is_zero(r[1]) || is_zero(r[2])))
        return choose(apply(info<or_>, guard(l), guard(r)), apply(info<add_>, a, b), none);
    }
    return apply(info<add_>, a, b);
  }

  constexpr bool is_choice(int id, int condition) const {
    return is<where_>(g_.nodes[id]) && g_.nodes[id].operands[0] == condition;
  }

  /// Whether a node is a where that is structurally zero in one of its branches, at any depth.
  constexpr bool is_guarded(int id) const {
    node const& n = g_.nodes[id];
    return is<where_>(n) &&
           (is_zero(n.operands[1]) || is_zero(n.operands[2]) || is_guarded(n.operands[1]) || is_guarded(n.operands[2]));
  }

  constexpr int nonzero(int id) const { return is_zero(id) ? none : id; }

  /// The condition under which a where with one structurally zero branch is not zero.
  constexpr int guard(int const (&where)[3]) {
    if (is_zero(where[2])) return where[0];
    return detail::apply_node(g_, info<not_>, where);
  }

  /// adjoint * partial, inside the branches of a where on either side: 0 * inf must not leak from the branch not taken.
  constexpr int chain(int adjoint, int partial) {
    if (adjoint == none || is_zero(partial)) return none;
    if (is_one(partial)) return adjoint;
    if (is_one(adjoint)) return partial;
    node const& left = g_.nodes[adjoint];
    if (is_guarded(adjoint)) {
      int const c = left.operands[0], a = left.operands[1], b = left.operands[2];
      return choose(c, chain(nonzero(a), partial), chain(nonzero(b), partial));
    }
    node const& right = g_.nodes[partial];
    if (is<where_>(right)) {
      int const c = right.operands[0], a = right.operands[1], b = right.operands[2];
      return choose(c, chain(adjoint, a), chain(adjoint, b));
    }
    return apply(info<multiply_>, adjoint, partial);
  }

  /// The adjoint of what a shift reads, shifted by the opposite offset. Elements that nothing has read are guarded, so that 0 never
  /// meets a factor that is not finite, and so that a reduction of the gradient has all of its elements.
  constexpr int shifted_back(int adjoint, int self) {
    node const n = g_.nodes[self];
    int const back = detail::shift_node(g_, adjoint, n.index, -n.constant.numerator);
    if (is_guarded(back)) return back;
    return choose(detail::inside_node(g_, n.index, -n.constant.numerator), back, none);
  }

  /// The adjoint of a scan with what elements behind it carry back: g[i] = adjoint[i] + a[i - o]*g[i - o].
  constexpr int carried_back(int adjoint, int self) {
    node const n = g_.nodes[self];
    int const a = g_.nodes[n.operands[0]].axes >> n.index & 1u
                      ? detail::shift_node(g_, n.operands[0], n.index, -n.constant.numerator)
                      : n.operands[0];
    return detail::scan_node(g_, a, adjoint, n.index, -n.constant.numerator);
  }

  /// A factor of a scan's neighbours, where there are any.
  constexpr int before(int factor, int self) {
    node const n = g_.nodes[self];
    int const neighbours = detail::shift_node(g_, self, n.index, n.constant.numerator);
    return choose(detail::inside_node(g_, n.index, n.constant.numerator), apply(info<multiply_>, factor, neighbours),
                  none);
  }

  constexpr int sum_over(int id, int axis) {
    if (g_.nodes[id].axes >> axis & 1u) return algebra<traced>::reduce_node(g_, info<sum_>, id, axis);
    return apply(info<multiply_>, detail::extent_node(g_, axis), id);
  }

  /// A contribution summed over `extra`, the axes that the consumer has and the operand does not.
  constexpr int reduce_to(int id, axis_set extra) {
    if (id == none) return none;
    for (int axis = 0; axis < g_.axes.size(); ++axis)
      if (extra >> axis & 1u) id = sum_over(id, axis);
    return id;
  }

  graph& g_;
};

}  // namespace ddx

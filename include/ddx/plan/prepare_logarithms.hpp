// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Sums and exponentials enter that have a logarithm of a sum of exponentials in them, what logsumexp, softplus and
// their like add to the largest term; equal ones leave that keep their digits for large x: x - logsumexp(x) is
// (x - max(x)) - log(w), and its exponential is the one that logsumexp has computed, divided by its sum w.
#pragma once

#include "prepared_graph.hpp"

namespace ddx::detail {

/// Where logarithms of sums of exponentials are added, and what they are exponents of.
class logarithms {
 public:
  constexpr explicit logarithms(prepared_graph& g) : g_(g) {}

  /// a ± b where one is v ± log(w), see is_log_of_exponentials: log(w) is added last,
  /// (x - v) - log(w) for x - (v + log(w)). What is near v cancels before log(w) is rounded to the places of v.
  constexpr int logarithm_last(node n) {
    for (int k = 0; k < 2; ++k) {
      node const part = g_.out.nodes[n.operands[k]];
      if (!is_sum(part)) continue;
      int const place = is_log_of_exponentials(part.operands[1]) ? 1 : 0;
      if (place == 0 && (is<subtract_>(part) || !is_log_of_exponentials(part.operands[0]))) continue;
      n.operands[k] = part.operands[1 - place];
      int const rest = logarithm_last(n);
      bool const minus = is<subtract_>(part) != (k == 1 && is<subtract_>(n));
      return g_.apply(minus ? info<subtract_> : info<add_>, rest, part.operands[place]);
    }
    return g_.apply(*n.op, n.operands[0], n.operands[1]);
  }

  /// exp(p - log(w)) where w is a sum of exp(p) of which one is 1: exp(p)/w, which is at most 1; -1 where it is not of
  /// this form.
  constexpr int share_of_exponentials(node const& n) {
    node const difference = g_.out.nodes[n.operands[0]];
    if (!is<subtract_>(difference) || !is<log_>(g_.out.nodes[difference.operands[1]])) return -1;
    int const w = g_.out.nodes[difference.operands[1]].operands[0];
    if (!is<sum_>(g_.out.nodes[w]) || !is_sum_of_shares(g_.out.nodes[w]) || g_.axes(w) == n.axes) return -1;
    int const part = g_.apply(info<exp_>, difference.operands[0], difference.operands[0]);
    return g_.out.nodes[w].operands[0] == part ? g_.multiply(g_.reciprocal(w), part) : -1;
  }

 private:
  static constexpr bool is_sum(node const& n) { return is<add_>(n) || is<subtract_>(n); }

  /// Whether a node is log(w) for a sum w of exponentials, or log1p of an exponential, of exponents that are at most 0:
  /// itself at most the logarithm of a count.
  constexpr bool is_log_of_exponentials(int id) const {
    node const& n = g_.out.nodes[id];
    if (!is<log1p_>(n) && !is<log_>(n)) return false;
    node const& of = g_.out.nodes[n.operands[0]];
    if (is<log1p_>(n)) return is<exp_>(of) && is_not_positive(of.operands[0]);
    return is<sum_>(of) && is_sum_of_shares(of);
  }

  /// -|x|, or a choice between that and 0: the exponents of softplus and logaddexp.
  constexpr bool is_not_positive(int id) const {
    node const& n = g_.out.nodes[id];
    if (is<where_>(n)) return is_not_positive(n.operands[1]) && is_not_positive(n.operands[2]);
    return g_.is_zero(id) || (is<negate_>(n) && is<abs_>(g_.out.nodes[n.operands[0]]));
  }

  /// Whether a sum is that of exp(x - v), where v is the largest x along its axis, or 0 where that is infinite: as
  /// logsumexp has it.
  constexpr bool is_sum_of_shares(node const& sum) const {
    node const& term = g_.out.nodes[sum.operands[0]];
    if (!is<exp_>(term) || !is<subtract_>(g_.out.nodes[term.operands[0]])) return false;
    node const& difference = g_.out.nodes[term.operands[0]];
    node const& shift = g_.out.nodes[difference.operands[1]];
    node const& largest = is<where_>(shift) ? g_.out.nodes[shift.operands[1]] : shift;
    return is<max_over_>(largest) && largest.index == sum.index && largest.operands[0] == difference.operands[0];
  }

  prepared_graph& g_;
};

}  // namespace ddx::detail

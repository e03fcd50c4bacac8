// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// One side of an identity enters as text; a pattern, a graph whose inputs are x, y and z, leaves.
#pragma once

#include <string_view>

#include "../graph/graph.hpp"
#include "../primitive/elementary.hpp"

namespace ddx {

namespace detail {

/// Functions that a right side may have although the left one lacks them. Others are found in the graph.
inline constexpr primitive const* introduced[]{&info<exp_>,  &info<expm1_>, &info<log1p_>,   &info<log_>,
                                               &info<sin_>,  &info<cos_>,   &info<tan_>,     &info<sinh_>,
                                               &info<cosh_>, &info<tanh_>,  &info<sqrt_>,    &info<abs_>,
                                               &info<pow_>,  &info<pi_>,    &info<sigmoid_>, &info<softplus_>};

/// Reads one side of an identity into a graph whose inputs are x, y and z.
class identity_reader {
 public:
  constexpr identity_reader(graph& patterns, graph const& subject) : g_(patterns), subject_(subject) {}

  /// The node, -1 where a function is not known.
  constexpr int read(char const* text) {
    at_ = text;
    known_ = true;
    int const result = sum();
    return known_ ? result : -1;
  }

 private:
  constexpr bool take(char c) {
    if (*at_ == ' ') ++at_;
    if (*at_ != c) return false;
    ++at_;
    if (*at_ == ' ') ++at_;
    return true;
  }
  constexpr int apply(primitive const& op, int a, int b = -1) {
    node n{.op = &op};
    n.operands[0] = a;
    n.operands[1] = b;
    return g_.intern(n);
  }
  constexpr int sum() {
    int result = -1;
    if (take('-')) {
      result = product();
      node const n = g_.nodes[result];
      result = is<constant_>(n) ? constant_node(g_, -n.constant) : apply(info<negate_>, result);
    } else {
      result = product();
    }
    while (true) {
      if (take('+')) result = apply(info<add_>, result, product());
      else if (take('-')) result = apply(info<subtract_>, result, product());
      else return result;
    }
  }
  constexpr int product() {
    int result = power();
    while (true) {
      if (take('*')) result = apply(info<multiply_>, result, power());
      else if (take('/')) result = apply(info<divide_>, result, power());
      else return result;
    }
  }
  constexpr int power() {
    int const base = atom();
    return take('^') ? apply(info<pow_>, base, atom()) : base;
  }
  constexpr int atom() {
    if (take('(')) {
      int const inner = sum();
      take(')');
      return inner;
    }
    char const first = *at_;
    if (first >= '0' && first <= '9') {
      ++at_;
      return constant_node(g_, {static_cast<double>(first - '0'), 1});
    }
    char const* const begin = at_;
    while (is_of_name(*at_)) ++at_;
    std::string_view const name(begin, static_cast<std::size_t>(at_ - begin));
    if (name.size() == 1) return g_.intern({.op = &info<input_>, .index = first - 'x'});
    node n{.op = find(hash_of(name))};
    if (n.op == nullptr) {
      known_ = false;
      n.op = &info<pi_>;
    }
    if (take('(')) {
      int count = 0;
      do n.operands[count++] = sum();
      while (take(','));
      take(')');
    }
    return g_.intern(n);
  }
  static constexpr bool is_of_name(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
  constexpr primitive const* find(unsigned id) const {
    for (primitive const* p : introduced)
      if (p->id == id) return p;
    for (node const& n : subject_.nodes)
      if (n.op->id == id) return n.op;
    return nullptr;
  }

  graph& g_;
  graph const& subject_;
  char const* at_ = nullptr;
  bool known_ = true;
};

}  // namespace detail
}  // namespace ddx

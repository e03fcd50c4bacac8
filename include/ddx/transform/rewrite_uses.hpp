// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A rewrite of a graph enters; how many operations come to life and die with it, and the graph without what is dead, leave.
#pragma once

#include "rewrite_candidates.hpp"

namespace ddx::detail {

/// Counts the uses of nodes, and sends users of a rewritten node to the one in its place.
class rewrite_uses : protected rewrite_candidates {
 protected:
  using rewrite_candidates::rewrite_candidates;

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
      count += operations(out_.view(), current);
      for (int k = 0; k < out_.nodes[current].op->arity; ++k)
        pending.push_back(target(out_.nodes[current].operands[k]));
    }
    return count;
  }

  static constexpr bool is_worth(worth gain, int born, int died) {
    return born < died || (born == died && gain == worth::as_many);
  }

  sequence<char> part_;
  bool changed_ = false;

 private:
  sequence<int> redirect_;
};

}  // namespace ddx::detail

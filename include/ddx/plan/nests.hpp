// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Nests: roots with their moments enter; nests leave, in order, each with the nodes it computes and those it loads.
#pragma once

#include <bit>

#include "roles.hpp"

namespace ddx::detail {

/// Roots of the same moment and axes become a nest.
class nests : protected roles {
 protected:
  using roles::roles;

  constexpr void collect_nests() {
    sort(pending_, comes_before);
    for (int i = 0; i < pending_.size();) {
      pending_root const& first = pending_[i];
      nest const n{.time = first.when.time, .level = first.when.level, .axes = first.axes};
      sequence<nest_root> roots;
      for (; i < pending_.size() && pending_[i].when.time == n.time && pending_[i].when.level == n.level &&
             pending_[i].axes == n.axes;
           ++i)
        roots.push_back(pending_[i].root);
      separate_scans(n, roots);
      if (std::popcount(n.axes) > 2) separate_contractions(n, roots);
      if (!roots.empty()) plan_.nests.push_back(closed(n, roots));
    }
  }

  /// Each scan is a nest of its own, in its own direction.
  constexpr void separate_scans(nest n, sequence<nest_root>& roots) {
    sequence<nest_root> others;
    for (nest_root const& root : roots) {
      if (root.to != destination::buffer || root.value != plan_.buffers[root.index].node || !is_scan(root.value)) {
        others.push_back(root);
        continue;
      }
      sequence<nest_root> one;
      one.push_back(root);
      n.scan = root.value;
      plan_.nests.push_back(closed(n, one));
    }
    roots = others;
  }

  /// Contractions over different axes share nothing but the order of their operands: each becomes a nest of its own.
  constexpr void separate_contractions(nest const& n, sequence<nest_root>& roots) {
    for (int axis = 0; axis < g_.axis_count; ++axis) {
      sequence<nest_root> over, others;
      for (nest_root const& root : roots) (root.axis == axis ? over : others).push_back(root);
      if (over.empty() || others.empty()) continue;
      int const roots_before = plan_.roots.size(), nodes_before = plan_.nodes.size(), loads_before = plan_.loads.size();
      nest const part = closed(n, over);
      if (nest trial = part; contract(trial)) {
        plan_.nests.push_back(part);
        roots = others;
      } else {
        plan_.roots.resize(roots_before);
        plan_.nodes.resize(nodes_before);
        plan_.loads.resize(loads_before);
      }
    }
  }

  constexpr nest closed(nest n, sequence<nest_root> const& roots) {
    n.first_root = plan_.roots.size();
    for (nest_root const& root : roots) plan_.roots.push_back(root);
    n.root_count = roots.size();
    close(n);
    return n;
  }

  /// Finds what a nest computes and what it loads.
  constexpr void close(nest& n) {
    sequence<char> needed(g_.node_count, 0);
    for (int r = 0; r < n.root_count; ++r) needed[plan_.roots[n.first_root + r].value] = 1;
    auto const computed_here = [&](int id) {
      if (id == n.scan) return true;
      if (!is_elementwise(id) || at(id).axes != n.axes) return false;
      moment const m = moments_[id];
      bool const kept = stored_[id] && (m.time < n.time || m.level < n.level);
      return !kept ||
             (m.time != n.time && has_batch(n.axes) && !apart_[id]);  // rather again than kept for the whole batch
    };
    for (int i = g_.node_count - 1; i >= 0; --i)
      if (needed[i] && computed_here(i))
        for (int k = 0; k < at(i).op->arity; ++k) needed[at(i).operands[k]] = 1;
    n.first_node = plan_.nodes.size();
    n.first_load = plan_.loads.size();
    for (int i = 0; i < g_.node_count; ++i) {
      if (!needed[i]) continue;
      if (computed_here(i)) plan_.nodes.push_back(i);
      else if (!is<constant_>(at(i))) plan_.loads.push_back(i);
    }
    n.node_count = plan_.nodes.size() - n.first_node;
    n.load_count = plan_.loads.size() - n.first_load;
  }

  /// A buffer that lives within one pass holds a tile; one that a later time reads holds everything.
  constexpr void share_buffers() {
    for (buffer& b : plan_.buffers) b.tiled = has_batch(at(b.node).axes) && b.output < 0 && b.time % 2 == 1;
    for (nest const& n : plan_.nests)
      for (int l = 0; l < n.load_count; ++l) {
        int const b = plan_.buffer_of[base(plan_.loads[n.first_load + l])];
        if (b >= 0 && plan_.buffers[b].time != n.time) plan_.buffers[b].tiled = false;
      }
  }

  /// Contractions over the batch come last in their pass, which needs none of their results: so no nest of the pass
  /// loads after them what an update in their epilogue changes. One that loads what the pass itself changes stays where
  /// it is.
  constexpr void contract_last() {
    sequence<nest> ordered;
    for (int i = 0, end = 0; i < plan_.nests.size(); i = end) {
      while (end < plan_.nests.size() && plan_.nests[end].time == plan_.nests[i].time) ++end;
      for (bool const last : {false, true})
        for (int k = i; k < end; ++k)
          if (may_come_last(k, end) == last) ordered.push_back(plan_.nests[k]);
    }
    plan_.nests = ordered;
  }

  constexpr bool may_come_last(int i, int end) const {
    nest n = plan_.nests[i];
    if (n.time % 2 == 0 || !contract(n) || n.reduced_axis != plan_.batch) return false;
    for (int k = i + 1; k < end; ++k)
      for (int r = 0; r < plan_.nests[k].root_count; ++r) {
        nest_root const& root = plan_.roots[plan_.nests[k].first_root + r];
        if (root.to == destination::parameter && loads_input(n, root.index)) return false;
      }
    return true;
  }

  constexpr bool loads_input(nest const& n, int input) const {
    for (int l = 0; l < n.load_count; ++l) {
      node const& loaded = at(base(plan_.loads[n.first_load + l]));
      if (is<input_>(loaded) && loaded.index == input) return true;
    }
    return false;
  }
};

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Requests and updates: what is kept and what is wanted enter; roots leave, each with the moment and the axes of its
// nest.
#pragma once

#include <cstdint>

#include "storage.hpp"

namespace ddx::detail {

/// What nests give, and when: what is kept, outputs, and parameters after their update.
class updates : protected storage {
 protected:
  using storage::storage;

  /// A root and the nest that it will belong to.
  struct pending_root {
    moment when;
    axis_set axes;
    nest_root root;
  };

  /// The order of nests.
  static constexpr bool comes_before(pending_root const& a, pending_root const& b) {
    if (a.when.time != b.when.time) return a.when.time < b.when.time;
    if (a.when.level != b.when.level) return a.when.level < b.when.level;
    return a.axes < b.axes;
  }

  constexpr void add_root(moment m, axis_set axes, nest_root root) { pending_.push_back({m, axes, root}); }

  constexpr void add_requests() {
    for (int k = 0; k < g_.output_count; ++k)
      if (requests_[k].parameter >= 0) keep_gradients_apart(k);
    for (int k = 0; k < g_.output_count; ++k) {
      request const& r = requests_[k];
      int const id = g_.outputs[k];
      if (r.order.rank == 0) continue;  // numbers are handed over at the end
      axis_set const axes = r.order.set();
      if (r.parameter >= 0) continue;  // when they are updated depends on everything else
      int const b = plan_.buffer_of[id];
      bool const rows_first =
          !has_batch(axes) || r.order.axes[0] == plan_.batch;  // a tile of sums is cleared in one piece
      if (b >= 0 && r.packed && !lent_[k] && plan_.buffers[b].output < 0 && at(id).axes == axes &&
          (rows_first || !is_reduction(id))) {
        plan_.buffers[b].output = k;
        plan_.buffers[b].order = r.order;
        continue;
      }
      if (is_elementwise(id) && at(id).axes != axes) store(id);  // to be repeated along the axes that it lacks
      moment m = is_elementwise(id) && at(id).axes == axes ? moments_[id] : earliest(axes, &id, 1);
      add_root(m, axes, {.value = id, .to = destination::output, .index = k});
    }
    for (int i = 0; i < g_.node_count; ++i) {
      if (!stored_[i]) continue;
      node const& n = at(i);
      nest_root root{.value = i, .to = n.axes == 0 ? destination::number : destination::buffer};
      root.index = n.axes == 0 ? i : plan_.buffer_of[i];
      if (is_reduction(i)) {
        root.value = n.operands[0];
        root.axis = n.index;
        root.combine = n.op->combine;
      }
      add_root(moments_[i], nest_axes(i), root);
    }
    add_updates();
  }

  // ---- updates: no nest may load a parameter after it has changed
  //
  // The nest that updates a parameter also loads it: every element before it is stored. So do all updates over the same
  // axes at the same moment, which therefore may read one another's parameters.

  /// What of an update reads a parameter that another nest updates is computed and kept before any parameter changes.
  constexpr void keep_gradients_apart(int output) {
    node const& n = at(g_.outputs[output]);
    if (n.axes == 0) return;  // numbers are written back at the end
    if (reads_neighbours(g_.outputs[output])) return keep_apart(g_.outputs[output]);
    for (int k = 0; k < n.op->arity; ++k) {
      int const part = n.operands[k];
      if (is_elementwise(part) && at(part).axes == n.axes && loads_other_update(part)) keep_apart(part);
    }
  }

  constexpr void keep_apart(int id) {
    store(id);
    apart_[id] = 1;
  }

  /// Whether a nest that computes `id` may load an input that is updated at an offset: an element before it or after it
  /// changes.
  constexpr bool reads_neighbours(int id) const {
    for (int w = 0; w < words_; ++w)
      if (neighbours_[id * words_ + w] != 0) return true;
    return false;
  }
  constexpr bool reads_neighbours(int id, int input) const { return has_bit(neighbours_, id, input); }

  /// Whether an elementwise value is computed from a parameter on other axes that is updated in the same pass or after
  /// all passes.
  constexpr bool loads_other_update(int id) const {
    for (int k = 0; k < g_.output_count; ++k) {
      if (requests_[k].parameter < 0) continue;
      axis_set const axes = requests_[k].order.set();
      if (axes != 0 && axes != at(id).axes && has_batch(axes) == has_batch(at(id).axes) &&
          loads(id, requests_[k].parameter))
        return true;
    }
    return false;
  }

  /// Whether a nest that computes `id` may load an input that is updated: elementwise values on its axes may be
  /// computed again.
  constexpr bool loads(int id, int input) const { return has_bit(loaded_, id, input); }
  constexpr bool has_bit(sequence<std::uint64_t> const& sets, int id, int input) const {
    int const bit = parameter_bits_[input];
    return (sets[id * words_ + bit / 64] >> (bit % 64) & 1u) != 0;
  }

  /// Finds for every node which of the updated inputs it loads, and which at an offset, as sets of bits.
  constexpr void find_loaded() {
    parameter_bits_ = sequence<int>(g_.input_count, -1);
    int parameters = 0;
    for (int k = 0; k < g_.output_count; ++k)
      if (requests_[k].parameter >= 0) parameter_bits_[requests_[k].parameter] = parameters++;
    words_ = (parameters + 63) / 64;
    loaded_ = neighbours_ = sequence<std::uint64_t>(g_.node_count * words_, 0);
    if (parameters == 0) return;
    for (int i = 0; i < g_.node_count; ++i) {
      node const& loaded = at(base(i));
      if (is<input_>(loaded))
        if (int const bit = parameter_bits_[loaded.index]; bit >= 0) {
          loaded_[i * words_ + bit / 64] |= std::uint64_t{1} << bit % 64;
          if (base(i) != i) neighbours_[i * words_ + bit / 64] |= std::uint64_t{1} << bit % 64;
        }
      if (!is_elementwise(i) && !is_scan(i)) continue;
      for (int k = 0; k < at(i).op->arity; ++k) {
        int const o = at(i).operands[k];
        if (is_leaf(o) || (is_elementwise(o) && at(o).axes == at(i).axes))
          for (int w = 0; w < words_; ++w) {
            loaded_[i * words_ + w] |= loaded_[o * words_ + w];
            neighbours_[i * words_ + w] |= neighbours_[o * words_ + w];
          }
      }
    }
  }

  /// A parameter over the batch is updated in the pass that has its gradient where no later nest loads it, so that the
  /// data are read once; otherwise in a last pass. Parameters without the batch follow when all passes are done.
  constexpr void add_updates() {
    int last = 0;
    for (int i = 0; i < g_.node_count; ++i)
      if (is_computed(i) && moments_[i].time > last) last = moments_[i].time;
    int const last_pass = last + 1 + last % 2;
    int const first = pending_.size();
    for (int k = 0; k < g_.output_count; ++k) {
      request const& r = requests_[k];
      if (r.parameter < 0 || r.order.rank == 0) continue;
      int const id = g_.outputs[k];
      axis_set const axes = r.order.set();
      bool const early = has_batch(axes) && is_elementwise(id) && at(id).axes == axes;
      add_root(early ? moments_[id] : moment{last_pass + !has_batch(axes), 0}, axes,
               {.value = id, .to = destination::parameter, .index = r.parameter});
    }
    for (bool moved = true; moved;) {
      moved = false;
      for (int i = first; i < pending_.size(); ++i) {
        if (pending_[i].when.time >= last_pass || !loaded_later(pending_[i])) continue;
        pending_[i].when = {last_pass, 0};
        moved = true;
      }
    }
  }

  constexpr bool loaded_later(pending_root const& update) const {
    for (pending_root const& other : pending_) {
      if (comes_before(update, other) && loads(other.root.value, update.root.index)) return true;
      // A tile after this one reads its neighbours.
      if (other.when.time >= update.when.time && reads_neighbours(other.root.value, update.root.index)) return true;
    }
    return false;
  }

  sequence<int> parameter_bits_;    // of every input, -1 where it is not updated
  sequence<std::uint64_t> loaded_;  // of every node
  sequence<std::uint64_t> neighbours_;
  int words_ = 0;  // of a set in loaded_
  sequence<pending_root> pending_;
};

}  // namespace ddx::detail

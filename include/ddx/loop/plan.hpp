// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Scheduling: a prepared graph enters, a plan of loop nests leaves. Nodes that live on the same axes share a nest.
//
// One axis, the batch, is cut into tiles. Everything that has it is computed tile by tile in passes over the batch; what
// depends on a finished reduction over the batch comes before or after a pass. Within a pass nests follow one another by level;
// a nest computes the nodes whose axes are exactly its own, and loads everything else: arrays, numbers, the results of earlier nests.
// Elementwise nodes needed in two nests of the same axes are computed in both, unless that costs more than memory; all other shared
// values are stored.
#pragma once

#include <cstdint>

#include "../plan/prepare.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx {

/// The axes of an array in the order of its memory, outermost first.
struct axis_order {
  int rank = 0;
  int axes[max_rank]{};
  bool adjacent = true;  ///< neighbours along the innermost axis are known to lie beside each other

  static constexpr axis_order of(input const& in) {
    axis_order order{.rank = in.rank, .adjacent = in.adjacent};
    for (int i = 0; i < in.rank; ++i) order.axes[i] = in.axes[i];
    return order;
  }

  constexpr axis_set set() const {
    axis_set result = 0;
    for (int i = 0; i < rank; ++i) result |= axis_set{1} << axes[i];
    return result;
  }
  /// The axis along which whole vectors are loaded and stored, -1 where there is none.
  constexpr int innermost() const { return rank > 0 && adjacent ? axes[rank - 1] : -1; }
};

/// What is wanted of a program: for each output of the graph where it goes and how it lies in memory.
struct request {
  int parameter = -1;  ///< the input that is updated in place, -1 for an output handed to the caller
  int variable = -1;   ///< the input that it is the derivative by, -1 where it is none
  axis_order order{};
  bool packed = true;  ///< the elements lie in one piece and have the type that is computed in
};

/// Where a value that a nest stores or accumulates goes.
enum class destination { number, buffer, output, parameter };

/// What a nest does with the value of a node.
struct nest_root {
  int value = -1;
  int axis = -1;  ///< the axis it is reduced over, -1 where it is stored
  reducer combine = reducer::none;
  destination to = destination::buffer;
  int index = -1;    ///< the node (numbers), the buffer, the output or the input
  bool kept = true;  ///< false where only the epilogue of a contraction needs it
};

/// A value kept between nests.
struct buffer {
  int node = -1;
  axis_order order{};
  bool tiled = false;  ///< holds the rows of a tile only
  int output = -1;     ///< the output whose memory it is, -1 for scratch
  int time = 0;
};

struct nest {
  int time = 0;  ///< odd: in pass (time - 1) / 2 over the batch; even: before or after
  int level = 0;
  axis_set axes = 0;
  int vector_axis = -1;
  int row_axis = -1;
  int reduced_axis = -1;  ///< of a contraction, which keeps its results in registers while this axis runs innermost
  axis_order outer{};
  int epilogue = -1;  ///< the nest that follows in each block of a contraction, while its results are in registers
  int into = -1;      ///< the contraction whose epilogue this nest is
  int scan = -1;      ///< the scan that this nest computes, element after element
  int first_root = 0, root_count = 0;
  int first_node = 0, node_count = 0;  ///< nodes computed, in order
  int first_load = 0, load_count = 0;  ///< nodes loaded
};

/// A plan while it is built.
struct plan_lists {
  sequence<nest> nests;
  sequence<nest_root> roots;
  sequence<buffer> buffers;
  sequence<int> nodes, loads;
  sequence<int> uses;       ///< of every node, by operands
  sequence<int> buffer_of;  ///< of every node, -1 where it has none
  int batch = -1;
};

/// A plan as a constant.
template <int Nests, int Roots, int Buffers, int Nodes, int Loads, int GraphNodes>
struct frozen_plan {
  nest nests[Nests + 1]{};
  nest_root roots[Roots + 1]{};
  buffer buffers[Buffers + 1]{};
  int nodes[Nodes + 1]{};
  int loads[Loads + 1]{};
  int uses[GraphNodes + 1]{};
  int buffer_of[GraphNodes + 1]{};
  int nest_count = Nests, root_count = Roots, buffer_count = Buffers, batch = -1;

  constexpr explicit frozen_plan(plan_lists const& p) : batch(p.batch) {
    for (int i = 0; i < Nests; ++i) nests[i] = p.nests[i];
    for (int i = 0; i < Roots; ++i) roots[i] = p.roots[i];
    for (int i = 0; i < Buffers; ++i) buffers[i] = p.buffers[i];
    for (int i = 0; i < Nodes; ++i) nodes[i] = p.nodes[i];
    for (int i = 0; i < Loads; ++i) loads[i] = p.loads[i];
    for (int i = 0; i < GraphNodes; ++i) {
      uses[i] = p.uses[i];
      buffer_of[i] = p.buffer_of[i];
    }
  }

  /// Whether the pass at this time is one loop along the batch.
  constexpr bool is_single_loop(int time) const {
    int count = 0;
    for (int i = 0; i < Nests; ++i)
      if (nests[i].time == time)
        count += nests[i].row_axis < 0 && nests[i].outer.rank == 0 && nests[i].scan < 0 ? 1 : 2;
    return time % 2 == 1 && count == 1;
  }

  /// Whether every pass is such a loop.
  constexpr bool only_loops() const {
    for (int i = 0; i < Nests; ++i)
      if (nests[i].time % 2 == 1 && !is_single_loop(nests[i].time)) return false;
    return batch >= 0;
  }
};

namespace detail {

/// Whether the value of an elementwise node costs no more than reading it from memory.
constexpr bool costs_no_more_than_memory(graph_view g, int id) {
  return g.nodes[id].op->cheap || g.nodes[id].op->condition || unrolled_exponent(g, id) > 0;
}

}  // namespace detail

class scheduler {
 public:
  constexpr scheduler(graph_view g, request const* requests) : g_(g), requests_(requests) {}

  constexpr plan_lists run() {
    choose_batch();
    order_axes();
    count_uses();
    place_in_time();
    find_stored();
    keep_costly();
    find_loaded();
    add_requests();
    collect_nests();
    contract_last();
    share_buffers();
    choose_roles();
    for (int i = 0; i < plan_.nests.size(); ++i)
      if (plan_.nests[i].reduced_axis >= 0) find_epilogue(i);
    return plan_;
  }

 private:
  constexpr node const& at(int id) const { return g_.nodes[id]; }
  constexpr axis_set batch_bit() const { return plan_.batch >= 0 ? axis_set{1} << plan_.batch : 0; }
  constexpr bool has_batch(axis_set axes) const { return (axes & batch_bit()) != 0; }
  constexpr bool is_leaf(int id) const {
    return at(id).op->kind != role::elementwise && !is_reduction(id) && !is_scan(id);
  }
  constexpr bool is_elementwise(int id) const { return at(id).op->kind == role::elementwise && at(id).op->arity > 0; }
  constexpr bool is_reduction(int id) const { return at(id).op->kind == role::reduction; }
  constexpr bool is_scan(int id) const { return at(id).op->kind == role::scan; }
  constexpr bool is_computed(int id) const { return is_elementwise(id) || is_reduction(id) || is_scan(id); }
  /// A scan along the batch stands between passes: it goes from the first element to the last, or back, whatever the tiles.
  constexpr bool is_between_passes(int id) const { return is_scan(id) && at(id).index == plan_.batch; }

  /// What is loaded where a node is: a shift is a load of what it stands on, at an offset.
  constexpr int base(int id) const { return detail::shifted_base(g_, id); }
  constexpr bool crosses_tiles(int id) const {
    return plan_.batch >= 0 && detail::offset_along(g_, id, plan_.batch) != 0;
  }

  /// The axes of the nest in which a node is computed.
  constexpr axis_set nest_axes(int id) const { return is_reduction(id) ? at(at(id).operands[0]).axes : at(id).axes; }

  /// The outer axis of the first array with the most axes: of the data, where there are any, else of what is sought.
  constexpr void choose_batch() {
    for (bool const sought : {false, true}) {
      int rank = 0;
      for (int i = 0; i < g_.input_count; ++i)
        if (g_.inputs[i].rank > rank && is_sought(i) == sought) {
          rank = g_.inputs[i].rank;
          plan_.batch = g_.inputs[i].declared_axis(0);
        }
      if (rank > 0) return;
    }
  }

  /// Whether an input is trained or differentiated by.
  constexpr bool is_sought(int input) const {
    for (int k = 0; k < g_.output_count; ++k)
      if (requests_[k].parameter == input || requests_[k].variable == input) return true;
    return false;
  }

  constexpr void count_uses() {
    plan_.uses = sequence<int>(g_.node_count, 0);
    for (int i = 0; i < g_.node_count; ++i)
      for (int k = 0; k < at(i).op->arity; ++k) ++plan_.uses[at(i).operands[k]];
    for (int i = 0; i < g_.output_count; ++i) ++plan_.uses[g_.outputs[i]];
  }

  // ---- when: the pass or the time between passes, and the level within it

  struct moment {
    int time = 0;
    int level = 0;
  };

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

  /// The earliest moment of a nest with `axes` that uses `operands`.
  constexpr moment earliest(axis_set axes, int const* operands, int count, bool between_passes = false) const {
    bool const batch = has_batch(axes) && !between_passes;
    moment m{batch ? 1 : 0, 0};
    for (int pass = 0; pass < 2; ++pass)
      for (int k = 0; k < count; ++k) {
        int const o = base(operands[k]);
        if (!is_computed(o)) continue;
        moment const ready = moments_[o];
        bool const odd = ready.time % 2 == 1, same_pass = has_batch(at(o).axes) && !crosses_tiles(operands[k]);
        int const time = batch ? (odd ? (same_pass ? ready.time : ready.time + 2) : ready.time + 1)
                               : (odd ? ready.time + 1 : ready.time);
        if (pass == 0 && time > m.time) m.time = time;
        if (pass == 1 && ready.time == m.time && time == m.time) {
          int const level = is_elementwise(o) && at(o).axes == axes ? ready.level : ready.level + 1;
          if (level > m.level) m.level = level;
        }
      }
    return m;
  }

  constexpr void place_in_time() {
    moments_ = sequence<moment>(g_.node_count);
    for (int i = 0; i < g_.node_count; ++i)
      if (is_computed(i)) moments_[i] = earliest(nest_axes(i), at(i).operands, at(i).op->arity, is_between_passes(i));
  }

  // ---- what: reductions and whatever is needed on other axes is stored

  constexpr void find_stored() {
    plan_.buffer_of = sequence<int>(g_.node_count, -1);
    stored_ = sequence<char>(g_.node_count, 0);
    apart_ = sequence<char>(g_.node_count, 0);
    for (int i = g_.node_count - 1; i >= 0; --i) {
      if (is_reduction(i) || is_scan(i)) store(i);
      if (!is_computed(i)) continue;
      axis_set const axes = nest_axes(i);
      for (int k = 0; k < at(i).op->arity; ++k) {
        int const o = at(i).operands[k];
        if (is_elementwise(o) && at(o).axes != axes) store(o);
      }
      if (is_elementwise(i) && at(i).axes == 0) store(i);
    }
  }

  // ---- what is needed in several nests of its axes and costs more than memory, such as an exponential, is kept for the later ones:
  // for those of its pass in a tile, for those of later passes in the memory of an output that they write

  /// The moments of the first and of the last nest that needs a value.
  struct span_of_need {
    moment first{late, 0}, last{-1, 0};
  };
  static constexpr int late = 1 << 20;  // of updates, whose moments are not known yet

  static constexpr bool is_before(moment a, moment b) { return a.time != b.time ? a.time < b.time : a.level < b.level; }
  static constexpr void extend(span_of_need& need, moment first, moment last) {
    if (is_before(first, need.first)) need.first = first;
    if (is_before(need.last, last)) need.last = last;
  }

  constexpr void keep_costly() {
    lent_ = sequence<char>(g_.output_count, 0);
    bool any = false;
    for (int i = 0; i < g_.node_count; ++i) {
      if (is_scan(i)) return;  // which may stand between passes
      any |= is_costly(i);
    }
    if (!any) return;
    sequence<span_of_need> needs(g_.node_count);
    for (int k = 0; k < g_.output_count; ++k) {
      int const id = g_.outputs[k];
      if (!is_elementwise(id)) continue;
      moment const m = requests_[k].parameter >= 0 ? moment{late, 0} : moments_[id];
      extend(needs[id], m, m);
    }
    for (int i = g_.node_count - 1; i >= 0; --i) {
      if (!is_computed(i)) continue;
      span_of_need need = needs[i];
      if (is_costly(i) && !stored_[i] && is_before(need.first, need.last)) keep(i, need);
      if (is_reduction(i) || stored_[i]) need = {moments_[i], moments_[i]};
      for (int k = 0; k < at(i).op->arity; ++k) {
        int const o = at(i).operands[k];
        if (is_elementwise(o) && at(o).axes == nest_axes(i)) extend(needs[o], need.first, need.last);
      }
    }
  }

  constexpr bool is_costly(int id) const {
    return is_elementwise(id) && !detail::costs_no_more_than_memory(g_, id) && at(id).axes != 0 &&
           std::popcount(at(id).axes) <= 2;
  }

  constexpr void keep(int id, span_of_need const& need) {
    if (need.last.time == need.first.time || !has_batch(at(id).axes)) {
      if (need.last.time < late) store(id);
      return;
    }
    for (int k = 0; k < g_.output_count; ++k) {
      request const& r = requests_[k];
      int const out = g_.outputs[k];
      if (lent_[k] || r.parameter >= 0 || !r.packed || !is_elementwise(out) || at(out).axes != at(id).axes ||
          r.order.set() != at(id).axes || stored_[out] || is_before(moments_[out], need.last))
        continue;
      store(id);
      apart_[id] = 1;
      lent_[k] = 1;
      plan_.buffers.back().output = k;
      plan_.buffers.back().order = r.order;
      return;
    }
  }

  /// Keeps the value of a node: a number or a buffer.
  constexpr void store(int id) {
    if (stored_[id]) return;
    stored_[id] = 1;
    if (at(id).axes == 0) return;
    buffer b{.node = id, .time = moments_[id].time};
    b.order = ascending(at(id).axes);
    plan_.buffer_of[id] = plan_.buffers.size();
    plan_.buffers.push_back(b);
  }

  /// The batch outermost, the others as they lie in the inputs.
  constexpr axis_order ascending(axis_set axes) const {
    axis_order order;
    for (int a : outer_first_)
      if (axes >> a & 1u) order.axes[order.rank++] = a;
    return order;
  }

  /// All axes, an axis before those that inputs have within it, so that a nest finds most of its memory contiguous along the same one;
  /// the batch before all; by first appearance where inputs say nothing, or one the opposite of another.
  constexpr void order_axes() {
    axis_set placed = 0;
    sequence<axis_set> around(g_.axis_count, axis_set{0});
    for (int i = 0; i < g_.input_count; ++i)
      for (int k = 1; k < g_.inputs[i].rank; ++k)
        for (int outer = 0; outer < k; ++outer) around[g_.inputs[i].axes[k]] |= axis_set{1} << g_.inputs[i].axes[outer];
    for (int axis = plan_.batch; outer_first_.size() < g_.axis_count; axis = -1) {
      for (bool const any : {false, true})
        for (int a = 0; a < g_.axis_count && axis < 0; ++a)
          if (!(placed >> a & 1u) && (any || (around[a] & ~placed) == 0)) axis = a;
      outer_first_.push_back(axis);
      placed |= axis_set{1} << axis;
    }
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
  // The nest that updates a parameter also loads it: every element before it is stored. So do all updates over the same axes at the
  // same moment, which therefore may read one another's parameters.

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

  /// Whether a nest that computes `id` may load an input that is updated at an offset: an element before it or after it changes.
  constexpr bool reads_neighbours(int id) const {
    for (int w = 0; w < words_; ++w)
      if (neighbours_[id * words_ + w] != 0) return true;
    return false;
  }
  constexpr bool reads_neighbours(int id, int input) const { return has_bit(neighbours_, id, input); }

  /// Whether an elementwise value is computed from a parameter on other axes that is updated in the same pass or after all passes.
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

  /// Whether a nest that computes `id` may load an input that is updated: elementwise values on its axes may be computed again.
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

  /// A parameter over the batch is updated in the pass that has its gradient where no later nest loads it, so that the data are read
  /// once; otherwise in a last pass. Parameters without the batch follow when all passes are done.
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

  // ---- nests

  constexpr void collect_nests() {
    detail::sort(pending_, comes_before);
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
      if (nest roles = part; contract(roles)) {
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

  // ---- roles of axes

  constexpr axis_order order_of(int id) const {
    id = base(id);
    if (is<input_>(at(id))) return axis_order::of(g_.inputs[at(id).index]);
    if (plan_.buffer_of[id] >= 0) return plan_.buffers[plan_.buffer_of[id]].order;
    return {};
  }

  constexpr axis_order order_of(nest_root const& root) const {
    if (root.to == destination::buffer) return plan_.buffers[root.index].order;
    if (root.to == destination::output) return requests_[root.index].order;
    if (root.to == destination::parameter) return axis_order::of(g_.inputs[root.index]);
    return {};
  }

  /// The vector axis is the one along which most of the memory is contiguous, the row axis the batch or the first other one.
  constexpr void choose_roles() {
    for (nest& n : plan_.nests) {
      if (n.axes == 0 || contract(n)) continue;
      int best = -1, best_score = -1;
      for (int a = 0; a < g_.axis_count; ++a) {
        if (!(n.axes >> a & 1u)) continue;
        int score = a == plan_.batch ? 0 : 1;
        for (int l = 0; l < n.load_count; ++l) {
          axis_order const order = order_of(plan_.loads[n.first_load + l]);
          if (order.innermost() == a) score += 4 * order.rank;
        }
        for (int r = 0; r < n.root_count; ++r)
          if (order_of(plan_.roots[n.first_root + r]).innermost() == a) score += 4;
        if (score > best_score) {
          best = a;
          best_score = score;
        }
      }
      n.vector_axis = best;
      if (n.scan >= 0 && at(n.scan).index != best) n.row_axis = at(n.scan).index;
      for (int a : {plan_.batch})
        if (n.scan < 0 && a >= 0 && a != best && (n.axes >> a & 1u)) n.row_axis = a;
      for (int a = 0; a < g_.axis_count; ++a) {
        if (!(n.axes >> a & 1u) || a == best || a == n.row_axis) continue;
        if (n.row_axis < 0 && n.scan < 0) n.row_axis = a;
        else n.outer.axes[n.outer.rank++] = a;
      }
    }
  }

  // ---- contractions: results on two axes or more, each of which some operand lacks, by a reduction over another one

  /// Makes a nest a contraction where it is one. The vector axis is the one along which more of the memory is contiguous, results
  /// before operands; what is not contiguous along it must be small enough to be packed: without the row axis.
  constexpr bool contract(nest& n) const {
    int const reduced = plan_.roots[n.first_root].axis;
    if (reduced < 0 || std::popcount(n.axes) < 3 || has_edges(n)) return false;
    for (int r = 0; r < n.root_count; ++r)
      if (plan_.roots[n.first_root + r].axis != reduced) return false;
    int best = -1;
    for (int lanes = 0; lanes < g_.axis_count; ++lanes)
      for (int rows = 0; rows < g_.axis_count; ++rows) {
        axis_set const both = axis_set{1} << lanes | axis_set{1} << rows;
        if (lanes == rows || lanes == reduced || rows == reduced || (n.axes & both) != both) continue;
        int const score = contraction_score(n, lanes, rows, reduced);
        if (score <= best) continue;
        best = score;
        n.vector_axis = lanes;
        n.row_axis = rows;
        n.reduced_axis = reduced;
      }
    if (best < 0) return false;
    for (int a = 0; a < g_.axis_count; ++a)
      if ((n.axes >> a & 1u) && a != n.vector_axis && a != n.row_axis && a != reduced) n.outer.axes[n.outer.rank++] = a;
    return true;
  }

  /// Whether a nest loads at offsets, of which the blocks of contractions know nothing.
  constexpr bool has_edges(nest const& n) const {
    for (int l = 0; l < n.load_count; ++l) {
      role const kind = at(plan_.loads[n.first_load + l]).op->kind;
      if (kind == role::shift || kind == role::inside) return true;
    }
    return false;
  }

  /// How well axes suit the vectors and rows of a contraction, -1 where it is none.
  constexpr int contraction_score(nest const& n, int lanes, int rows, int reduced) const {
    bool vectors_are_shared = false, rows_are_shared = false;
    int score = rows == plan_.batch ? 1 : 0;
    for (int l = 0; l < n.load_count; ++l) {
      int const id = plan_.loads[n.first_load + l];
      axis_set const axes = at(id).axes;
      bool const by_lane = axes >> lanes & 1u, by_row = axes >> rows & 1u, by_depth = axes >> reduced & 1u;
      bool const ordered = is<position_>(at(id)) || order_of(id).innermost() == lanes;
      if (by_lane && by_row && by_depth && !ordered) return -1;
      vectors_are_shared |= by_lane && by_depth && !by_row;
      rows_are_shared |= by_row && by_depth && !by_lane;
      if (by_lane && ordered) score += 2;
    }
    for (int r = 0; r < n.root_count; ++r)
      if (order_of(plan_.roots[n.first_root + r]).innermost() == lanes) score += 4;
    return vectors_are_shared && rows_are_shared ? score : -1;
  }

  /// Contractions over the batch come last in their pass, which needs none of their results: so no nest of the pass loads after them
  /// what an update in their epilogue changes. One that loads what the pass itself changes stays where it is.
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

  // ---- epilogues

  /// The node that a root gives.
  constexpr int node_of(nest_root const& root) const {
    if (root.to == destination::number) return root.index;
    return root.to == destination::buffer ? plan_.buffers[root.index].node : -1;
  }

  /// A nest on the axes that a contraction leaves becomes its epilogue where all else that it loads is there before. So does one
  /// that comes after the pass, an update, say, where the contraction is over the batch: in the last tile.
  constexpr void find_epilogue(int contraction) {
    nest& a = plan_.nests[contraction];
    bool const over_batch = a.reduced_axis == plan_.batch && a.time % 2 == 1;
    for (int i = contraction + 1; i < plan_.nests.size(); ++i) {
      nest& b = plan_.nests[i];
      bool const at_its_time = over_batch ? b.time % 2 == 0 : b.time == a.time;
      if (b.axes != (a.axes & ~(axis_set{1} << a.reduced_axis)) || !at_its_time || b.into >= 0 || b.reduced_axis >= 0 ||
          b.scan >= 0 || !may_follow(contraction, i))
        continue;
      a.epilogue = i;
      b.into = contraction;
      b.vector_axis = a.vector_axis;
      b.row_axis = a.row_axis;
      b.outer = a.outer;
      for (int r = 0; r < a.root_count; ++r) {
        nest_root& root = plan_.roots[a.first_root + r];
        root.kept = plan_.buffers[root.index].output >= 0 || is_loaded_elsewhere(node_of(root), i);
      }
      return;
    }
  }

  constexpr bool may_follow(int contraction, int follower) const {
    nest const& a = plan_.nests[contraction];
    nest const& b = plan_.nests[follower];
    bool uses_result = false;
    if (has_edges(b)) return false;
    for (int l = 0; l < b.load_count; ++l) {
      int const id = plan_.loads[b.first_load + l];
      bool result = false;
      for (int r = 0; r < a.root_count; ++r) result |= node_of(plan_.roots[a.first_root + r]) == id;
      uses_result |= result;
      if (!result && is_computed(id) && !is_ready(id, contraction)) return false;
    }
    for (int r = 0; r < b.root_count; ++r) {
      nest_root const& root = plan_.roots[b.first_root + r];
      bool const over_rows = root.axis == plan_.batch && root.axis == a.row_axis && root.to == destination::buffer;
      if (root.axis >= 0 && !over_rows) return false;
      if (root.to != destination::parameter) continue;
      for (int i = contraction; i < plan_.nests.size(); ++i)
        if (i != follower && loads_input(plan_.nests[i], root.index)) return false;
    }
    return uses_result;
  }

  /// Whether a computed value is complete when a nest begins.
  constexpr bool is_ready(int id, int before) const {
    for (int i = 0; i < before; ++i)
      for (int r = 0; r < plan_.nests[i].root_count; ++r) {
        nest_root const& root = plan_.roots[plan_.nests[i].first_root + r];
        bool const in_this_pass = plan_.nests[i].time == plan_.nests[before].time && plan_.nests[i].time % 2 == 1;
        if (node_of(root) == id) return !in_this_pass || root.axis < 0 || root.axis != plan_.batch;
      }
    return false;
  }

  constexpr bool loads_input(nest const& n, int input) const {
    for (int l = 0; l < n.load_count; ++l) {
      node const& loaded = at(base(plan_.loads[n.first_load + l]));
      if (is<input_>(loaded) && loaded.index == input) return true;
    }
    return false;
  }

  constexpr bool is_loaded_elsewhere(int id, int except) const {
    for (int i = 0; i < plan_.nests.size(); ++i)
      for (int l = 0; l < plan_.nests[i].load_count; ++l)
        if (i != except && base(plan_.loads[plan_.nests[i].first_load + l]) == id) return true;
    return false;
  }

  graph_view g_;
  request const* requests_;
  plan_lists plan_;
  sequence<int> outer_first_;  // axes
  sequence<moment> moments_;
  sequence<char> stored_;
  sequence<char> apart_;            // stored, and not to be computed again
  sequence<char> lent_;             // of every output: holds a kept value before it is written
  sequence<int> parameter_bits_;    // of every input, -1 where it is not updated
  sequence<std::uint64_t> loaded_;  // of every node
  sequence<std::uint64_t> neighbours_;
  int words_ = 0;  // of a set in loaded_
  sequence<pending_root> pending_;
};

}  // namespace ddx

#pragma GCC diagnostic pop

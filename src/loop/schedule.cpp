// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A plan of loop nests enters, its pseudo-code leaves: a line a value, indented by what runs inside of what.
#include "ddx/loop/schedule.hpp"

#include <ddx/print/printer.hpp>
#include <memory>
#include <vector>

namespace ddx {

namespace {

class writer {
 public:
  explicit writer(plan_view const& p)
      : p_(p), names_(static_cast<std::size_t>(p.graph.node_count)), loops_graph_(graph::like(p.graph)) {}

  std::string run() {
    name_kept_values();
    for (int i = 0; i < p_.nest_count; ++i) {
      nest const& n = p_.nests[i];
      bool const in_pass = n.time % 2 == 1;
      if (in_pass && (i == 0 || p_.nests[i - 1].time != n.time)) line(0, "for tiles of " + axis(p_.batch) + ":");
      if (n.into < 0) write_nest(n, in_pass ? 1 : 0);
    }
    return text_;
  }

 private:
  node const& at(int id) const { return p_.graph.nodes[id]; }
  std::string axis(int a) const { return std::string(p_.graph.axes[a]); }

  void line(int depth, std::string const& words) {
    text_.append(static_cast<std::size_t>(2 * depth), ' ');
    text_ += words + "\n";
  }

  static bool is_kept(nest_root const& root) {
    return root.to == destination::number || root.to == destination::buffer;
  }

  /// Values kept between nests are numbered in the order in which they are computed.
  void name_kept_values() {
    int count = 0;
    for (int i = 0; i < p_.nest_count; ++i)
      for (int r = 0; r < p_.nests[i].root_count; ++r) {
        nest_root const& root = p_.roots[p_.nests[i].first_root + r];
        if (!is_kept(root)) continue;
        int const id = root.to == destination::number ? root.index : p_.buffers[root.index].node;
        int const output = root.to == destination::number ? -1 : p_.buffers[root.index].output;
        names_[static_cast<std::size_t>(id)] =
            output >= 0 ? "output " + std::to_string(output + 1) : "t" + std::to_string(++count);
      }
  }

  std::string list(axis_order const& order) const {
    std::string result;
    for (int i = 0; i < order.rank; ++i) result += (i == 0 ? "" : ", ") + axis(order.axes[i]);
    return result;
  }

  void write_nest(nest const& n, int depth) {
    if (n.axes == 0) return write_values(n, depth);
    std::string outer;
    for (int i = 0; i < n.outer.rank; ++i) outer += (i == 0 ? "" : ", ") + axis(n.outer.axes[i]);
    if (!outer.empty()) line(depth++, "for " + outer + ":");
    std::string const vectors = "vectors of " + axis(n.vector_axis);
    if (n.scan >= 0) {
      bool const by_rows = n.row_axis >= 0, back = !at(n.scan).constant.negative();
      std::string const order = is<product_of_others_>(at(n.scan)) ? ", there and back"
                                : back                             ? ", from the last to the first"
                                                                   : ", one after the other";
      line(depth,
           by_rows ? "for rows of " + axis(n.row_axis) + order + ", " + vectors + ":" : "for " + vectors + order + ":");
      return write_values(n, depth + 1);
    }
    if (n.reduced_axis >= 0)
      line(depth, "for blocks of " + axis(n.row_axis) + " by " + vectors + ", " + axis(n.reduced_axis) + " innermost:");
    else
      line(depth, n.row_axis >= 0 ? "for rows of " + axis(n.row_axis) + ", " + vectors + ":" : "for " + vectors + ":");
    write_values(n, depth + 1);
    if (n.epilogue < 0) return;
    bool const last = p_.nests[n.epilogue].time != n.time;
    line(depth + 1, last ? "then, in the last tile, while it is in registers:" : "then, while it is in registers:");
    write_values(p_.nests[n.epilogue], depth + 2);
  }

  /// What a nest computes: values that it uses several times, then its roots.
  void write_values(nest const& n, int depth) {
    std::vector<int> image(static_cast<std::size_t>(p_.graph.node_count), -1);
    graph g = loops_graph_;
    auto const leaf = [&](std::string const& name) {
      leaves_.push_back(std::make_unique<std::string>(name));
      g.inputs.push_back({.name = *leaves_.back()});
      return detail::input_node(g, g.inputs.size() - 1);
    };
    for (int i = 0; i < p_.graph.node_count; ++i)
      if (is<constant_>(at(i))) image[static_cast<std::size_t>(i)] = g.intern(at(i));
    for (int l = 0; l < n.load_count; ++l) {
      int const id = p_.loads[n.first_load + l], base = detail::shifted_base(p_.graph, id);
      std::string const& name = names_[static_cast<std::size_t>(base)];
      int& loaded = image[static_cast<std::size_t>(base)];
      if (loaded < 0) loaded = name.empty() ? g.intern(at(base)) : leaf(name);
      if (id != base) image[static_cast<std::size_t>(id)] = at_offsets(g, id, loaded);
    }
    for (int k = 0; k < n.node_count; ++k) {
      int const id = p_.nodes[n.first_node + k];
      node computed = at(id);
      for (int o = 0; o < computed.op->arity; ++o)
        computed.operands[o] = image[static_cast<std::size_t>(computed.operands[o])];
      int value = g.intern(computed);
      if (uses(n, id) > 1) {
        std::string const name = "u" + std::to_string(++shared_);
        line(depth, name + " = " + text(g, value));
        value = leaf(name);
      }
      image[static_cast<std::size_t>(id)] = value;
    }
    for (int r = 0; r < n.root_count; ++r) {
      nest_root const& root = p_.roots[n.first_root + r];
      int value = image[static_cast<std::size_t>(root.value)];
      line(depth, target(root) + (adds_up(n, root) ? " += " : " = ") + reduced(root, text(g, value)) + remark(n, root));
    }
  }

  /// The shifts that lead to node `id`, on another node.
  int at_offsets(graph& g, int id, int base) const {
    std::vector<int> shifts;
    for (; at(id).op->kind == role::shift; id = at(id).operands[0]) shifts.push_back(id);
    for (; !shifts.empty(); shifts.pop_back()) {
      node shifted = at(shifts.back());
      shifted.operands[0] = base;
      base = g.intern(shifted);
    }
    return base;
  }

  int uses(nest const& n, int id) const {
    int count = 0;
    for (int k = 0; k < n.node_count; ++k)
      for (int o = 0; o < at(p_.nodes[n.first_node + k]).op->arity; ++o)
        count += at(p_.nodes[n.first_node + k]).operands[o] == id ? 1 : 0;
    for (int r = 0; r < n.root_count; ++r) count += p_.roots[n.first_root + r].value == id ? 1 : 0;
    return count;
  }

  static std::string text(graph const& g, int id) {
    detail::characters out;
    detail::printer(g.view(), format::text).write(id, out);
    return std::string(out.view());
  }

  std::string target(nest_root const& root) const {
    switch (root.to) {
      case destination::number: return names_[static_cast<std::size_t>(root.index)];
      case destination::buffer: {
        buffer const& b = p_.buffers[root.index];
        return names_[static_cast<std::size_t>(b.node)] + "[" + list(b.order) + "]";
      }
      case destination::output:
        return "output " + std::to_string(root.index + 1) + "[" + list(p_.requests[root.index].order) + "]";
      default: {
        input const& in = p_.graph.inputs[root.index];
        axis_order order{.rank = in.rank};
        for (int i = 0; i < in.rank; ++i) order.axes[i] = in.axes[i];
        return std::string(in.name) + "[" + list(order) + "]";
      }
    }
  }

  bool adds_up(nest const& n, nest_root const& root) const {
    return n.time % 2 == 1 && root.axis >= 0 && root.axis == p_.batch && root.combine == reducer::sum;
  }

  std::string reduced(nest_root const& root, std::string const& value) const {
    if (root.axis < 0) return value;
    std::string const name = root.combine == reducer::max ? "max" : root.combine == reducer::product ? "prod" : "sum";
    return name + "[" + axis(root.axis) + "](" + value + ")";
  }

  /// How long a value is kept.
  std::string remark(nest const& n, nest_root const& root) const {
    if (n.reduced_axis >= 0 && !root.kept) return n.time % 2 == 1 && root.axis == p_.batch ? "  (over the tiles)" : "";
    if (root.to != destination::buffer || p_.buffers[root.index].output >= 0) return "";
    return p_.buffers[root.index].tiled ? "  (for this tile)" : "";
  }

  plan_view const& p_;
  std::vector<std::string> names_;  // of nodes that are kept
  graph loops_graph_;
  std::vector<std::unique_ptr<std::string>> leaves_;
  std::string text_;
  int shared_ = 0;
};

}  // namespace

std::string print_schedule(plan_view const& plan) { return writer(plan).run(); }

}  // namespace ddx

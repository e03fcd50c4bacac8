// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The value graph: nodes in order, shared subexpressions once, shapes as sets of named axes.
#pragma once

#include <bit>
#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "../text.hpp"
#include "rational.hpp"
#include "sequence.hpp"

namespace ddx {

struct primitive;

/// The axes of a value, one bit an axis in the graph's order of first appearance.
using axis_set = std::uint32_t;
inline constexpr int max_axes = 32;
inline constexpr int max_rank = 6;
inline constexpr int max_arity = 3;

/// One operation, input or constant. Operands are indices of earlier nodes; -1 where there is none.
struct node {
  primitive const* op = nullptr;
  int operands[max_arity]{-1, -1, -1};
  int index = -1;  ///< which input (for inputs), which axis (for reductions and extents)
  axis_set axes = 0;
  rational constant{};

  constexpr bool operator==(node const& other) const;
};

/// A variable, a declared array or a slot (a literal whose value is known only when the formula is evaluated).
struct input {
  std::string_view name;
  int rank = 0;
  int axes[max_rank]{};   ///< indices into the graph's axes, outermost in memory first
  int slot = -1;          ///< number of the literal for slots, -1 otherwise
  bool whole = false;     ///< the literal was written as an integer
  bool reversed = false;  ///< in memory the axes follow in the reverse of their order in the declaration
  bool adjacent = true;   ///< neighbours along the last of `axes` are known to lie beside each other

  constexpr bool is_slot() const { return slot >= 0; }
  /// An axis by its place in the declaration.
  constexpr int declared_axis(int place) const { return axes[reversed ? rank - 1 - place : place]; }
};

/// A view of nodes, inputs, axes and outputs, whether in a growing graph or in a frozen constant.
struct graph_view {
  node const* nodes = nullptr;
  input const* inputs = nullptr;
  std::string_view const* axes = nullptr;
  int const* outputs = nullptr;
  int node_count = 0, input_count = 0, axis_count = 0, output_count = 0;
};

/// Hash-consed while it is built: the same operation on the same operands is the same node.
class graph {
 public:
  sequence<node> nodes;
  sequence<input> inputs;
  sequence<std::string_view> axes;
  sequence<int> outputs;
  bool shifted = false;  ///< nodes at an offset along an axis were made here
  /// Derivatives, of which reductions take all positions, whatever their parts read at offsets.
  sequence<int> complete;
  bool misplaced = false;   ///< an index was along an axis that what it indexed lacks
  bool distant = false;     ///< a recurrence went on from what is no neighbour
  bool chained = false;     ///< a condition was asked whether it is below or above something, as in 0 < x < 1
  bool redeclared = false;  ///< a name was declared with other axes than before

  constexpr graph() = default;

  /// A graph with the inputs and axes of `other` and none of its nodes.
  static constexpr graph like(graph_view other) {
    graph result;
    for (int i = 0; i < other.input_count; ++i) result.inputs.push_back(other.inputs[i]);
    for (int i = 0; i < other.axis_count; ++i) result.axes.push_back(other.axes[i]);
    return result;
  }

  constexpr graph_view view() const {
    return {nodes.data(), inputs.data(), axes.data(), outputs.data(),
            nodes.size(), inputs.size(), axes.size(), outputs.size()};
  }

  /// The index of the equal node, appended if there is none yet.
  constexpr int intern(node const& candidate) {
    if (4 * (nodes.size() + 1) > 3 * buckets_.size()) grow();
    unsigned const mask = static_cast<unsigned>(buckets_.size()) - 1;
    unsigned bucket = hash(candidate) & mask;
    while (buckets_[static_cast<int>(bucket)] >= 0) {
      int const found = buckets_[static_cast<int>(bucket)];
      if (nodes[found] == candidate) return found;
      bucket = (bucket + 1) & mask;
    }
    buckets_[static_cast<int>(bucket)] = nodes.size();
    nodes.push_back(candidate);
    return nodes.size() - 1;
  }

  constexpr int axis(std::string_view name) {
    for (int i = 0; i < axes.size(); ++i)
      if (axes[i] == name) return i;
    if (axes.size() == max_axes) throw std::length_error("ddx::graph: a graph has at most 32 axes");
    axes.push_back(name);
    return axes.size() - 1;
  }

  constexpr int find_input(std::string_view name) const {
    for (int i = 0; i < inputs.size(); ++i)
      if (inputs[i].name == name && !inputs[i].is_slot()) return i;
    return -1;
  }

 private:
  static constexpr unsigned hash(node const& n);
  constexpr void grow() {
    int const size = buckets_.empty() ? 64 : 2 * buckets_.size();
    buckets_ = sequence<int>(size, -1);
    unsigned const mask = static_cast<unsigned>(size) - 1;
    for (int i = 0; i < nodes.size(); ++i) {
      unsigned bucket = hash(nodes[i]) & mask;
      while (buckets_[static_cast<int>(bucket)] >= 0) bucket = (bucket + 1) & mask;
      buckets_[static_cast<int>(bucket)] = i;
    }
  }

  sequence<int> buckets_;
};

}  // namespace ddx

#include "../primitive/primitive.hpp"  // defines the hash and the equality of nodes, which need primitives

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Helpers that build graphs for tests: scalar inputs and handles enter, graphs with outputs leave.
#pragma once

#include <ddx/transform/differentiate.hpp>
#include <ddx/transform/simplify.hpp>
#include <initializer_list>
#include <string_view>

namespace building {

/// A new scalar input of `g`.
inline ddx::traced scalar(ddx::graph& g, std::string_view name) {
  int const known = g.find_input(name);
  if (known >= 0) return {g, ddx::detail::input_node(g, known)};
  g.inputs.push_back({.name = name});
  return {g, ddx::detail::input_node(g, g.inputs.size() - 1)};
}

/// An input of `g` with axes.
inline ddx::traced array(ddx::graph& g, std::string_view name, std::initializer_list<std::string_view> axes) {
  ddx::input declared{.name = name};
  for (std::string_view axis : axes) declared.axes[declared.rank++] = g.axis(axis);
  g.inputs.push_back(declared);
  return {g, ddx::detail::input_node(g, g.inputs.size() - 1)};
}

inline int id(ddx::graph& g, ddx::traced const& handle) { return handle.node_in(g); }

inline ddx::sequence<int> ids(ddx::graph& g, std::initializer_list<ddx::traced> handles) {
  ddx::sequence<int> result;
  for (ddx::traced const& handle : handles) result.push_back(handle.node_in(g));
  return result;
}

/// The derivative of one node by another, by reverse accumulation.
inline int derivative(ddx::graph& g, int output, int input, int seed = -1) {
  ddx::sequence<int> single;
  single.push_back(input);
  return ddx::differentiator(g).gradient(output, single, seed)[0];
}

/// The live nodes that compute something.
inline int operations(ddx::graph_view g) {
  ddx::graph const live = ddx::simplifier::compacted(g);
  int count = 0;
  for (ddx::node const& n : live.nodes) count += n.op->arity > 0 ? 1 : 0;
  return count;
}

}  // namespace building

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A step, the extents of its axes and the sizes of its elements enter; the operations and bytes that its graph cannot
// do without leave.
#pragma once

#include <ddx/ddx.hpp>

#include <map>
#include <string_view>

#include "../core/race.hpp"

namespace bench {

template <class Step>
struct program_of;
template <class Program, class... More>
struct program_of<ddx::step_kernel<Program, More...>> {
  using type = Program;
};

/// A multiply-add for each element that a reduction reads and for each that is written; each input is read once and
/// each output written once. That is the least: what else there is may be fused into it. The graph is the simplified
/// one, with its sums as loops want them.
template <class Step>
work graph_work(std::map<std::string_view, std::ptrdiff_t> const& extents,
                std::map<std::string_view, std::size_t> const& element_bytes, std::size_t bytes) {
  ddx::graph const simple = ddx::simplify(program_of<Step>::type::want().g.view(), ddx::sharing::keep);
  ddx::graph const g = ddx::preparation::run(simple.view());
  auto const size = [&](ddx::axis_set axes) {
    double result = 1;
    for (int i = 0; i < g.axes.size(); ++i)
      if (axes >> i & 1) result *= static_cast<double>(extents.at(g.axes[i]));
    return result;
  };
  work result;
  for (int i = 0; i < g.nodes.size(); ++i) {
    ddx::node const& n = g.nodes[i];
    if (n.op->kind == ddx::role::reduction) result.flops += 2 * size(g.nodes[n.operands[0]].axes);
  }
  for (int i = 0; i < g.inputs.size(); ++i) {
    ddx::input const& read = g.inputs[i];
    ddx::axis_set axes = 0;
    for (int k = 0; k < read.rank; ++k) axes |= ddx::axis_set{1} << read.axes[k];
    auto const found = element_bytes.find(read.name);
    result.bytes += size(axes) * static_cast<double>(found == element_bytes.end() ? bytes : found->second);
  }
  for (int i = 0; i < g.outputs.size(); ++i) {
    double const written = size(g.nodes[g.outputs[i]].axes);
    result.flops += 2 * written;
    result.bytes += written * static_cast<double>(bytes);
  }
  return result;
}

}  // namespace bench

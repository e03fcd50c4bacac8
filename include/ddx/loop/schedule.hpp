// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// schedule: a kernel or a step enters, its loop nests as readable text leave.
#pragma once

#include <string>

#include "program.hpp"

namespace ddx {

/// A plan with its graph and requests, whatever its size.
struct plan_view {
  graph_view graph;
  request const* requests = nullptr;
  nest const* nests = nullptr;
  nest_root const* roots = nullptr;
  buffer const* buffers = nullptr;
  int const* nodes = nullptr;
  int const* loads = nullptr;
  int nest_count = 0, buffer_count = 0, batch = -1;
};

/// The text of a plan; see schedule.
std::string print_schedule(plan_view const& plan);

/// What a compiled kernel, or a step of learning, does when it is called, as pseudo-code: which axes are cut into tiles, which loops
/// follow one another, what each of them loads, computes, reduces, stores and updates. docs/loops.md explains the words. Values kept
/// between loops are called t1, t2, …, values that a loop uses several times u1, u2, …; outputs are `output 1`, …
/// The text is for reading: it may change from version to version. It allocates; compile time grows with the plan's size.
template <class Kernel>
  requires requires { typename Kernel::program; }
std::string schedule(Kernel const&) {
  using program = typename Kernel::program;
  constexpr auto const& g = detail::program_graph<program>;
  constexpr auto const& p = detail::program_plan<program>;
  return print_schedule({.graph = g.view(),
                         .requests = detail::program_requests<program>.all,
                         .nests = p.nests,
                         .roots = p.roots,
                         .buffers = p.buffers,
                         .nodes = p.nodes,
                         .loads = p.loads,
                         .nest_count = p.nest_count,
                         .buffer_count = p.buffer_count,
                         .batch = p.batch});
}

template <class Other>
std::string schedule(Other const&) {
  static_assert(detail::never<Other>,
                "ddx::schedule(kernel): a kernel or a step has a schedule, as in ddx::schedule(ddx::compile<f>())");
  return {};
}

}  // namespace ddx

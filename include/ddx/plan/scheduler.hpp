// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Scheduling: a prepared graph enters, a plan of loop nests leaves. Nodes that live on the same axes share a nest.
//
// One axis, the batch, is cut into tiles. Everything that has it is computed tile by tile in passes over the batch;
// what depends on a finished reduction over the batch comes before or after a pass. Within a pass nests follow one
// another by level; a nest computes the nodes whose axes are exactly its own, and loads everything else: arrays,
// numbers, the results of earlier nests. Elementwise nodes needed in two nests of the same axes are computed in both,
// unless that costs more than memory; all other shared values are stored.
#pragma once

#include "epilogues.hpp"

namespace ddx {

/// The steps of scheduling, each of which reads what those before have found.
class scheduler : detail::epilogues {
 public:
  constexpr scheduler(graph_view g, request const* requests) : epilogues(g, requests) {}

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
};

}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Where formulas known at run time live: a graph that grows, and the names in it.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include <ddx/symbolic/symbolic.hpp>

namespace ddx::detail {

struct arena {
  graph nodes;
  std::deque<std::string> names;  // a deque, so that views of them stay valid
  std::unordered_map<std::string_view, int> inputs;

  /// A view of an own copy of a name.
  std::string_view keep(std::string_view name);

  /// The variable or array of this name, declared if there is none yet.
  int input(std::string_view name, int rank, std::string_view const* axes);

  int axis(std::string_view name);

  /// The same node of another graph in this one, with what is `complete` there.
  int import(graph_view from, int output, sequence<int> const* complete = nullptr);

  static symbolic handle(std::shared_ptr<arena> owner, int id) { return {std::move(owner), id}; }
  static std::shared_ptr<arena> const& of(symbolic const& f) { return f.owner_; }
  static int id(symbolic const& f) { return f.id_; }
};

/// A derivative: reductions take all of its positions, whatever its parts read at offsets.
symbolic complete(symbolic f);

/// What a pass made of a formula: reductions take all of its positions where they take all of those of the formula.
symbolic with_positions_of(symbolic const& from, symbolic to);

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A generic lambda and the declarations of its arguments enter; the graph that a call of it with handles appends
// leaves, raw and simplified, as constants.
#pragma once

#include <array>
#include <tuple>

#include "../formula/lower.hpp"
#include "../formula/tokens.hpp"
#include "../graph/frozen.hpp"
#include "../transform/simplify.hpp"

namespace ddx::detail {

/// The declarations of a function's arguments, in order.
template <Symbol... Arguments>
struct argument_list {
  static constexpr int count = sizeof...(Arguments);
  static constexpr bool scalar = ((Arguments::symbol::rank == 0) && ...);

  /// Whether each has a name of its own.
  static constexpr bool distinct() {
    std::string_view const names[count + 1]{Arguments::symbol::name..., {}};
    for (int i = 0; i < count; ++i)
      for (int k = 0; k < i; ++k)
        if (names[i] == names[k]) return false;
    return true;
  }

  /// Declares the arguments in `g` and answers their handles.
  static constexpr std::array<traced, sizeof...(Arguments)> declare(graph& g) { return {declare_one<Arguments>(g)...}; }

 private:
  template <class Argument>
  static constexpr traced declare_one(graph& g) {
    token_list<1, false> list;
    walk<Argument>::tokens(list);
    token const& t = list.tokens[0];
    int known = g.find_input(t.name);
    if (known < 0) {
      input declared{.name = t.name, .rank = t.count};
      for (int i = 0; i < t.count; ++i) declared.axes[i] = g.axis(t.axes[i]);
      g.inputs.push_back(declared);
      known = g.inputs.size() - 1;
    } else {
      g.redeclared |= redeclares(g, known, t);
    }
    return {g, input_node(g, known)};
  }
};

/// The function as the user wrote it. Its outputs are what the lambda returns: a value or a std::array of values.
template <class Lambda, class Arguments>
struct written {
  using arguments = Arguments;
  using returned = decltype(std::apply(Lambda{}, std::declval<std::array<traced, Arguments::count>>()));

  static constexpr bool single = std::is_same_v<returned, traced> || Arithmetic<returned>;
  static constexpr bool returns_values = single || requires(returned const& result) { traced(*std::begin(result)); };

  template <std::size_t Count, std::size_t... Is>
  static constexpr returned call(std::array<traced, Count> const& handles, std::index_sequence<Is...>) {
    return Lambda{}(handles[Is]...);
  }

  /// What is wrong in the lambda, so that it is said with the shortest way to it.
  struct mistakes {
    bool misplaced, distant, chained;
  };
  template <std::size_t... Is>
  static constexpr mistakes check(std::index_sequence<Is...>) {
    graph g;
    auto const handles = Arguments::declare(g);
    static_cast<void>(Lambda{}(handles[Is]...));
    return {g.misplaced, g.distant, g.chained};
  }

  static constexpr void trace(graph& g) {
    auto const result = call(Arguments::declare(g), std::make_index_sequence<Arguments::count>{});
    if constexpr (single) g.outputs.push_back(traced(result).node_in(g));
    else
      for (auto const& part : result) g.outputs.push_back(traced(part).node_in(g));
  }
};

/// The nodes of a function's arguments in its graph.
template <class Source>
constexpr sequence<int> argument_nodes(graph& g) {
  sequence<int> ids;
  for (traced const& handle : Source::arguments::declare(g)) ids.push_back(handle.node_in(g));
  return ids;
}

template <class Source>
constexpr graph traced_graph() {
  graph g;
  Source::trace(g);
  return g;
}

template <class Source>
struct raw {
  static constexpr graph build() { return traced_graph<Source>(); }
};

/// A constant evaluation of its own: clang allows each a million steps, which tracing and differentiating 800 operators
/// use up.
template <class Source>
struct simplified {
  static constexpr int room = frozen<raw<Source>>.node_count;
  static constexpr graph build() { return simplify(frozen<raw<Source>>.view(), sharing::keep); }
};

template <class Source>
inline constexpr int output_count = frozen<raw<Source>>.output_count;

/// Runs `Source::trace` and hands over the outputs it appended, which are taken off the graph.
template <class Source>
constexpr sequence<int> outputs_of(graph& g) {
  int const before = g.outputs.size();
  Source::trace(g);
  sequence<int> outputs;
  for (int i = before; i < g.outputs.size(); ++i) outputs.push_back(g.outputs[i]);
  g.outputs.resize(before);
  return outputs;
}

}  // namespace ddx::detail

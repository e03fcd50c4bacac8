// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Printing inside the compiler: a constant formula or a function enters, a constant text leaves. Not part of ddx.hpp, since the
// printer takes half a second to compile.
#pragma once

#include "../function/fn.hpp"
#include "dot.hpp"
#include "printer.hpp"

namespace ddx {

namespace detail {

/// The graph of something that can be printed, with all its outputs.
template <auto const& Printable>
struct printable_graph;

template <auto const& Printable>
  requires Formula<decltype(Printable)>
struct printable_graph<Printable> {
  static constexpr bool list = false;
  static constexpr graph build() {
    using formula = std::remove_cvref_t<decltype(Printable)>;
    auto const& tokens = tokens_of<formula>;
    graph g;
    lowering(g).run(tokens.tokens, tokens.count, literals_of(Printable).values, literal_mode::known);
    return g;
  }
};

template <auto const& Printable>
  requires Function<decltype(Printable)>
struct printable_graph<Printable> {
  using function = std::remove_cvref_t<decltype(Printable)>;
  static constexpr bool list = function::shape != result_shape::scalar;
  static constexpr graph build() { return traced_graph<typename function::source>(); }
};

/// An output in canonical form; -1: all outputs, shared subexpressions once. A constant evaluation of its own: clang allows each a
/// million steps.
template <class Printable, int Output>
struct canonical_graph {
  static constexpr int room = frozen<Printable>.node_count;
  static constexpr graph build() {
    graph_view g = frozen<Printable>.view();
    if (Output < 0) return simplify(g, sharing::keep);
    int const outputs[]{g.outputs[Output < 0 ? 0 : Output]};
    g.outputs = outputs;
    g.output_count = 1;
    return simplify(g, sharing::expand);
  }
};

template <class Printable, int Output, format Style>
constexpr characters canonical_text() {
  auto const& g = frozen<canonical_graph<Printable, Output>>;
  characters text;
  if constexpr (Style == format::dot) dot_printer(g.view(), {}, text).run();
  else printer(g.view(), Style).write(g.outputs[0], text);
  return text;
}

template <int Room>
struct fixed_text {
  char characters[Room > 0 ? Room : 1]{};
  int size = 0;

  constexpr std::string_view view() const { return {characters, static_cast<std::size_t>(size)}; }
};

template <class Printable, int Output, format Style, int Room>
constexpr fixed_text<Room> text_with_room() {
  fixed_text<Room> result;
  auto const text = canonical_text<Printable, Output, Style>();
  result.size = text.size();
  for (int i = 0; i < text.size() && i < Room; ++i) result.characters[i] = text[i];
  return result;
}

/// Room that most texts fit into, so that they are written once.
inline constexpr int first_text_room = 256;

template <class Printable, int Output, format Style>
constexpr auto roomy_text() {
  constexpr auto first = text_with_room<Printable, Output, Style, first_text_room>();
  if constexpr (first.size <= first_text_room) return first;
  else return text_with_room<Printable, Output, Style, first.size>();
}

template <class Printable, int Output, format Style>
inline constexpr auto output_text = roomy_text<Printable, Output, Style>();

/// The text of all outputs: alone, or as a list in brackets.
template <class Printable, format Style>
constexpr auto whole_text() {
  constexpr bool drawing = Style == format::dot;
  constexpr int count = drawing ? 1 : frozen<Printable>.output_count;
  constexpr bool list = Printable::list && !drawing;
  return []<int... Is>(std::integer_sequence<int, Is...>) {
    constexpr int separators = list ? 2 * count : 0;  // brackets, and a comma and a space between
    fixed_text<(output_text < Printable, drawing ? -1 : Is, Style >.size + ... + separators)> result;
    auto const append = [&](std::string_view more) {
      for (char c : more) result.characters[result.size++] = c;
    };
    if (list) append("[");
    ((append(Is > 0 ? ", " : ""), append(output_text < Printable, drawing ? -1 : Is, Style >.view())), ...);
    if (list) append("]");
    return result;
  }(std::make_integer_sequence<int, count>{});
}

template <auto Value>
inline constexpr auto held_constant = Value;

template <auto Value, format Style>
inline constexpr auto constant_text = whole_text<printable_graph<held_constant<Value>>, Style>();

}  // namespace detail

/// The text of a constant formula or a function, of static storage: static_assert(printed<diff(x * x, x)> == "2*x").
/// `printed<f, format::latex>` is another of the forms.
template <auto Value, format Style = format::text>
  requires(Formula<decltype(Value)> || Function<decltype(Value)>)
inline constexpr std::string_view printed = detail::constant_text<Value, Style>.view();

}  // namespace ddx

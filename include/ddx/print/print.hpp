// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Printing: formulas and functions enter, text leaves. The work is done in the compiled library; headers pass tokens only.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "../formula/derive.hpp"

namespace ddx {

enum class format : char {
  text = 't',     ///< `2*x + y*cos(x*y)`
  unicode = 'u',  ///< the same with raised digits, Greek letters and dots
  latex = 'l',    ///< for LaTeX's mathematics mode
  cpp = 'c'       ///< an expression in C++
};

/// A node whose primitive is named by id, so that a constant graph can be handed to the compiled library.
struct portable_node {
  unsigned id = 0;
  int operands[max_arity]{-1, -1, -1};
  int index = -1;
  rational constant{};
};

namespace detail {

std::string print_tokens(token const* tokens, int count, double const* values, format style);
std::string print_graph(portable_node const* nodes, graph_view rest, int output, format style);

}  // namespace detail

/// The simplified output `output` of a graph as text. The graph's primitives must be those of the table.
std::string print(graph_view g, int output = 0, format style = format::text);

/// A formula in canonical form as text.
template <Formula Type>
std::string to_string(Type const& formula, format style = format::text) {
  auto const& list = detail::portable_tokens_of<Type>;
  return detail::print_tokens(list.tokens, list.count, detail::literals_of(formula).values, style);
}

namespace detail {

/// What the formatters of ddx share: the specification is one letter, or nothing for text.
struct format_letter {
  format style = format::text;

  template <class Context>
  constexpr auto parse(Context& context) {
    auto it = context.begin();
    if (it != context.end() && *it != '}') {
      if (*it != 't' && *it != 'u' && *it != 'l' && *it != 'c')
        throw_format_error("a formula is printed as {}, {:t} (text), {:u} (Unicode), {:l} (LaTeX) or {:c} (C++)");
      style = static_cast<format>(*it++);
    }
    return it;
  }

  template <class Context>
  static typename Context::iterator write(std::string const& text, Context& context) {
    return std::copy(text.begin(), text.end(), context.out());
  }

 private:
  [[noreturn]] static void throw_format_error(char const* message);
};

}  // namespace detail
}  // namespace ddx

template <ddx::Formula Type>
struct fmt::formatter<Type, char, void> : ddx::detail::format_letter {
  template <class Context>
  typename Context::iterator format(Type const& formula, Context& context) const {
    return write(ddx::to_string(formula, style), context);
  }
};

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas written as text: a string literal enters, a formula leaves whose tokens the parser finds while the compiler runs.
#pragma once

#include <span>

#include "parse.hpp"
#include "tokens.hpp"

namespace ddx {

namespace detail {

/// The records that text may name besides the library's.
template <class... Records>
inline constexpr std::array<callable, sizeof...(Records)> own_callables{callable_of<Records>()...};

template <text Source, class... Records>
constexpr parsed_text parse_source() {
  return parse_tokens(Source.view(), nullptr, 0, own_callables<Records...>.data(), sizeof...(Records));
}

struct source_sizes {
  int tokens = 0, literals = 0, axes = 0;
  parse_fault fault{};
  std::size_t column = 0;
};

template <text Source, class... Records>
constexpr source_sizes sizes_of_source() {
  parsed_text const p = parse_source<Source, Records...>();
  return {p.tokens.size(), p.literals.size(), p.axes.size(), p.problem.fault, p.problem.position + 1};
}

/// Says what is wrong with a text; `Column` is where, from 1.
template <parse_fault Fault, std::size_t Column>
struct check_source {
  static_assert(Fault != parse_fault::operand, "ddx::formula<text>: expected a number, a name or '('");
  static_assert(Fault != parse_fault::operators, "ddx::formula<text>: expected an operator");
  static_assert(Fault != parse_fault::closing, "ddx::formula<text>: expected ')'");
  static_assert(Fault != parse_fault::unopened, "ddx::formula<text>: a ')' or ',' closes or parts what is not open");
  static_assert(Fault != parse_fault::too_large, "ddx::formula<text>: a number is larger than any double");
  static_assert(Fault != parse_fault::closing_axis, "ddx::formula<text>: expected ']'");
  static_assert(Fault != parse_fault::closing_name, "ddx::formula<text>: expected a name and '`' behind '`'");
  static_assert(Fault != parse_fault::axis, "ddx::formula<text>: expected the name of an axis");
  static_assert(Fault != parse_fault::offset, "ddx::formula<text>: expected a whole number behind the name of an axis");
  static_assert(Fault != parse_fault::neighbour,
                "ddx::formula<text>: expected + 1 or - 1 behind the axis of a recurrence");
  static_assert(Fault != parse_fault::unknown_function,
                "ddx::formula<text>: unknown function; an own primitive is named as ddx::formula<text, record>");
  static_assert(Fault != parse_fault::not_over_axis,
                "ddx::formula<text>: what stands before an axis and a parenthesis is no function over an axis");
  static_assert(
      Fault != parse_fault::axis_of_none,
      "ddx::formula<text>: a reduction is over an axis that no array has; an array is written with its axes, as "
      "in X[n, d]");
  static_assert(Fault != parse_fault::operand_count,
                "ddx::formula<text>: a function has another number of operands than it takes");
  static_assert(Fault != parse_fault::axes_differ, "ddx::formula<text>: an array has other axes than before");
  static_assert(Fault != parse_fault::rank, "ddx::formula<text>: an array has at most six axes");
  static_assert(Fault != parse_fault::axis_twice, "ddx::formula<text>: an array has the same axis twice");
  static_assert(Fault != parse_fault::equality, "ddx::formula<text>: '=' is no operator; equality is written '=='");
  static_assert(Fault != parse_fault::character, "ddx::formula<text>: unexpected character");
  static_assert(Fault != parse_fault::too_deep && Fault != parse_fault::too_long,
                "ddx::formula<text>: the text is too long or nested too deep");
  static constexpr bool passed = Fault == parse_fault::none;
};

template <text Source, class... Records>
using source_problem =
    check_source<sizes_of_source<Source, Records...>().fault, sizes_of_source<Source, Records...>().column>;

}  // namespace detail

/// The formula that `Source` is the text of, `Records` being primitives that it may name besides the library's. See `formula`.
template <text Source, class... Records>
struct text_formula {
  static constexpr expr_kind kind = expr_kind::terminal;
  static_assert(detail::source_problem<Source, Records...>::passed);
  boost::hana::tuple<> elements{};

  /// The elements at an offset along an axis, x[i + 1]; x[i] is the formula itself. See ddx::axis.
  template <AxisIndex Place>
  constexpr auto operator[](Place at) const {
    return detail::shifted(*this, at);
  }
};

namespace detail {

template <text Source, class... Records>
inline constexpr bool is_formula<text_formula<Source, Records...>> = true;

/// The parsed text as constants of exactly its size. Names are views of the template argument.
template <int Tokens, int Literals, int Axes>
struct source_parts {
  std::array<token, Tokens> tokens{};
  std::array<int, Tokens> first_axis{};
  std::array<double, Literals> literals{};
  std::array<std::string_view, Axes> axes{};
};

template <text Source, class... Records>
constexpr auto parts_of_source() {
  constexpr source_sizes sizes = sizes_of_source<Source, Records...>();
  constexpr bool passed = source_problem<Source, Records...>::passed;
  source_parts<passed ? sizes.tokens : 0, passed ? sizes.literals : 0, passed ? sizes.axes : 0> result;
  parsed_text const p = parse_source<Source, Records...>();
  for (std::size_t i = 0; i < result.tokens.size(); ++i) {
    result.tokens[i] = p.tokens[static_cast<int>(i)];
    result.first_axis[i] = p.first_axis[static_cast<int>(i)];
  }
  for (std::size_t i = 0; i < result.literals.size(); ++i) result.literals[i] = p.literals[static_cast<int>(i)];
  for (std::size_t i = 0; i < result.axes.size(); ++i) result.axes[i] = p.axes[static_cast<int>(i)];
  return result;
}

template <text Source, class... Records>
inline constexpr auto source = parts_of_source<Source, Records...>();

template <text Source, class... Records>
constexpr bool source_names(unsigned id) {
  for (token const& t : source<Source, Records...>.tokens)
    if (t.id == id) return true;
  return false;
}

/// The facts of a record if the text names it: those of others are not even made.
template <class Record, bool Named>
constexpr primitive const* facts_if() {
  if constexpr (Named) return &info<Record>;
  else return nullptr;
}

template <class List, text Source, class... Records>
struct token_resolver;
template <class... Listed, text Source, class... Records>
struct token_resolver<std::tuple<Listed...>, Source, Records...> {
  static constexpr void run(std::span<token> tokens) {
    constexpr std::pair<unsigned, primitive const*> named[]{
        {hash_of(Listed::name), facts_if<Listed, source_names<Source, Records...>(hash_of(Listed::name))>()}...};
    for (token& t : tokens)
      for (auto const& [id, op] : named)
        if (t.id == id && t.id != 0) t.op = op;
  }
};

/// The tokens of a text, those of library primitives without addresses if `Portable`.
template <bool Portable, text Source, class... Records>
constexpr auto tokens_of_source() {
  constexpr auto const& parts = source<Source, Records...>;
  auto tokens = parts.tokens;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    tokens[i].op = nullptr;
    if (tokens[i].what == token::step::symbol && tokens[i].count > 0)
      tokens[i].axes = parts.axes.data() + parts.first_axis[i];
  }
  if constexpr (!Portable) token_resolver<all_records, Source, Records...>::run(tokens);
  if constexpr (sizeof...(Records) > 0) token_resolver<std::tuple<Records...>, Source, Records...>::run(tokens);
  return tokens;
}

template <bool Portable, text Source, class... Records>
inline constexpr auto source_tokens = tokens_of_source<Portable, Source, Records...>();

template <text Source, class... Records>
struct walk<text_formula<Source, Records...>> {
  template <class Out>
  static constexpr void tokens(Out& out) {
    for (token const& t : source_tokens<Out::portable, Source, Records...>) out.push(t);
  }
  static constexpr void literals(text_formula<Source, Records...> const&, double*& out) {
    for (double value : source<Source, Records...>.literals) *out++ = value;
  }
};

}  // namespace detail

/// The formula that a text says: `ddx::formula<"x^2*sin(x)">`. It is a formula like any other: it is differentiated by `ddx::var`s and
/// `ddx::array`s of the names in it, bound, printed, compiled; its literals are known. The grammar is that of `ddx::parse`
/// (formula/parse.hpp); arrays name their axes where they come first: `sum[d](X[n, d]*w[d])`. Primitives of the
/// user's are given as records: `ddx::formula<"mine(x)", mine_>`.
template <text Source, class... Records>
inline constexpr text_formula<Source, Records...> formula{};

inline namespace literals {

/// `"x^2*sin(x)"_f` is `ddx::formula<"x^2*sin(x)">`.
template <text Source>
consteval text_formula<Source> operator""_f() {
  return {};
}

}  // namespace literals

}  // namespace ddx

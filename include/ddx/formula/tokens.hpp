// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The border between types and values: a formula's type yields an array of postfix tokens, its object an array of literals.
#pragma once

#include <boost/hana/at.hpp>

#include "../primitive/custom.hpp"
#include "expression.hpp"
#include "token.hpp"

namespace ddx {

namespace detail {

template <class Formula>
struct walk;

/// Appends the operands' tokens in order.
template <class... Parts, class Out>
constexpr void walk_all(Out& out) {
  (walk<Parts>::tokens(out), ...);
}

template <class Record, bool Portable>
constexpr token record_token(token::step what, std::string_view name = {}) {
  token t{.what = what, .id = hash_of(Record::name), .name = name};
  if constexpr (!Portable || !is_library_primitive(hash_of(Record::name))) t.op = &info<Record>;
  return t;
}

template <bool Portable>
struct token_counter {
  static constexpr bool portable = Portable;
  int count = 0;
  constexpr void push(token const&) { ++count; }
};

template <int Count, bool Portable>
struct token_list {
  static constexpr bool portable = Portable;
  token tokens[Count]{};
  int count = 0;
  constexpr void push(token const& t) { tokens[count++] = t; }
};

template <text... Axes>
inline constexpr std::string_view axis_names[]{Axes.view()...};

template <text Name>
struct walk<var<Name>> {
  template <class Out>
  static constexpr void tokens(Out& out) {
    out.push({.what = token::step::symbol, .name = Name.view()});
  }
  static constexpr void literals(var<Name> const&, double*&) {}
};

template <text Name, text... Axes>
struct walk<array<Name, Axes...>> {
  template <class Out>
  static constexpr void tokens(Out& out) {
    out.push({.what = token::step::symbol, .count = sizeof...(Axes), .name = Name.view(), .axes = axis_names<Axes...>});
  }
  static constexpr void literals(array<Name, Axes...> const&, double*&) {}
};

template <bool Whole>
struct walk<terminal<literal<Whole>>> {
  template <class Out>
  static constexpr void tokens(Out& out) {
    out.push({.what = token::step::literal, .whole = Whole});
  }
  static constexpr void literals(terminal<literal<Whole>> const& e, double*& out) {
    *out++ = boost::hana::at_c<0>(e.elements).value;
  }
};

/// The tokens of a call after its operands.
template <class Tag>
struct call_token;
template <class Record>
struct call_token<function_tag<Record>> {
  template <class Out>
  static constexpr void push(Out& out) {
    out.push(record_token<Record, Out::portable>(token::step::apply));
  }
};
template <class Record, text Axis>
struct call_token<reduction_tag<Record, Axis>> {
  template <class Out>
  static constexpr void push(Out& out) {
    out.push(record_token<Record, Out::portable>(token::step::reduce, Axis.view()));
  }
};
template <class Record, text Axis>
struct call_token<axis_tag<Record, Axis>> {
  template <class Out>
  static constexpr void push(Out& out) {
    constexpr auto what = Record::kind == role::extent ? token::step::extent : token::step::position;
    out.push({.what = what, .name = Axis.view()});
  }
};
template <text Axis>
struct call_token<scan_tag<Axis>> {
  template <class Out>
  static constexpr void push(Out& out) {
    out.push({.what = token::step::scan, .name = Axis.view()});
  }
};
template <text Axis>
struct call_token<inside_tag<Axis>> {
  template <class Out>
  static constexpr void push(Out& out) {
    out.push({.what = token::step::inside, .name = Axis.view()});
  }
};
template <text Axis>
struct call_token<shift_tag<Axis>> {
  template <class Out>
  static constexpr void push(Out& out) {
    out.push({.what = token::step::shift, .name = Axis.view()});
  }
};
template <int Count>
struct call_token<derivative_tag<Count>> {
  template <class Out>
  static constexpr void push(Out& out) {
    out.push({.what = token::step::derivative, .count = Count});
  }
};

template <class Tag, class... Parts>
struct walk<expression<expr_kind::call, boost::hana::tuple<terminal<Tag>, Parts...>>> {
  using formula = expression<expr_kind::call, boost::hana::tuple<terminal<Tag>, Parts...>>;
  template <class Out>
  static constexpr void tokens(Out& out) {
    walk_all<Parts...>(out);
    call_token<Tag>::push(out);
  }
  static constexpr void literals([[maybe_unused]] formula const& e, [[maybe_unused]] double*& out) {
    [&]<std::size_t... Is>(std::index_sequence<Is...>) {
      (walk<Parts>::literals(boost::hana::at_c<Is + 1>(e.elements), out), ...);
    }(std::index_sequence_for<Parts...>{});
  }
};

template <expr_kind Kind, class... Parts>
struct walk<expression<Kind, boost::hana::tuple<Parts...>>> {
  using formula = expression<Kind, boost::hana::tuple<Parts...>>;
  using record = decltype(operator_kinds::record(std::integral_constant<expr_kind, Kind>{}));
  template <class Out>
  static constexpr void tokens(Out& out) {
    walk_all<Parts...>(out);
    out.push(record_token<record, Out::portable>(token::step::apply));
  }
  static constexpr void literals([[maybe_unused]] formula const& e, [[maybe_unused]] double*& out) {
    [&]<std::size_t... Is>(std::index_sequence<Is...>) {
      (walk<Parts>::literals(boost::hana::at_c<Is>(e.elements), out), ...);
    }(std::index_sequence_for<Parts...>{});
  }
};

inline constexpr int max_tokens = 2000;

template <class... Formulas>
constexpr int count_tokens() {
  token_counter<false> counter;
  walk_all<Formulas...>(counter);
  return counter.count;
}

template <bool Portable, class... Formulas>
constexpr auto list_tokens() {
  constexpr int count = count_tokens<Formulas...>();
  static_assert(
      count <= max_tokens,
      "ddx: a formula of more than 2000 operators and operands compiles slowly, since a local variable used twice "
      "doubles it; write it as a function, ddx::fn<\"x\">([](auto x) { ... }), where reuse costs nothing");
  token_list<count, Portable> list;
  walk_all<Formulas...>(list);
  return list;
}

/// The tokens of formulas one after the other.
template <class... Formulas>
inline constexpr auto tokens_of = list_tokens<false, Formulas...>();

/// The same without addresses of primitives: reading them makes no code for the primitives' rules.
template <class... Formulas>
inline constexpr auto portable_tokens_of = list_tokens<true, Formulas...>();

template <class... Formulas>
constexpr int count_literals() {
  int count = 0;
  for (token const& t : tokens_of<Formulas...>.tokens) count += t.what == token::step::literal ? 1 : 0;
  return count;
}

template <int Count>
struct literal_list {
  double values[Count > 0 ? Count : 1]{};
};

/// The literals of formulas in the order of their tokens.
template <class... Formulas>
constexpr auto literals_of(Formulas const&... formulas) {
  literal_list<count_literals<Formulas...>()> list;
  double* out = list.values;
  (walk<Formulas>::literals(formulas, out), ...);
  return list;
}

}  // namespace detail
}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Printing: formulas and functions enter, text leaves. The work is done in the compiled library; headers pass tokens only.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "../formula/derive.hpp"
#include "cpp_form.hpp"
#include "format.hpp"
#include "node_numbers.hpp"

namespace ddx {

/// A node whose primitive is named by id, so that a constant graph can be handed to the compiled library. `op` is set for users'.
struct portable_node {
  unsigned id = 0;
  primitive const* op = nullptr;
  int operands[max_arity]{-1, -1, -1};
  int index = -1;
  rational constant{};
};

namespace detail {

std::string print_tokens(token const* tokens, int count, double const* values, format style);
std::string print_list(token const* tokens, int count, double const* values, format style);
std::string print_graph(portable_node const* nodes, graph_view rest, int output, format style);
std::string print_tokens_in_cpp(token const* tokens, int count, double const* values, cpp_form const& form);
std::string print_graph_in_cpp(portable_node const* nodes, graph_view rest, cpp_form const& form);

}  // namespace detail

/// The simplified output `output` of a graph as text, without limit to the depth of the graph. Throws error where the text is longer
/// than 64 MB: `ddx::print: the text of this formula is longer than 64 MB; print its parts`.
std::string print(graph_view g, int output = 0, format style = format::text);

/// The nodes that the outputs of a graph need (all, if it has no outputs) as they are, in Graphviz's language: inputs are boxes, an
/// edge goes from an operand to the operation, from left to right in the order of the operands. `numbers` are written below.
std::string print_dot(graph_view g, node_numbers const& numbers = {});

/// A function in C++20 that computes the outputs of a graph of scalars: simplified, whole powers as products, each shared
/// subexpression once, in a constant t1, t2, … Its arguments are the graph's inputs in order, as double, by names that C++ takes. It
/// needs nothing but the headers that come with it. Throws error for arrays and reductions.
std::string print_cpp_function(graph_view g, cpp_form const& form = {});

/// The same for the first output and its derivatives by all inputs: `std::pair<double, std::array<double, N>> f(double x, …)`.
std::string print_cpp_value_and_gradient(graph_view g, cpp_form form = {});

/// A function in C++20 that computes the outputs of a graph of scalars and arrays, loop by loop: `double f(std::size_t n, …, double
/// const* X, …)` for one scalar, `void f(…, double* result1, …)` otherwise; with cpp_result::value_and_gradient the first output and its
/// derivatives by all inputs. The extents of the axes come first, then the inputs in order, arrays row by row, with the axes as they were declared; those of results are
/// in the order of the graph's axes, and an axis that a result does not have is one of equal elements.
std::string print_cpp_loops(graph_view g, cpp_form const& form = {});

/// How a derivative is called, for headings: `derivative_name("f", names, 2)` of x and y is `∂²f/∂x∂y` in Unicode, `d^2f/(dx*dy)` in text,
/// `\frac{\partial^{2} f}{\partial x \partial y}` in LaTeX and `d2f_dx_dy` in C++.
std::string derivative_name(std::string_view f, std::string_view const* variables, int count,
                            format style = format::text);

/// A formula in canonical form as text.
template <Formula Type>
std::string to_string(Type const& formula, format style = format::text) {
  auto const& list = detail::portable_tokens_of<Type>;
  return detail::print_tokens(list.tokens, list.count, detail::literals_of(formula).values, style);
}

/// The derivatives of a formula, in the order of the variables: `[2*x, 1]`, in C++ `{2*x, 1}`; as DOT one graph of all.
template <Formula Type, class... Variables>
std::string to_string(gradient<Type, Variables...> const& all, format style = format::text) {
  auto const& list = detail::portable_tokens_of<gradient<Type, Variables...>>;
  return detail::print_list(list.tokens, list.count, detail::literals_of(all).values, style);
}

namespace detail {

template <class Type>
constexpr bool find_arrays() {
  for (token const& t : portable_tokens_of<Type>.tokens)
    if (t.what == token::step::symbol && t.count > 0) return true;
  return false;
}

template <class Type>
inline constexpr bool has_arrays = find_arrays<Type>();

}  // namespace detail

/// A function in C++20 called `name` that computes the value of a scalar formula and its gradient, as
/// std::pair<double, std::array<double, N>>, from its variables in the order of first appearance. See print_cpp_function.
template <Formula Type>
std::string to_cpp(Type const& formula, std::string_view name) {
  static_assert(
      !detail::has_arrays<Type>,
      "ddx::to_cpp(f, name): a function of numbers is written, so f has variables only; ddx::compile computes "
      "formulas of arrays");
  auto const& list = detail::portable_tokens_of<Type>;
  return detail::print_tokens_in_cpp(list.tokens, list.count, detail::literals_of(formula).values, {.name = name});
}

namespace detail {

/// What the formatters of ddx share: the specification is one letter, or nothing for text.
struct format_letter {
  format style = format::text;

  template <class Context>
  constexpr auto parse(Context& context) {
    auto it = context.begin();
    if (it != context.end() && *it != '}') {
      if (*it != 't' && *it != 'u' && *it != 'l' && *it != 'c' && *it != 'd')
        throw_format_error(
            "a formula is printed as {}, {:t} (text), {:u} (Unicode), {:l} (LaTeX), {:c} (C++) or {:d} (DOT)");
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

// A gradient is also a tuple, which fmt/ranges.h, where it is included, would print itself.
FMT_BEGIN_NAMESPACE
template <typename Type, typename Character>
struct is_tuple_formattable;
FMT_END_NAMESPACE

template <ddx::Formula Type, class... Variables>
struct fmt::is_tuple_formattable<ddx::gradient<Type, Variables...>, char> : std::false_type {};

template <ddx::Formula Type, class... Variables>
struct fmt::formatter<ddx::gradient<Type, Variables...>, char, void> : ddx::detail::format_letter {
  template <class Context>
  typename Context::iterator format(ddx::gradient<Type, Variables...> const& all, Context& context) const {
    return write(ddx::to_string(all, style), context);
  }
};

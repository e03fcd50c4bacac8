// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas that are known only at run time: text or user algebra enters, formulas, text and numbers leave. The passes are those
// that run inside the compiler for other formulas.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../formula/parse.hpp"
#include "../print/print.hpp"
#include "../transform/simplify.hpp"
#include "parse_error.hpp"

namespace ddx {

namespace detail {
struct arena;
}

/// A name and the number it stands for.
struct assignment {
  std::string_view name;
  double value;
};

/// A formula as a value: a handle on a node of a graph that it shares with the formulas it is made of. Cheap to copy. Formulas that
/// were made from one another must not be used by several threads at once.
class symbolic {
 public:
  template <class Number>
    requires std::is_arithmetic_v<Number>
  symbolic(Number number) : symbolic(rational{static_cast<double>(number), 1}) {}
  explicit symbolic(rational number);

  /// A formula of the program, so that it has the passes below: `ddx::expand(pow(x + 1, 3))`.
  template <Formula Type>
  symbolic(Type const& formula)
      : symbolic(from(detail::portable_tokens_of<Type>.tokens, detail::portable_tokens_of<Type>.count,
                      detail::literals_of(formula).values)) {}

  /// The variable called `name`. Throws error where that is no name.
  static symbolic variable(std::string_view name);

  /// `output` of a graph, copied.
  static symbolic from(graph_view g, int output = 0);

  /// The formula alone, as a graph with one output; valid until the formula changes or goes. Names are owned by the formula.
  graph extract() const;

  /// The names of the variables, in the order of first appearance.
  std::vector<std::string> variables() const;

  /// The number of operations, shared subexpressions counted once.
  int operations() const;

  template <class Other>
  symbolic& operator+=(Other const& other) {
    return *this = *this + other;
  }
  template <class Other>
  symbolic& operator-=(Other const& other) {
    return *this = *this - other;
  }
  template <class Other>
  symbolic& operator*=(Other const& other) {
    return *this = *this * other;
  }
  template <class Other>
  symbolic& operator/=(Other const& other) {
    return *this = *this / other;
  }

 private:
  friend struct algebra<symbolic>;
  friend struct detail::arena;
  static symbolic from(token const* tokens, int count, double const* literals);
  symbolic(std::shared_ptr<detail::arena> owner, int id) : owner_(std::move(owner)), id_(id) {}
  static symbolic apply(primitive const& op, std::initializer_list<symbolic> operands);
  static symbolic reduce(primitive const& op, symbolic const& operand, std::string_view axis);

  std::shared_ptr<detail::arena> owner_;
  int id_ = -1;
};

template <>
struct algebra<symbolic> {
  static constexpr bool exists = true;

  template <class Record, class... Types>
  using result = symbolic;

  template <class Record, class... Types>
  static symbolic apply(Types const&... operands) {
    return symbolic::apply(info<Record>, {symbolic(operands)...});
  }
  template <class Record>
  static symbolic constant(symbolic const&) {
    return symbolic::apply(info<Record>, {});
  }
  template <class Record, text Axis>
  static symbolic reduce(symbolic const& operand) {
    return symbolic::reduce(info<Record>, operand, Axis.view());
  }
};

/// The formula that `source` is the text of; the grammar is in formula/parse.hpp. `declared` gives the axes of arrays, `more` primitives
/// that the library does not have: `parse("mine(x)", {}, {&info<mine_>})`. Throws parse_error.
symbolic parse(std::string_view source, std::span<declaration const> declared = {},
               std::initializer_list<primitive const*> more = {});

/// The derivative by the variables in turn, simplified: diff(f, {"x", "y"}) is the mixed second derivative. By a name that the formula
/// lacks it is 0. Throws error where the formula still has axes, or more than 100 names are given.
symbolic diff(symbolic const& f, std::span<std::string const> names);
symbolic diff(symbolic const& f, std::string const& name, int order = 1);

/// The derivatives by each of the names, by one reverse accumulation, simplified.
std::vector<symbolic> grad(symbolic const& f, std::span<std::string const> names);

/// Row by row: the derivatives of each formula by each name.
std::vector<std::vector<symbolic>> jacobian(std::span<symbolic const> formulas, std::span<std::string const> names);

/// Row by row: the second derivatives by each pair of names. The lower triangle is the upper one.
std::vector<std::vector<symbolic>> hessian(symbolic const& f, std::span<std::string const> names);

/// The canonical form, for reading.
symbolic simplify(symbolic const& f);

/// The same where variables are taken to be real and finite and every part to be defined, with level::assume_real: x/x is 1.
symbolic simplify(symbolic const& f, level assumed);

/// Products and whole powers of sums multiplied out.
symbolic expand(symbolic const& f);

/// What terms of sums share, once: a*b + a*c is a*(b + c).
symbolic factor_out(symbolic const& f);

/// The terms by powers of a variable, with the coefficient of each once.
symbolic collect(symbolic const& f, std::string const& name);

/// The formula with another one in the place of a variable.
symbolic substitute(symbolic const& f, std::string const& name, symbolic const& replacement);

/// The Taylor polynomial by a variable about a point, up to a power; coefficients stay exact. The point is a number or a formula
/// without variables. Throws error where a derivative is not finite at the point, or for arrays.
symbolic series(symbolic const& f, std::string const& name, symbolic const& at, int order);

/// The value of a scalar formula. Throws error where a variable has no value, a name is given twice or the formula has arrays.
double eval(symbolic const& f, std::span<assignment const> values);
double eval(symbolic const& f, std::initializer_list<assignment> values);

/// Whether two formulas have the same canonical form, up to the order of sums and products.
bool same(symbolic const& left, symbolic const& right);

/// The canonical form as text.
std::string to_string(symbolic const& f, format style = format::text);

}  // namespace ddx

template <>
struct fmt::formatter<ddx::symbolic, char, void> : ddx::detail::format_letter {
  template <class Context>
  typename Context::iterator format(ddx::symbolic const& formula, Context& context) const {
    return write(ddx::to_string(formula, style), context);
  }
};

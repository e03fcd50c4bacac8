// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Lowering: tokens and literals enter, a graph leaves; derivatives are resolved on the way.
#pragma once

#include <string>

#include "../error.hpp"
#include "../transform/differentiate.hpp"
#include "token.hpp"

namespace ddx {

enum class literal_mode {
  known,  ///< literals are constants
  slots   ///< literals are inputs whose values come with the call
};

namespace detail {

/// Whether a symbol names other axes than the input of its name.
constexpr bool redeclares(graph const& g, int input, token const& symbol) {
  ddx::input const& known = g.inputs[input];
  bool same = known.rank == symbol.count;
  for (int i = 0; same && i < known.rank; ++i) same = g.axes[known.axes[i]] == symbol.axes[i];
  return !same;
}

/// A class, so that its sentence comes before whatever else goes wrong.
template <bool Redeclared>
struct check_declared {
  static_assert(!Redeclared,
                "ddx: two symbols of the formula have the same name and different axes; give each a name of its own");
  static constexpr bool passed = !Redeclared;
};

}  // namespace detail

/// Appends the graph of tokens; what is left on the stack becomes the outputs. `resolve` finds primitives of portable tokens;
/// a derivative goes through `between` before the next of the same formula is taken.
class lowering {
 public:
  using resolver = primitive const* (*)(unsigned id);
  using pass = graph (*)(graph_view);

  constexpr explicit lowering(graph& g, resolver resolve = nullptr, pass between = nullptr)
      : g_(g), resolve_(resolve), between_(between) {}

  constexpr void run(token const* tokens, int count, double const* values, literal_mode mode) {
    int literal = 0;
    // Slots come after all variables, so that variables keep the order of first appearance.
    for (int i = 0; i < count; ++i)
      if (tokens[i].what == token::step::symbol) declare(tokens[i]);
    for (int i = 0; i < count; ++i) {
      token const& t = tokens[i];
      switch (t.what) {
        case token::step::literal:
          stack_.push_back(mode == literal_mode::known ? detail::constant_node(g_, {values[literal], 1})
                                                       : slot(literal, t.whole));
          ++literal;
          break;
        case token::step::symbol: stack_.push_back(detail::input_node(g_, declare(t))); break;
        case token::step::apply: apply(primitive_of(t)); break;
        case token::step::reduce: reduce(primitive_of(t), g_.axis(t.name)); break;
        case token::step::extent: stack_.push_back(detail::extent_node(g_, g_.axis(t.name))); break;
        case token::step::position: stack_.push_back(detail::position_node(g_, g_.axis(t.name))); break;
        case token::step::inside: {
          int const axis = g_.axis(t.name);
          stack_.push_back(detail::inside_node(g_, axis, offset()));
          break;
        }
        case token::step::shift: {
          double const by = offset();
          int const axis = g_.axis(t.name);
          if (!(g_.nodes[stack_.back()].axes >> axis & 1u))
            throw error("ddx: [" + std::string(t.name) +
                        " + 1]: what is indexed has no such axis; check the spelling of the axis");
          stack_.back() = detail::shift_node(g_, stack_.back(), axis, by, detail::outside::left_out);
          break;
        }
        case token::step::scan: {
          double const known = offset(), by = mode == literal_mode::known ? known : -1;
          int operands[2]{};
          pop(2, operands);
          stack_.push_back(detail::scan_node(g_, operands[0], operands[1], g_.axis(t.name), by));
          break;
        }
        case token::step::derivative:
        case token::step::gradient: derive(t); break;
      }
    }
    for (int id : stack_) g_.outputs.push_back(id);
    stack_.clear();
  }

 private:
  constexpr primitive const& primitive_of(token const& t) const { return t.op ? *t.op : *resolve_(t.id); }

  constexpr int declare(token const& t) {
    int const known = g_.find_input(t.name);
    if (known >= 0) {
      g_.redeclared |= detail::redeclares(g_, known, t);
      return known;
    }
    input declared{.name = t.name, .rank = t.count};
    for (int i = 0; i < t.count; ++i) declared.axes[i] = g_.axis(t.axes[i]);
    g_.inputs.push_back(declared);
    return g_.inputs.size() - 1;
  }

  constexpr int slot(int literal, bool whole) {
    g_.inputs.push_back({.name = {}, .slot = literal, .whole = whole});
    return detail::input_node(g_, g_.inputs.size() - 1);
  }

  /// A literal as an offset: 0 where literals are not known, which is where none matters.
  constexpr double offset() {
    node const& n = g_.nodes[stack_.back()];
    stack_.pop_back();
    return is<constant_>(n) ? n.constant.numerator : 0;
  }

  constexpr void apply(primitive const& op) {
    int operands[max_arity]{};
    pop(op.arity, operands);
    stack_.push_back(detail::apply_node(g_, op, operands));
  }

  constexpr void reduce(primitive const& op, int axis) {
    int operands[max_arity]{};
    pop(op.arity, operands);
    stack_.push_back(algebra<traced>::reduce_within(g_, op, operands, axis));
  }

  constexpr void pop(int count, int* operands) {
    for (int i = count - 1; i >= 0; --i) {
      operands[i] = stack_.back();
      stack_.pop_back();
    }
  }

  constexpr void derive(token const& t) {
    sequence<int> variables(t.count);
    for (int i = t.count - 1; i >= 0; --i) {
      variables[i] = stack_.back();
      stack_.pop_back();
    }
    int formula = stack_.back();
    stack_.pop_back();
    differentiator d(g_);
    if (t.what == token::step::gradient) {
      for (int id : d.gradient(formula, variables)) push_derivative(id);
      return;
    }
    for (int variable : variables) {
      sequence<int> single;
      single.push_back(variable);
      formula = passed_between(d.gradient(formula, single)[0]);
    }
    push_derivative(formula);
  }

  /// An input or its neighbour is read as such elsewhere.
  constexpr void push_derivative(int id) {
    role const kind = g_.nodes[id].op->kind;
    if (g_.shifted && kind != role::input && kind != role::shift) g_.complete.push_back(id);
    stack_.push_back(id);
  }

  constexpr int passed_between(int formula) {
    if (between_ == nullptr) return formula;
    graph_view all = g_.view();
    all.outputs = &formula;
    all.output_count = 1;
    graph const result = between_(all);
    sequence<int> image(result.nodes.size());
    for (int i = 0; i < result.nodes.size(); ++i) {
      node n = result.nodes[i];
      for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[n.operands[k]];
      image[i] = g_.intern(n);
    }
    return image[result.outputs[0]];
  }

  graph& g_;
  resolver resolve_;
  pass between_;
  sequence<int> stack_;
};

}  // namespace ddx

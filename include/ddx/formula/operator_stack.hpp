// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Operators, parentheses and tokens enter in the order of the text; tokens leave in postfix order (Dijkstra's shunting
// yard).
#pragma once

#include "../primitive/elementary.hpp"
#include "scanner.hpp"

namespace ddx::detail {

/// What is open in a text and what waits for its right operand, on a stack of its own.
class operator_stack : protected scanner {
 protected:
  using scanner::scanner;

  enum class open : unsigned char { none, parenthesis, call, reduction };

  struct entry {
    unsigned id = 0;  // of the primitive; 0 for a parenthesis
    primitive const* op = nullptr;
    open kind = open::none;
    unsigned char binds = 0;
    int arity = 0;
    int commas = 0;
    int compared = -1;        // for comparisons: where the tokens of the right operand begin
    std::string_view name{};  // of the function
    std::string_view axis{};  // of the reduction
    double offset = 0;        // of a scan
    std::size_t position = 0;
  };

  struct symbol {
    std::string_view text;
    unsigned id;
    unsigned char binds;
    bool rightwards;
  };

  enum : unsigned char {
    disjunction = 1,
    conjunction,
    negation,
    comparison,
    summation,
    multiplication,
    signing,
    raising
  };

  template <class Record>
  static constexpr unsigned id_of = hash_of(Record::name);

  // Longer symbols before those they begin with.
  static constexpr symbol infix[]{
      {"**", id_of<pow_>, raising, true},
      {"^", id_of<pow_>, raising, true},
      {"*", id_of<multiply_>, multiplication, false},
      {"/", id_of<divide_>, multiplication, false},
      {"+", id_of<add_>, summation, false},
      {"-", id_of<subtract_>, summation, false},
      {"<=", id_of<less_equal_>, comparison, false},
      {">=", id_of<greater_equal_>, comparison, false},
      {"==", id_of<equal_>, comparison, false},
      {"!=", id_of<not_equal_>, comparison, false},
      {"<", id_of<less_>, comparison, false},
      {">", id_of<greater_>, comparison, false},
      {"&&", id_of<and_>, conjunction, false},
      {"||", id_of<or_>, disjunction, false},
      {"and", id_of<and_>, conjunction, false},
      {"or", id_of<or_>, disjunction, false},
  };

  constexpr bool is_infix() const {
    for (symbol const& s : infix)
      if (follows(s.text)) return true;
    return false;
  }

  constexpr bool push_infix(symbol const& s, std::size_t begin) {
    entry e{.id = s.id, .binds = s.binds, .position = begin};
    if (s.binds == comparison) {
      reduce_above(comparison + 1);
      e.compared = out_.tokens.size();
      if (!pending_.empty() && pending_.back().compared >= 0) {  // a < b < c: b again, then `and` below
        int const b = pending_.back().compared, end = out_.tokens.size();
        reduce_above(comparison);
        // The literals of b are the last ones.
        int count = 0;
        for (int i = b; i < end; ++i) count += out_.tokens[i].what == token::step::literal ? 1 : 0;
        int const first = out_.literals.size() - count;
        for (int i = b; i < end; ++i) copy_token(i);
        for (int i = 0; i < count; ++i) out_.literals.push_back(out_.literals[first + i]);
        push({.id = id_of<and_>, .binds = comparison, .position = begin});
        e.compared = out_.tokens.size();
        if (out_.tokens.size() > static_cast<int>(max_formula_text)) return fail(parse_fault::too_long, begin);
      }
      return push(e);
    }
    reduce_above(s.rightwards ? s.binds + 1 : s.binds);
    return push(e);
  }

  constexpr bool close(std::size_t begin) {
    reduce_above(0);
    if (pending_.empty()) return fail(parse_fault::unopened, begin);
    entry const opened = pending_.back();
    pending_.pop_back();
    --depth_;
    if (opened.kind != open::parenthesis && opened.commas + 1 != opened.arity)
      return fail(parse_fault::operand_count, opened.position, opened.name, opened.arity);
    if (opened.kind == open::call) return push_token({.what = token::step::apply, .id = opened.id, .op = opened.op});
    if (opened.kind == open::reduction) look_for_axis(opened);
    if (opened.kind == open::reduction && opened.offset != 0)
      return push_index(token::step::scan, opened.axis, opened.offset);
    if (opened.kind == open::reduction)
      return push_token({.what = token::step::reduce, .id = opened.id, .op = opened.op, .name = opened.axis});
    return false;
  }

  constexpr bool comma(std::size_t begin) {
    reduce_above(0);
    if (pending_.empty()) return fail(parse_fault::unopened, begin);
    entry& opened = pending_.back();
    if (opened.kind == open::parenthesis || (opened.kind == open::reduction && opened.arity == 1))
      return fail(parse_fault::closing, begin);
    if (++opened.commas >= opened.arity)
      return fail(parse_fault::operand_count, opened.position, opened.name, opened.arity);
    return true;
  }

  /// The innermost open parenthesis, -1 outside of all.
  constexpr int innermost() const {
    int i = pending_.size() - 1;
    while (i >= 0 && pending_[i].kind == open::none) --i;
    return i;
  }

  // ---- stack and output

  constexpr bool push(entry const& e) {
    pending_.push_back(e);
    if (pending_.size() > 8 * max_formula_depth) return fail(parse_fault::too_deep, e.position);
    return true;
  }

  constexpr bool push_open(entry const& e) {
    if (++depth_ > max_formula_depth) return fail(parse_fault::too_deep, e.position);
    return push(e);
  }

  constexpr void reduce() {
    entry const e = pending_.back();
    pending_.pop_back();
    // A minus in front of a number is a part of it: -0 and 0.1*(-3) keep what they are.
    if (e.id == id_of<negate_> && out_.tokens.back().what == token::step::literal) {
      out_.literals.back() = -out_.literals.back();
      return;
    }
    push_token({.what = token::step::apply, .id = e.id, .op = e.op});
  }

  /// Applies the operators on top that bind at least so tightly, down to an open parenthesis.
  constexpr void reduce_above(int binds) {
    while (!pending_.empty() && pending_.back().kind == open::none && pending_.back().binds >= binds) reduce();
  }

  constexpr bool push_token(token const& t, int first_axis = 0) {
    out_.tokens.push_back(t);
    out_.first_axis.push_back(first_axis);
    return false;
  }

  constexpr void copy_token(int i) {
    token const t = out_.tokens[i];
    push_token(t, out_.first_axis[i]);
  }

  constexpr bool push_apply(unsigned id) { return push_token({.what = token::step::apply, .id = id}); }

  constexpr bool push_literal(double value, bool whole) {
    out_.literals.push_back(value);
    return push_token({.what = token::step::literal, .whole = whole});
  }

  constexpr bool push_index(token::step what, std::string_view axis, double offset) {
    push_literal(offset, true);
    return push_token({.what = what, .name = axis});
  }

  /// Fails where a function is over an axis that neither an array nor a position has.
  constexpr void check_axes() {
    for (entry const& e : over_unseen_) {
      bool known = is_axis_of_array(e.axis);
      for (token const& t : out_.tokens)
        known = known || ((t.what == token::step::position || t.what == token::step::inside) && t.name == e.axis);
      if (!known) return static_cast<void>(fail(parse_fault::axis_of_none, e.position, e.axis));
    }
  }

 private:
  constexpr bool is_axis_of_array(std::string_view axis) const {
    for (std::string_view known : out_.axes)
      if (known == axis) return true;
    return false;
  }

  /// Arrays may come later in the text, so what is not known is looked at again at the end.
  constexpr void look_for_axis(entry const& function) {
    if (is_axis_of_array(function.axis) || over_unseen_.size() > max_axes) return;
    for (entry const& e : over_unseen_)
      if (e.axis == function.axis) return;
    over_unseen_.push_back(function);
  }

  sequence<entry> over_unseen_;

 protected:
  sequence<entry> pending_;
  int depth_ = 0;
};

}  // namespace ddx::detail

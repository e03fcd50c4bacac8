// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The parser: the text of a formula enters, its postfix tokens and literals leave, or what is wrong with it and where.
// It runs inside the compiler and at run time alike, which is why it is not made with a parsing library: none works in
// constant expressions. It keeps its own stack, so that text of any depth is read or refused, and never overflows the
// machine's.
//
//   formula      or, and, not, comparisons (a < b < c is a < b and b < c), + -, * /, - +, ^ or **, from loose to tight;
//                ^ groups from the right, all other from the left; -x^2 is -(x^2), 2^-x is 2^(-x)
//   operand      number, variable, `variable of any name`, pi, e, inf, nan, (formula), function(formula, …),
//                reduction[axis](formula, …), size[axis], recurrence[axis - 1](a, b), position[axis], inside[axis + 1],
//                array[axis, …] (the axes may be left out once they are known); behind an operand [axis + 1] and
//                [axis - 1] are its neighbours along an axis, also as array[axis + 1, …]
#pragma once

#include "../graph/decimal.hpp"
#include "callable.hpp"
#include "name_table.hpp"
#include "operator_stack.hpp"
#include "parsed_text.hpp"

namespace ddx::detail {

class parser : operator_stack {
 public:
  constexpr parser(std::string_view source, declaration const* declared, int declared_count, callable const* more,
                   int more_count)
      : operator_stack(source), more_(more), more_count_(more_count) {
    for (int i = 0; i < declared_count; ++i) {
      int const first = out_.axes.size();
      for (int k = 0; k < declared[i].rank; ++k) out_.axes.push_back(declared[i].axes[k]);
      names_.add(declared[i].name, first, declared[i].rank);
    }
    declared_count_ = declared_count;
  }

  constexpr parsed_text run() {
    if (text_.size() > max_formula_text) fail(parse_fault::too_long, max_formula_text);
    bool wants_operand = true;
    skip();
    while (good() && (at_ < text_.size() || wants_operand)) {
      if (wants_operand) wants_operand = read_operand();
      else wants_operand = read_operator();
      skip();
    }
    if (good()) reduce_above(0);
    if (good() && !pending_.empty()) fail(parse_fault::closing, text_.size());
    if (good()) check_axes();
    return std::move(out_);
  }

 private:
  // ---- operands; each answers whether an operand is still wanted

  constexpr bool read_operand() {
    char const c = peek();
    std::size_t const begin = at_;
    if (at_ >= text_.size()) return fail(parse_fault::operand, at_);
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return read_number();
    if (c == '(') {
      ++at_;
      return push_open({.kind = open::parenthesis, .position = begin});
    }
    if (c == '-') {
      ++at_;
      return push({.id = id_of<negate_>, .binds = signing, .position = begin});
    }
    if (c == '+') return ++at_, true;
    if (follows("not") || (c == '!' && peek(1) != '=')) {
      at_ += c == '!' ? 1 : 3;
      return push({.id = id_of<not_>, .binds = c == '!' ? signing : negation, .position = begin});
    }
    if (c == name_quote) return read_quoted();
    if (begins_name(c) && !follows("and") && !follows("or")) return read_named();
    bool const known = c == ')' || c == ',' || c == ']' || follows("and") || follows("or") || is_infix();
    return fail(known ? parse_fault::operand : parse_fault::character, begin);
  }

  constexpr bool read_number() {
    std::size_t const begin = at_;
    bool whole = true;
    while (is_digit(peek())) ++at_;
    if (peek() == '.') {
      whole = false;
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    if (peek() == 'e' || peek() == 'E') {
      std::size_t const sign = peek(1) == '-' || peek(1) == '+' ? 2 : 1;
      if (is_digit(peek(sign))) {
        whole = false;
        at_ += sign;
        while (is_digit(peek())) ++at_;
      }
    }
    double const value = nearest_double(text_.substr(begin, at_ - begin));
    if (value == std::numeric_limits<double>::infinity()) return fail(parse_fault::too_large, begin);
    return push_literal(value, whole);
  }

  constexpr bool read_named() {
    std::size_t const begin = at_;
    std::string_view const name = read_name();
    skip();
    if (peek() == '(') {
      callable const* const function = find(name, false);
      if (function == nullptr) return fail(parse_fault::unknown_function, begin, name);
      ++at_;
      return push_open({.id = function->id,
                        .op = function->op,
                        .kind = open::call,
                        .arity = function->arity,
                        .name = name,
                        .position = begin});
    }
    int const known = names_.find(name);
    if (peek() == '[' && known < 0) {
      if (name == inside_::name) return read_inside(begin);
      if (name == extent_::name) return read_along_axis(token::step::extent);
      if (name == position_::name) return read_along_axis(token::step::position);
      if (callable const* const reduction = find(name, true)) return read_reduction(*reduction, begin);
    }
    if (peek() == '[') return read_array(name, known, begin);
    if (known >= 0 && known < declared_count_) return push_symbol(known);
    if (name == pi_::name) return push_apply(id_of<pi_>);
    if (name == "e") return push_literal(1, true), push_apply(id_of<exp_>);
    if (name == "inf") return push_literal(std::numeric_limits<double>::infinity(), false);
    if (name == "nan") return push_literal(std::numeric_limits<double>::quiet_NaN(), false);
    if (known >= 0) return push_symbol(known);
    return push_symbol(names_.add(name, out_.axes.size(), 0));
  }

  /// A name between quotes is a variable or an array, whatever it says.
  constexpr bool read_quoted() {
    std::size_t const begin = at_, end = text_.find(name_quote, begin + 1);
    if (end == text_.npos || end == begin + 1)
      return fail(parse_fault::closing_name, end == text_.npos ? text_.size() : end);
    std::string_view const name = text_.substr(begin + 1, end - begin - 1);
    at_ = end + 1;
    skip();
    int const known = names_.find(name);
    if (peek() == '[') return read_array(name, known, begin);
    return push_symbol(known >= 0 ? known : names_.add(name, out_.axes.size(), 0));
  }

  constexpr bool read_along_axis(token::step what) {
    ++at_;
    std::string_view const axis = read_axis();
    if (good() && !take(']')) return fail(parse_fault::closing_axis, at_);
    return push_token({.what = what, .name = axis});
  }

  /// inside[axis + 1]; with axes alone it is an array of this name.
  constexpr bool read_inside(std::size_t begin) {
    ++at_;
    std::string_view const axis = read_axis();
    double offset = 0;
    if (!good() || !read_offset(offset)) return false;
    if (offset == 0 || !take(']')) return good() && (at_ = begin, read_array_from(begin));
    return push_index(token::step::inside, axis, offset);
  }

  /// [axis + 1] behind an operand.
  constexpr bool read_index(std::size_t begin) {
    ++at_;
    std::string_view const axis = read_axis();
    double offset = 0;
    if (!good() || !read_offset(offset)) return false;
    if (!take(']')) return fail(parse_fault::closing_axis, at_);
    if (offset == 0) return fail(parse_fault::operators, begin);
    push_index(token::step::shift, axis, offset);
    return false;
  }

  constexpr bool read_reduction(callable const& reduction, std::size_t begin) {
    ++at_;
    std::string_view const axis = read_axis();
    double offset = 0;
    if (reduction.kind == role::scan) {
      if (!good() || !read_offset(offset)) return false;
      if (offset != 1 && offset != -1) return fail(parse_fault::neighbour, at_);
    }
    if (good() && !take(']')) {
      // array[i, j] of a name that is a reduction's too
      return peek() == ',' ? (at_ = begin, read_array_from(begin)) : fail(parse_fault::closing_axis, at_);
    }
    skip();
    if (peek() != '(') return good() && (at_ = begin, read_array_from(begin));
    ++at_;
    return push_open({.id = reduction.id,
                      .op = reduction.op,
                      .kind = open::reduction,
                      .arity = reduction.arity,
                      .name = reduction.name,
                      .axis = axis,
                      .offset = offset,
                      .position = begin});
  }

  constexpr bool read_array_from(std::size_t begin) {
    std::string_view const name = read_name();
    skip();
    return read_array(name, names_.find(name), begin);
  }

  constexpr bool read_array(std::string_view name, int known, std::size_t begin) {
    ++at_;
    int const first = out_.axes.size();
    double offsets[max_rank]{};
    bool moved = false;
    do {
      int const rank = out_.axes.size() - first;
      if (rank == max_rank) return fail(parse_fault::rank, at_, name);
      std::string_view const axis = read_axis();
      std::size_t const place = at_ - axis.size();
      for (int i = first; i < out_.axes.size(); ++i)
        if (good() && out_.axes[i] == axis) return fail(parse_fault::axis_twice, place, name);
      out_.axes.push_back(axis);
      if (good() && !read_offset(offsets[rank])) return false;
      moved = moved || offsets[rank] != 0;
    } while (good() && take(','));
    if (!good()) return false;
    if (!take(']')) return fail(parse_fault::closing_axis, at_);
    skip();
    if (known < 0 && peek() == '(') return fail(parse_fault::not_over_axis, begin, name);
    int const rank = out_.axes.size() - first;
    if (known < 0) known = names_.add(name, first, rank);
    int const whole = names_[known].rank;
    bool same = whole == rank || (moved && rank < whole);  // x[i + 1] of an x whose axes are known names some of them
    for (int i = 0; same && i < rank; ++i)
      same = whole == rank ? out_.axes[names_[known].first + i] == out_.axes[first + i]
                           : has_axis(known, out_.axes[first + i]);
    if (!same) return fail(parse_fault::axes_differ, begin, name);
    push_symbol(known);
    for (int i = 0; i < rank; ++i)
      if (offsets[i] != 0) push_index(token::step::shift, out_.axes[first + i], offsets[i]);
    if (names_[known].first != first) out_.axes.resize(first);
    return false;
  }

  constexpr bool has_axis(int known, std::string_view axis) const {
    for (int i = 0; i < names_[known].rank; ++i)
      if (out_.axes[names_[known].first + i] == axis) return true;
    return false;
  }

  // ---- after an operand

  constexpr bool read_operator() {
    std::size_t const begin = at_;
    char const c = peek();
    if (c == ')') {
      ++at_;
      return close(begin);
    }
    if (c == ',') {
      ++at_;
      return comma(begin);
    }
    for (symbol const& s : infix)
      if (follows(s.text)) {
        at_ += s.text.size();
        return push_infix(s, begin);
      }
    if (c == '[') return read_index(begin);
    if (c == '=') return fail(parse_fault::equality, begin);
    if (is_digit(c) || begins_name(c) || c == name_quote || c == '(' || c == ']' || c == '!' || c == '.')
      return fail(innermost() < 0 ? parse_fault::operators : parse_fault::closing, begin);
    return fail(parse_fault::character, begin);
  }

  constexpr bool push_symbol(int known) {
    name_table::entry const& n = names_[known];
    return push_token({.what = token::step::symbol, .count = n.rank, .name = n.name}, n.first);
  }

  constexpr callable const* find(std::string_view name, bool reduction) const {
    for (int i = 0; i < more_count_; ++i)
      if (more_[i].name == name && (more_[i].kind == role::reduction) == reduction) return &more_[i];
    for (callable const& c : all_callables)
      if (c.name == name && c.arity > 0 &&
          (reduction ? c.kind == role::reduction || c.kind == role::scan : c.kind == role::elementwise))
        return &c;
    return nullptr;
  }

  callable const* more_;
  int more_count_;
  int declared_count_ = 0;
  name_table names_;
};

/// The tokens of a text. Names are views into the text and the declarations; `axes` of the tokens are not set yet.
constexpr parsed_text parse_tokens(std::string_view source, declaration const* declared = nullptr,
                                   int declared_count = 0, callable const* more = nullptr, int more_count = 0) {
  return parser(source, declared, declared_count, more, more_count).run();
}

}  // namespace ddx::detail

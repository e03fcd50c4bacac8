// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The characters of a formula enter; words, names, axes and offsets leave one after the other, or what is wrong with
// them.
#pragma once

#include "name.hpp"
#include "parsed_text.hpp"

namespace ddx::detail {

/// Reads a text from left to right. What is wrong is kept once: where parsing goes on after it does not matter.
class scanner {
 protected:
  constexpr explicit scanner(std::string_view source) : text_(source) {}

  constexpr bool good() const { return out_.problem.fault == parse_fault::none; }

  constexpr bool fail(parse_fault fault, std::size_t position, std::string_view name = {}, int expected = 0) {
    if (good()) out_.problem = {fault, position, name, expected};
    return false;
  }

  static constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  constexpr char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  constexpr void skip() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  constexpr bool take(char c) {
    skip();
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  constexpr std::string_view read_name() {
    std::size_t const begin = at_;
    while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  /// Whether the text goes on with a symbol; words must end where they end.
  constexpr bool follows(std::string_view word) const {
    if (text_.substr(at_, word.size()) != word) return false;
    return !begins_name(word[0]) || !continues_name(peek(word.size()));
  }

  constexpr std::string_view read_axis() {
    skip();
    std::size_t const begin = at_;
    if (!begins_name(peek())) fail(parse_fault::axis, begin);
    return read_name();
  }

  /// ` + 1` or ` - 1` behind the name of an axis, or nothing. Answers whether it is well written.
  constexpr bool read_offset(double& offset) {
    skip();
    if (peek() != '+' && peek() != '-') return true;
    double const sign = peek() == '-' ? -1 : 1;
    ++at_;
    skip();
    if (!is_digit(peek())) return fail(parse_fault::offset, at_);
    for (; is_digit(peek()); ++at_) {
      offset = 10 * offset + (peek() - '0');
      if (offset > largest_offset) return fail(parse_fault::offset, at_);
    }
    offset *= sign;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  parsed_text out_;
};

}  // namespace ddx::detail

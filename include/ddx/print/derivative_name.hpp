// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The names of a function and of the variables it is differentiated by enter, the name of the derivative leaves.
#pragma once

#include "format.hpp"
#include "identifier.hpp"
#include "latex_name.hpp"

namespace ddx::detail {

class derivative_name_printer {
 public:
  constexpr derivative_name_printer(std::string_view f, std::string_view const* variables, int count, format style,
                                    characters& out)
      : f_(f), variables_(variables), count_(count), style_(style), out_(out) {}

  constexpr void run() {
    if (count_ == 0) return write_name(f_);
    bool const cpp = style_ == format::cpp;
    if (style_ == format::latex) out_.append("\\frac{");
    write_sign();
    write_order(count_);
    if (style_ == format::latex) out_.push(' ');
    write_name(f_);
    out_.append(style_ == format::latex ? "}{" : cpp ? "_" : "/");
    bool const several = count_ > 1 && count_ != equal_from(0);
    bool const parentheses = style_ == format::text && several;
    if (parentheses) out_.push('(');
    for (int i = 0; i < count_;) {
      int const equal = equal_from(i);
      if (i > 0) out_.append(style_ == format::latex ? " " : cpp ? "_" : style_ == format::unicode ? "" : "*");
      write_sign();
      if (style_ == format::latex) out_.push(' ');
      write_name(variables_[i]);
      write_order(equal);
      i += equal;
    }
    if (parentheses) out_.push(')');
    if (style_ == format::latex) out_.push('}');
  }

 private:
  /// How many variables from here on are the same.
  constexpr int equal_from(int first) const {
    int end = first + 1;
    while (end < count_ && variables_[end] == variables_[first]) ++end;
    return end - first;
  }

  constexpr void write_name(std::string_view name) {
    if (style_ == format::latex) latex_name(name, out_);
    else if (style_ == format::cpp) write_identifier(name, out_);
    else out_.append(name);
  }

  constexpr void write_sign() {
    out_.append(style_ == format::latex ? "\\partial" : style_ == format::unicode ? "∂" : "d");
  }

  constexpr void write_order(int order) {
    if (order == 1) return;
    if (style_ == format::unicode) {
      write_raised(order);
      return;
    }
    if (style_ == format::text) out_.push('^');
    if (style_ == format::latex) out_.append("^{");
    out_.append_whole(order);
    if (style_ == format::latex) out_.push('}');
  }

  constexpr void write_raised(int number) {
    if (number >= 10) write_raised(number / 10);
    out_.append(raised_digits[number % 10]);
  }

  std::string_view f_;
  std::string_view const* variables_;
  int count_;
  format style_;
  characters& out_;
};

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Names of inputs and axes, offsets and constants enter; their texts in a format leave, kept for as often as they are
// written.
#pragma once

#include <bit>
#include <limits>

#include "../formula/name.hpp"
#include "../graph/number.hpp"
#include "../primitive/primitive.hpp"
#include "characters.hpp"
#include "format.hpp"
#include "latex_name.hpp"

namespace ddx::detail {

/// A part of the texts that are kept.
struct text_span {
  int begin = 0, end = 0;
};

/// What a node's consumers must know of its text.
struct text_shape {
  precedence binds = precedence::atom;
  bool minus = false;    // a minus in front of a product: may open a longer product, binds like a sum
  bool open = false;     // ends in the operand of a sum over an axis, which would take what follows as well
  bool integer = false;  // an integer in C++
  char first = 0, last = 0;
  text_span constant{};
};

/// Keeps the texts of names and numbers, which are written wherever they are used.
class kept_texts {
 public:
  constexpr explicit kept_texts(format style) : style_(style) {}

  constexpr std::string_view view(text_span range) const { return kept_.between(range.begin, range.end); }
  constexpr char operator[](int at) const { return kept_[at]; }

  constexpr text_span name(std::string_view name) {
    int const begin = kept_.size();
    if (style_ == format::latex) latex_name(name, kept_);
    else kept_.append(name);
    return kept_since(begin);
  }

  constexpr text_span symbol(input const& declared) {
    int const begin = kept_.size();
    if (!declared.is_slot()) {
      bool const quoted = style_ == format::text && !is_plain_name(declared.name);
      if (quoted) kept_.push(name_quote);
      name(declared.name);
      if (quoted) kept_.push(name_quote);
      return kept_since(begin);
    }
    kept_.append(style_ == format::latex ? "\\#" : "#");
    kept_.append_whole(declared.slot + 1);
    return kept_since(begin);
  }

  /// ` + 1`, ` - 2`.
  constexpr text_span offset(double offset) {
    int const begin = kept_.size();
    kept_.append(offset < 0 ? " - " : " + ");
    keep_number(offset < 0 ? -offset : offset);
    return kept_since(begin);
  }

  constexpr text_shape constant(rational c) {
    double const above = c.numerator;
    bool const nan = above != above;
    text_shape result;
    result.minus = !nan && std::bit_cast<std::uint64_t>(above) >> 63 != 0;
    int const begin = kept_.size();
    if (nan || exact::magnitude(above) == std::numeric_limits<double>::infinity()) {
      if (result.minus) kept_.push('-');
      keep_special(nan);
    } else if (c.denominator == 1) {
      bool const scientific = keep_number(above);
      if (scientific) result.binds = precedence::product;
      result.integer = style_ == format::cpp && is_integer_text(kept_.between(begin, kept_.size()));
      if (result.integer && above == 0 && result.minus) {  // -0 is an integer without sign
        kept_.append(".0");
        result.integer = false;
      }
    } else if (style_ == format::latex) {
      if (result.minus) kept_.push('-');
      kept_.append("\\frac{");
      keep_number(result.minus ? -above : above);
      kept_.append("}{");
      keep_number(c.denominator);
      kept_.push('}');
      result.binds = precedence::sign;
    } else {
      keep_number(above);
      // In C++ the quotient of two integers is an integer.
      if (style_ == format::cpp && is_integer_text(kept_.between(begin, kept_.size()))) kept_.append(".0");
      kept_.push('/');
      keep_number(c.denominator);
      result.binds = precedence::product;
    }
    if (result.minus) result.binds = precedence::sum;
    result.constant = kept_since(begin);
    return result;
  }

 private:
  constexpr text_span kept_since(int begin) const { return {begin, kept_.size()}; }

  constexpr void keep_special(bool nan) {
    if (style_ == format::cpp)
      kept_.append(nan ? "std::numeric_limits<double>::quiet_NaN()" : "std::numeric_limits<double>::infinity()");
    else if (nan) kept_.append(style_ == format::latex ? "\\mathrm{NaN}" : "nan");
    else kept_.append(style_ == format::latex ? "\\infty" : style_ == format::unicode ? "∞" : "inf");
  }

  /// Answers whether the number became a product with a power of ten, as in LaTeX.
  constexpr bool keep_number(double value) {
    number_text const written(value);
    std::string_view const digits = written.view();
    std::size_t const e = digits.find('e');
    if (style_ != format::latex || e == digits.npos) {
      kept_.append(digits);
      return false;
    }
    kept_.append(digits.substr(0, e));
    kept_.append(" \\cdot 10^{");
    if (digits[e + 1] == '-') kept_.push('-');
    kept_.append(digits.substr(digits[e + 2] == '0' ? e + 3 : e + 2));
    kept_.push('}');
    return true;
  }

  static constexpr bool is_integer_text(std::string_view digits) {
    for (char c : digits)
      if (!is_digit(c) && c != '-') return false;
    return true;
  }

  format style_;
  characters kept_;
};

}  // namespace ddx::detail

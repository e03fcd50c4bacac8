// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The name of a variable or an axis enters, what LaTeX's mathematics mode sets as that name leaves.
#pragma once

#include "characters.hpp"

namespace ddx::detail {

/// x is x, alpha is \alpha, rate is \mathrm{rate}; what follows an underscore after one letter, or digits at the end, is an
/// index: x_max is x_{\mathrm{max}}, x1 is x_{1}, learning_rate2 is \mathrm{learning\_rate}_{2}.
class latex_name {
 public:
  constexpr latex_name(std::string_view name, characters& out) : out_(out) {
    std::size_t const bar = name.find('_');
    if (bar != name.npos && bar + 1 < name.size() && is_symbol(name.substr(0, bar))) {
      write_head(name.substr(0, bar));
      write_index(name.substr(bar + 1));
      return;
    }
    std::size_t digits = name.size();
    while (digits > 1 && is_digit(name[digits - 1])) --digits;
    std::string_view head = name.substr(0, digits);
    if (digits < name.size() && head.size() > 1 && head.back() == '_') head.remove_suffix(1);
    write_head(head);
    if (digits < name.size()) write_index(name.substr(digits));
  }

 private:
  // Not pi, which is the number.
  static constexpr std::string_view greek[]{
      "alpha", "beta",  "gamma", "delta",  "epsilon", "zeta", "eta",     "theta",   "iota", "kappa", "lambda",
      "mu",    "nu",    "xi",    "rho",    "sigma",   "tau",  "upsilon", "phi",     "chi",  "psi",   "omega",
      "Gamma", "Delta", "Theta", "Lambda", "Xi",      "Pi",   "Sigma",   "Upsilon", "Phi",  "Psi",   "Omega"};

  static constexpr bool is_greek(std::string_view name) {
    for (std::string_view letter : greek)
      if (letter == name) return true;
    return false;
  }
  /// One letter, of whatever alphabet: all bytes of a letter beyond ASCII but its first are 10xxxxxx.
  static constexpr bool is_letter_alone(std::string_view name) {
    if (name.empty()) return false;
    for (std::size_t i = 1; i < name.size(); ++i)
      if ((static_cast<unsigned char>(name[i]) & 0xC0) != 0x80) return false;
    return true;
  }
  static constexpr bool is_symbol(std::string_view name) { return is_letter_alone(name) || is_greek(name); }

  constexpr void write_head(std::string_view name) {
    if (is_greek(name)) {
      out_.push('\\');
      out_.append(name);
    } else {
      write_upright(name);
    }
  }

  /// The index of x_1_2 is 1,2.
  constexpr void write_index(std::string_view index) {
    out_.append("_{");
    if (index.find_first_not_of("0123456789_") == index.npos) {
      for (char c : index) out_.push(c == '_' ? ',' : c);
    } else {
      write_head(index);
    }
    out_.push('}');
  }

  constexpr void write_upright(std::string_view name) {
    if (!is_letter_alone(name)) out_.append("\\mathrm{");
    for (char c : name) write_escaped(c);
    if (!is_letter_alone(name)) out_.push('}');
  }

  constexpr void write_escaped(char c) {
    switch (c) {
      case '\\': out_.append("\\backslash "); return;
      case '^': out_.append("\\wedge "); return;
      case '~': out_.append("\\sim "); return;
      case '#':
      case '$':
      case '%':
      case '&':
      case '_':
      case '{':
      case '}':
      case ' ': out_.push('\\'); [[fallthrough]];
      default: out_.push(c);
    }
  }

  characters& out_;
};

}  // namespace ddx::detail

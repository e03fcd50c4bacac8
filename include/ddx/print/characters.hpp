// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Pieces of text enter, one text of bounded size leaves: the memory that printers write to, in constant expressions too.
#pragma once

#include <string_view>

#include "../error.hpp"
#include "../graph/sequence.hpp"

namespace ddx::detail {

inline constexpr int max_text = 64 << 20;

class characters {
 public:
  constexpr void push(char c) {
    if (text_.size() == max_text)
      throw error("ddx::print: the text of this formula is longer than 64 MB; print its parts");
    text_.push_back(c);
  }
  constexpr void append(std::string_view more) {
    for (char c : more) push(c);
  }
  /// What stands at [begin, end) once more.
  constexpr void repeat(int begin, int end) {
    for (int i = begin; i < end; ++i) push(text_[i]);
  }
  constexpr void append_whole(int number) {
    if (number >= 10) append_whole(number / 10);
    push(static_cast<char>('0' + number % 10));
  }

  constexpr int size() const { return text_.size(); }
  constexpr char operator[](int i) const { return text_[i]; }
  constexpr std::string_view view() const { return {text_.data(), static_cast<std::size_t>(text_.size())}; }
  constexpr std::string_view between(int begin, int end) const {
    return {text_.data() + begin, static_cast<std::size_t>(end - begin)};
  }

 private:
  sequence<char> text_;
};

inline constexpr std::string_view raised_digits[]{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace ddx::detail

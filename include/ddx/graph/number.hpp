// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A double enters, the shortest decimal text that reads back as the same double leaves: in constant expressions too, where no
// library writes one. The text is that of fmt's `{}`.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "decimal.hpp"

namespace ddx::detail {

/// The text of a number that is finite.
class number_text {
 public:
  constexpr explicit number_text(double value) {
    auto const bits = std::bit_cast<std::uint64_t>(value);
    if (bits >> 63) push('-');
    double const size = bits >> 63 ? -value : value;
    if (size < 9007199254740992.0 && static_cast<double>(static_cast<std::uint64_t>(size)) == size)
      write_whole(static_cast<std::uint64_t>(size));
    else write(bits & ~(std::uint64_t{1} << 63));
  }

  constexpr std::string_view view() const { return {characters_, static_cast<std::size_t>(count_)}; }

 private:
  constexpr void push(char c) { characters_[count_++] = c; }

  constexpr void write_whole(std::uint64_t whole) {
    char reversed[20]{};
    int count = 0;
    do reversed[count++] = static_cast<char>('0' + whole % 10);
    while ((whole /= 10) != 0);
    while (count > 0) push(reversed[--count]);
  }

  constexpr void write(std::uint64_t bits) {
    find_digits(bits);
    int const last = point_ - 1;  // the exponent of ten of the first digit
    if (last < -4 || last >= 16) {
      write_digits(0, 1);
      if (digit_count_ > 1) push('.');
      write_digits(1, digit_count_);
      push('e');
      push(last < 0 ? '-' : '+');
      auto const size = static_cast<std::uint64_t>(last < 0 ? -last : last);
      if (size < 10) push('0');
      write_whole(size);
    } else if (point_ <= 0) {
      push('0');
      push('.');
      for (int i = point_; i < 0; ++i) push('0');
      write_digits(0, digit_count_);
    } else {
      write_digits(0, point_ < digit_count_ ? point_ : digit_count_);
      for (int i = digit_count_; i < point_; ++i) push('0');
      if (point_ < digit_count_) push('.');
      write_digits(point_, digit_count_);
    }
  }

  constexpr void write_digits(int first, int end) {
    for (int i = first; i < end; ++i) push(digits_[i]);
  }

  /// Burger and Dybvig, Printing floating-point numbers quickly and accurately (1996), free-format: the digits of above/below
  /// until they are nearer to the number than half the way to its neighbours, which is low/below and high/below.
  constexpr void find_digits(std::uint64_t bits) {
    std::uint64_t const fraction = bits & ((std::uint64_t{1} << 52) - 1);
    int const biased = static_cast<int>(bits >> 52);
    std::uint64_t const mantissa = biased == 0 ? fraction : fraction | std::uint64_t{1} << 52;
    int const exponent = (biased == 0 ? 1 : biased) - 1075;
    bool const closer_below = fraction == 0 && biased > 1;  // a power of two: half as far to the neighbour below
    bool const even = mantissa % 2 == 0;                    // then readers round half the way to this number

    natural above(mantissa), below(1), low(1), high(1);
    int const scale = closer_below ? 2 : 1;
    above.shift_left(scale + (exponent > 0 ? exponent : 0));
    below.shift_left(scale + (exponent < 0 ? -exponent : 0));
    low.shift_left(exponent > 0 ? exponent : 0);
    high.shift_left((exponent > 0 ? exponent : 0) + (closer_below ? 1 : 0));

    // The estimate of the decimal exponent is right or one too small.
    double const size = (exponent + static_cast<int>(std::bit_width(mantissa)) - 1) * 0.30102999566398120 - 1e-10;
    point_ = static_cast<int>(size) + (size > static_cast<int>(size) ? 1 : 0);
    if (point_ >= 0) {
      below.multiply_by_power_of_ten(point_);
    } else {
      above.multiply_by_power_of_ten(-point_);
      low.multiply_by_power_of_ten(-point_);
      high.multiply_by_power_of_ten(-point_);
    }
    bool raised = reaches(above, high, below, even);
    if (raised) ++point_;

    while (true) {
      if (!raised) {
        above.multiply_add(10, 0);
        low.multiply_add(10, 0);
        high.multiply_add(10, 0);
      }
      raised = false;
      int digit = 0;
      for (; !(above < below); ++digit) above.subtract(below);
      bool const down = above < low || (even && !(low < above)), up = reaches(above, high, below, even);
      if (down || up) {
        if (up && (!down || nearer_to_next(above, below, digit))) ++digit;
        push_digit(digit);
        return;
      }
      push_digit(digit);
    }
  }

  /// above + high > below, or equal to it where that counts.
  static constexpr bool reaches(natural const& above, natural const& high, natural below, bool or_equal) {
    if (below < above) return true;
    below.subtract(above);
    return below < high || (or_equal && !(high < below));
  }

  /// Whether the rest above/below of the last digit is over a half; a tie goes to the even digit.
  static constexpr bool nearer_to_next(natural above, natural const& below, int digit) {
    above.shift_left(1);
    return below < above || (digit % 2 == 1 && !(above < below));
  }

  constexpr void push_digit(int digit) { digits_[digit_count_++] = static_cast<char>('0' + digit); }

  char characters_[32]{};
  char digits_[20]{};
  int count_ = 0, digit_count_ = 0;
  int point_ = 0;  // the decimal point stands after so many digits
};

}  // namespace ddx::detail

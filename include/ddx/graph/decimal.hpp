// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Decimal digits enter, the nearest double leaves: in constant expressions too, where the standard library's reader does not work.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <string_view>

#include "sequence.hpp"

namespace ddx::detail {

/// A natural number of any size, in words of 32 bits, the lowest first.
class natural {
 public:
  constexpr natural() = default;
  constexpr explicit natural(std::uint64_t value) {
    for (; value != 0; value >>= 32) words_.push_back(static_cast<std::uint32_t>(value));
  }

  constexpr bool zero() const { return words_.empty(); }
  constexpr int bits() const {
    return words_.empty() ? 0 : 32 * (words_.size() - 1) + static_cast<int>(std::bit_width(words_.back()));
  }

  /// this * factor + summand.
  constexpr void multiply_add(std::uint32_t factor, std::uint32_t summand) {
    std::uint64_t carry = summand;
    for (std::uint32_t& word : words_) {
      carry += std::uint64_t{word} * factor;
      word = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) words_.push_back(static_cast<std::uint32_t>(carry));
  }

  constexpr void multiply_by_power_of_ten(int exponent) {
    for (; exponent >= 9; exponent -= 9) multiply_add(1000000000, 0);
    for (; exponent > 0; --exponent) multiply_add(10, 0);
  }

  constexpr void shift_left(int count) {
    int const whole = count / 32, part = count % 32;
    if (zero()) return;
    sequence<std::uint32_t> shifted(words_.size() + whole + 1, 0);
    for (int i = 0; i < words_.size(); ++i) {
      std::uint64_t const word = std::uint64_t{words_[i]} << part;
      shifted[i + whole] |= static_cast<std::uint32_t>(word);
      shifted[i + whole + 1] = static_cast<std::uint32_t>(word >> 32);
    }
    words_ = shifted;
    trim();
  }

  constexpr bool operator<(natural const& other) const {
    if (words_.size() != other.words_.size()) return words_.size() < other.words_.size();
    for (int i = words_.size() - 1; i >= 0; --i)
      if (words_[i] != other.words_[i]) return words_[i] < other.words_[i];
    return false;
  }

  /// Takes off a number that is not larger.
  constexpr void subtract(natural const& other) {
    std::int64_t borrow = 0;
    for (int i = 0; i < words_.size(); ++i) {
      std::int64_t difference = std::int64_t{words_[i]} - (i < other.words_.size() ? other.words_[i] : 0) - borrow;
      borrow = difference < 0 ? 1 : 0;
      if (borrow) difference += std::int64_t{1} << 32;
      words_[i] = static_cast<std::uint32_t>(difference);
    }
    trim();
  }

 private:
  constexpr void trim() {
    while (!words_.empty() && words_.back() == 0) words_.pop_back();
  }

  sequence<std::uint32_t> words_;
};

/// above / below, rounded to the nearest double, ties to even.
constexpr double nearest_quotient(natural above, natural below) {
  if (above.zero()) return 0;
  // above = quotient * 2^scale * below with 2^53 <= quotient < 2^55, or fewer bits where the result is subnormal.
  int scale = above.bits() - below.bits() - 54;
  if (scale < -1075) scale = -1075;
  if (scale < 0) above.shift_left(-scale);
  else below.shift_left(scale);
  std::uint64_t quotient = 0;
  int shift = above.bits() - below.bits();
  if (shift < 0) shift = 0;
  natural divisor = below;
  divisor.shift_left(shift);
  for (; shift >= 0; --shift) {
    quotient <<= 1;
    if (!(above < divisor)) {
      above.subtract(divisor);
      quotient |= 1;
    }
    above.shift_left(1);  // instead of halving the divisor
  }
  bool const sticky = !above.zero();
  int dropped = std::bit_width(quotient) > 53 ? static_cast<int>(std::bit_width(quotient)) - 53 : 0;
  if (scale + dropped < -1074) dropped = -1074 - scale;
  std::uint64_t const rest = quotient & ((std::uint64_t{1} << dropped) - 1),
                      half = dropped ? std::uint64_t{1} << (dropped - 1) : 0;
  std::uint64_t mantissa = quotient >> dropped;
  if (dropped && (rest > half || (rest == half && (sticky || (mantissa & 1))))) ++mantissa;
  int exponent = scale + dropped;
  if (mantissa == std::uint64_t{1} << 53) {
    mantissa >>= 1;
    ++exponent;
  }
  if (mantissa == 0) return 0;
  if (exponent > 971) return std::numeric_limits<double>::infinity();
  bool const normal = mantissa >> 52 != 0;
  return std::bit_cast<double>(normal ? (mantissa & ((std::uint64_t{1} << 52) - 1)) |
                                            static_cast<std::uint64_t>(exponent + 1075) << 52
                                      : mantissa);
}

/// The nearest double to `digits`, of the form `12.5e-3`, which must be well-formed; infinity where it is too large.
constexpr double nearest_double(std::string_view digits) {
  constexpr double powers[]{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                            1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  constexpr int most_digits = 800;  // those after can decide nothing but a tie, which a last 1 stands for
  natural whole;
  std::uint64_t few = 0;
  int count = 0, exponent = 0;
  bool fraction = false, rest = false;
  std::size_t i = 0;
  for (; i < digits.size() && digits[i] != 'e' && digits[i] != 'E'; ++i) {
    if (digits[i] == '.') {
      fraction = true;
      continue;
    }
    auto const digit = static_cast<std::uint32_t>(digits[i] - '0');
    if (fraction) --exponent;
    if (count == 0 && digit == 0) continue;
    if (count == most_digits) {
      rest = rest || digit != 0;
      ++exponent;
      continue;
    }
    ++count;
    if (count <= 19) few = 10 * few + digit;
    if (count == 20) whole = natural(few);
    if (count >= 20) whole.multiply_add(10, digit);
  }
  if (i < digits.size()) {
    bool const negative = digits[i + 1] == '-';
    int written = 0;
    for (std::size_t k = i + 1 + (negative || digits[i + 1] == '+' ? 1 : 0); k < digits.size(); ++k)
      written = written < 100000 ? 10 * written + (digits[k] - '0') : written;
    exponent += negative ? -written : written;
  }
  if (count == 0) return 0;
  if (few <= std::uint64_t{1} << 53 && count <= 19 && exponent >= -22 && exponent <= 22)
    return exponent < 0 ? static_cast<double>(few) / powers[-exponent] : static_cast<double>(few) * powers[exponent];
  if (count + exponent > 310) return std::numeric_limits<double>::infinity();
  if (count + exponent < -330) return 0;
  if (count < 20) whole = natural(few);
  if (rest) {
    whole.multiply_add(10, 1);
    --exponent;
  }
  natural below(1);
  if (exponent >= 0) whole.multiply_by_power_of_ten(exponent);
  else below.multiply_by_power_of_ten(-exponent);
  return nearest_quotient(whole, below);
}

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Numbers enter; text leaves.
#include "number_text.hpp"

#include <fmt/format.h>

namespace ddx::command {
namespace {

std::string grouped_digits(std::string digits) {
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

}  // namespace

std::string grouped(double number) { return grouped_digits(fmt::format("{:.0f}", number)); }
std::string grouped(std::size_t count) { return grouped_digits(fmt::format("{}", count)); }

std::string extents(std::span<std::size_t const> shape) {
  std::string text;
  for (std::size_t const extent : shape) text += fmt::format("{}{}", text.empty() ? "" : " x ", extent);
  return text;
}

}  // namespace ddx::command

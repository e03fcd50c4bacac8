// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// fmt and reals: a real enters, its value as fmt writes doubles leaves.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "real.hpp"

namespace ddx::detail {

std::string formatted(double value, std::string_view specification);

}  // namespace ddx::detail

/// Takes the specifications of double. The text of one is kept and handed to the compiled fmt: the formatter of double
/// itself would ask every user of reals for fmt/format.h, twice the time of fmt/core.h.
template <>
struct fmt::formatter<ddx::real> {
  constexpr auto parse(format_parse_context& context) {
    auto const begin = context.begin();
    formatter<double> checker;
    auto const end = checker.parse(context);
    size_ = 0;
    if (end - begin > capacity - 3)
      throw_format_error("ddx::real: a format specification is at most 29 characters long");
    specification_[size_++] = '{';
    specification_[size_++] = ':';
    for (auto at = begin; at != end; ++at) {
      if (*at == '{')
        throw_format_error("ddx::real: a width or precision that is an argument is for value(), not for the real");
      specification_[size_++] = *at;
    }
    specification_[size_++] = '}';
    return end;
  }

  template <class Context>
  auto format(ddx::real const& x, Context& context) const {
    std::string const text = ddx::detail::formatted(x.value(), {specification_, static_cast<std::size_t>(size_)});
    return std::copy(text.begin(), text.end(), context.out());
  }

 private:
  [[noreturn]] static void throw_format_error(char const* sentence);

  static constexpr int capacity = 32;
  char specification_[capacity]{};
  int size_ = 0;
};

template <ddx::RealExpression Type>
struct fmt::formatter<Type, char, void> : fmt::formatter<ddx::real> {
  template <class Context>
  auto format(Type const& x, Context& context) const {
    return fmt::formatter<ddx::real>::format(ddx::real(x.value()), context);
  }
};

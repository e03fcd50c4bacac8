// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A name enters; whether the text of a formula reads it as a variable leaves: what the parser and the printer agree on.
#pragma once

#include <string_view>

namespace ddx::detail {

/// Names that text reads as something else than a variable.
inline constexpr std::string_view reserved_names[]{"and", "or", "not", "pi", "e", "inf", "nan"};

/// What stands around a name that is not plain: `e` is a variable, e is exp(1).
inline constexpr char name_quote = '`';

constexpr bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

/// Whether a name stands for itself in text. Bytes beyond ASCII count as letters: the parser refuses them, so they cannot be misread.
constexpr bool is_plain_name(std::string_view name) {
  auto const beyond = [](char c) { return static_cast<unsigned char>(c) >= 128; };
  if (name.empty() || !(begins_name(name[0]) || beyond(name[0]))) return false;
  for (char c : name)
    if (!continues_name(c) && !beyond(c)) return false;
  for (std::string_view reserved : reserved_names)
    if (name == reserved) return false;
  return true;
}

}  // namespace ddx::detail

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Text that can be a template argument: the names of variables, arrays and axes enter as literals and leave as types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ddx {

/// A string literal as a structural value, so that `var<"x">` names its variable in its type.
/// The characters have static storage once the text is a template argument.
template <std::size_t Size>
struct text {
  char characters[Size]{};

  constexpr text(char const (&literal)[Size]) {
    for (std::size_t i = 0; i < Size; ++i) characters[i] = literal[i];
  }
  constexpr explicit text(std::string_view name) {
    for (std::size_t i = 0; i + 1 < Size; ++i) characters[i] = name[i];
  }

  constexpr std::string_view view() const { return {characters, Size - 1}; }
};

/// Whether no two of the names are equal.
template <text... Names>
constexpr bool distinct_names() {
  std::string_view const names[sizeof...(Names) + 1]{Names.view()..., {}};
  for (std::size_t i = 0; i < sizeof...(Names); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (names[i] == names[k]) return false;
  return true;
}

/// FNV-1a: identifies names across translation units without relying on addresses.
constexpr std::uint32_t hash_of(std::string_view name) {
  std::uint32_t hash = 2166136261u;
  for (char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

}  // namespace ddx

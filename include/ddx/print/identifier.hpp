// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A name of any characters enters, an identifier of C++ leaves.
#pragma once

#include "characters.hpp"

namespace ddx::detail {

constexpr bool is_keyword(std::string_view word) {
  constexpr std::string_view keywords[]{
      "alignas",     "alignof",  "and",        "and_eq",    "asm",       "auto",         "bitand",
      "bitor",       "bool",     "break",      "case",      "catch",     "char",         "char16_t",
      "char32_t",    "char8_t",  "class",      "co_await",  "co_return", "co_yield",     "compl",
      "concept",     "const",    "const_cast", "consteval", "constexpr", "constinit",    "continue",
      "decltype",    "default",  "delete",     "do",        "double",    "dynamic_cast", "else",
      "enum",        "explicit", "export",     "extern",    "false",     "float",        "for",
      "friend",      "goto",     "if",         "inline",    "int",       "long",         "mutable",
      "namespace",   "new",      "noexcept",   "not",       "not_eq",    "nullptr",      "operator",
      "or",          "or_eq",    "private",    "protected", "public",    "register",     "reinterpret_cast",
      "requires",    "return",   "short",      "signed",    "sizeof",    "static",       "static_assert",
      "static_cast", "struct",   "switch",     "template",  "this",      "thread_local", "throw",
      "true",        "try",      "typedef",    "typeid",    "typename",  "union",        "unsigned",
      "using",       "virtual",  "void",       "volatile",  "wchar_t",   "while",        "xor",
      "xor_eq"};
  for (std::string_view keyword : keywords)
    if (keyword == word) return true;
  return false;
}

/// What no identifier has becomes an underscore; bytes beyond ASCII are letters, which compilers take.
constexpr void write_identifier(std::string_view name, characters& out) {
  if (name.empty() || is_digit(name[0])) out.push('_');
  for (char c : name) out.push(is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 128 ? c : '_');
  if (is_keyword(name)) out.push('_');
}

}  // namespace ddx::detail

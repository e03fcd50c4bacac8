// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The table of all records, for whatever ranges over them: the compiled printer, the parser, the tests of the laws.
#pragma once

#include "records.hpp"

namespace ddx {

namespace detail {

template <class... Records>
constexpr auto facts_of(std::tuple<Records...> const&) {
  return std::array<primitive const*, sizeof...(Records)>{&info<Records>...};
}

}  // namespace detail

/// The facts of every record.
inline constexpr auto all_primitives = detail::facts_of(all_records{});

/// The primitive with this id, null if there is none.
constexpr primitive const* find_primitive(unsigned id) {
  for (primitive const* p : all_primitives)
    if (p->id == id) return p;
  return nullptr;
}

}  // namespace ddx

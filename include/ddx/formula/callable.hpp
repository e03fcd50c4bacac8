// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The records of primitives enter; what a parser must know of each leaves: its name, its operands and whether it is
// over an axis.
#pragma once

#include <string_view>
#include <tuple>

#include "../primitive/records.hpp"

namespace ddx::detail {

/// What the parser must know of a primitive.
struct callable {
  std::string_view name{};
  primitive const* op = nullptr;  ///< null for those of the table, which are found by `id`
  unsigned id = 0;
  int arity = 0;
  role kind = role::elementwise;
};

template <class Record>
constexpr callable callable_of() {
  callable result{.name = Record::name, .id = hash_of(Record::name), .arity = record_arity<Record>};
  if constexpr (requires { Record::kind; }) result.kind = Record::kind;
  if constexpr (requires { Record::combine; })
    result.name = Record::text.pattern.substr(0, Record::text.pattern.find('['));
  return result;
}

template <class Records>
struct callables_of;
template <class... Records>
struct callables_of<std::tuple<Records...>> {
  static constexpr callable values[]{callable_of<Records>()...};
};

/// The primitives of the table by name, without their rules.
inline constexpr auto const& all_callables = callables_of<all_records>::values;

}  // namespace ddx::detail

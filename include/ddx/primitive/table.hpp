// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The table of all records, for whatever ranges over them: the compiled printer, the parser, the tests of the laws.
#pragma once

#include <tuple>

#include "reduction.hpp"

namespace ddx {

using leaf_records = std::tuple<constant_, input_, extent_, pi_>;
using elementwise_records =
    std::tuple<add_, subtract_, multiply_, divide_, negate_, pow_, square_, sqrt_, cbrt_, hypot_, abs_, sign_, min_,
               max_, relu_, exp_, expm1_, log_, log1p_, sin_, cos_, tan_, asin_, acos_, atan_, atan2_, sinh_, cosh_,
               tanh_, erf_, sigmoid_, softplus_, where_>;
using condition_records = std::tuple<less_, less_equal_, greater_, greater_equal_, equal_, not_equal_, and_, or_, not_>;
using reduction_records = std::tuple<sum_, mean_, max_over_>;
using all_records =
    decltype(std::tuple_cat(leaf_records{}, elementwise_records{}, condition_records{}, reduction_records{}));

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

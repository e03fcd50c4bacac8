// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The list of all records, as types: naming them here makes no code for their rules.
#pragma once

#include <tuple>

#include "scan.hpp"

namespace ddx {

using leaf_records = std::tuple<constant_, input_, extent_, position_, inside_, pi_>;
using elementwise_records =
    std::tuple<add_, subtract_, multiply_, divide_, negate_, pow_, square_, sqrt_, cbrt_, hypot_, abs_, sign_, min_,
               max_, relu_, exp_, expm1_, exp2_, log_, log1p_, log2_, log10_, sigmoid_, softplus_, logaddexp_, xlogy_,
               xlog1py_, sin_, cos_, tan_, sec_, csc_, cot_, asin_, acos_, atan_, atan2_, asec_, acsc_, acot_, sinh_,
               cosh_, tanh_, sech_, csch_, coth_, asinh_, acosh_, atanh_, asech_, acsch_, acoth_, floor_, ceil_, round_,
               trunc_, fmod_, clamp_, heaviside_, erf_, erfc_, erfinv_, erfcinv_, gamma_, lgamma_, digamma_, trigamma_,
               polygamma_, beta_, sinc_, sph_bessel_, j0_, j1_, jn_, y0_, y1_, yn_, i0_, i1_, in_, where_>;
using condition_records = std::tuple<less_, less_equal_, greater_, greater_equal_, equal_, not_equal_, and_, or_, not_>;
using reduction_records = std::tuple<sum_, mean_, max_over_, prod_, logsumexp_, norm_>;
using indexed_records = std::tuple<take_, shift_, recurrence_>;

namespace detail {

// By specialisations: calls would complete the tuples, which took g++ 12 and clang 19 0.1 s more.
template <class... Lists>
struct joined;
template <class... First, class... Second, class... Third, class... Fourth, class... Fifth>
struct joined<std::tuple<First...>, std::tuple<Second...>, std::tuple<Third...>, std::tuple<Fourth...>,
              std::tuple<Fifth...>> {
  using type = std::tuple<First..., Second..., Third..., Fourth..., Fifth...>;
};

template <class Records>
struct ids_of;
template <class... Records>
struct ids_of<std::tuple<Records...>> {
  static constexpr unsigned values[]{hash_of(Records::name)...};
};

}  // namespace detail

using all_records = typename detail::joined<leaf_records, elementwise_records, condition_records, reduction_records,
                                            indexed_records>::type;

/// Whether a primitive of this id is one of the library's own; the others are users'.
constexpr bool is_library_primitive(unsigned id) {
  for (unsigned known : detail::ids_of<all_records>::values)
    if (known == id) return true;
  return false;
}

}  // namespace ddx

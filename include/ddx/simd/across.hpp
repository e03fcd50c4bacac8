// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Vectors enter; what a reduction makes of their lanes leaves.
#pragma once

#include <limits>
#include <type_traits>
#include <utility>

#include "../primitive/elementary.hpp"
#include "pack.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::simd::inline DDX_ISA {

/// How a reduction combines, with its neutral element.
template <reducer Reducer>
struct combining;

template <>
struct combining<reducer::sum> {
  template <class Number>
  static constexpr Number neutral = Number(0);
  template <class Value>
  DDX_INLINE static constexpr Value apply(Value a, Value b) {
    return a + b;
  }
};

template <>
struct combining<reducer::max> {
  template <class Number>
  static constexpr Number neutral = -std::numeric_limits<Number>::infinity();
  template <class Value>
  DDX_INLINE static constexpr Value apply(Value a, Value b) {
    return max_::value(a, b);
  }
};

template <>
struct combining<reducer::product> {
  template <class Number>
  static constexpr Number neutral = Number(1);
  template <class Value>
  DDX_INLINE static constexpr Value apply(Value a, Value b) {
    return a * b;
  }
};

namespace detail {

/// Lane `i` of the lower (or upper) halves of the segments of length `segment` of two vectors, one vector after the
/// other.
constexpr int half_lane(int i, int lanes, int segment, bool upper) {
  int const half = segment / 2;
  int const which = i / half, within = i % half;  // which segment, where in it
  int const segments = lanes / segment;
  int const source = which < segments ? which * segment : lanes + (which - segments) * segment;
  return source + within + (upper ? half : 0);
}

template <reducer Reducer, int Segment, class Number>
DDX_INLINE pack<Number> merge(pack<Number> a, pack<Number> b) {
  constexpr int lanes = width<Number>;
  return [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
    pack<Number> const low = __builtin_shufflevector(a.v, b.v, half_lane(Is, lanes, Segment, false)...);
    pack<Number> const high = __builtin_shufflevector(a.v, b.v, half_lane(Is, lanes, Segment, true)...);
    return combining<Reducer>::apply(low, high);
  }(std::make_integer_sequence<int, lanes>{});
}

/// One vector whose first lanes are the results of `Count` vectors, in segments of length `Segment` that are still to
/// be folded.
template <reducer Reducer, int Count, int Segment, class Number>
DDX_INLINE pack<Number> fold(pack<Number> const* values) {
  if constexpr (Count > 1) {
    return [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
      pack<Number> const halves[]{merge<Reducer, Segment>(values[2 * Is], values[2 * Is + 1])...};
      return fold<Reducer, Count / 2, Segment / 2>(halves);
    }(std::make_integer_sequence<int, Count / 2>{});
  } else if constexpr (Segment > 1) {
    pack<Number> const halves[]{merge<Reducer, Segment>(values[0], values[0])};
    return fold<Reducer, 1, Segment / 2>(halves);
  } else {
    return values[0];
  }
}

}  // namespace detail

/// Combines each of `Count` vectors across its lanes: a tree of merges, by a transposition the cheapest way to do
/// several. The results are the first lanes. `Count` is a power of two and at most the number of lanes.
template <reducer Reducer, int Count, class Number>
DDX_INLINE pack<Number> across_each(pack<Number> const* values) {
  static_assert((Count & (Count - 1)) == 0 && Count <= width<Number>);
  return detail::fold<Reducer, Count, width<Number>>(values);
}

/// The result of combining all lanes.
template <reducer Reducer, class Number>
DDX_INLINE Number across(pack<Number> value) {
  return across_each<Reducer, 1>(&value)[0];
}

/// The lanes in double, combined to the lanes of one vector: what a long reduction adds up without losing small parts.
template <reducer Reducer, class Number>
DDX_INLINE pack<double> widened(pack<Number> value) {
  if constexpr (std::is_same_v<Number, double>) {
    return value;
  } else {
    return [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
      constexpr int half = width<double>;
      pack<double> const low = __builtin_convertvector(__builtin_shufflevector(value.v, value.v, Is...), double_vector);
      pack<double> const high =
          __builtin_convertvector(__builtin_shufflevector(value.v, value.v, (half + Is)...), double_vector);
      return combining<Reducer>::apply(low, high);
    }(std::make_integer_sequence<int, width<double>>{});
  }
}

}  // namespace ddx::simd::inline DDX_ISA

#pragma GCC diagnostic pop

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Vectors enter, functions of their lanes leave: what the records of primitives call by the names of <cmath>, and the
// records themselves.
//
// Within 4 units in the last place, subnormal numbers, infinities, NaN and the sign of zero included:
// docs/vector-mathematics.md has the figures.
#pragma once

#include "bits.hpp"
#include "exponential.hpp"
#include "library.hpp"
#include "rounding.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::simd::inline DDX_ISA {

/// Whether a record's value is computed of vectors; one of numbers only is called lane by lane.
template <class Record, class... Operands>
inline constexpr bool takes_vectors = requires(Operands... operands) { Record::value(operands...); };

/// The value of a record for vectors and truth values of vectors.
template <class Record, class... Operands>
DDX_INLINE auto value_of(Operands... operands) {
  if constexpr (takes_vectors<Record, Operands...>) return Record::value(operands...);
  else return by_lanes(Record::value, operands...);
}

}  // namespace ddx::simd::inline DDX_ISA

#pragma GCC diagnostic pop

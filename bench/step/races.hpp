// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Sizes enter; races of steps of learning on them leave, with what a double-precision reference says.
#pragma once

#include "../core/plan.hpp"

namespace bench {

/// The two classes of Fashion-MNIST that are told from each other, as far as `rows` goes.
template <class Element, class Number>
prepared_race linear_race(std::ptrdiff_t rows);

/// B and C.
template <class Number>
prepared_race network_race(std::ptrdiff_t rows);
template <class Number>
prepared_race classifier_race(std::ptrdiff_t rows);

template <class Number>
prepared_race square_race(std::ptrdiff_t size);

}  // namespace bench

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Numbers and places of programs enter; their texts in the sentences about anomalies leave.
#pragma once

#include <source_location>
#include <string>

namespace ddx::detail {

/// A number as fmt writes it, without the sign of a NaN, which means nothing.
std::string number_text(double number);

/// `, at main.cpp:12`; nothing for a place that is not known.
std::string place_text(std::source_location const& where, char const* preposition = "at");

/// Begins (1) or ends (-1) looking at each statement of this thread's tapes.
void watch_more(int change);

}  // namespace ddx::detail

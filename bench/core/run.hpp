// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A race enters; its contenders checked, their times round by round, leave.
#pragma once

#include <nlohmann/json.hpp>

#include "race.hpp"

namespace bench {

struct settings {
  int rounds = 31;
  double slot = 0.02;   ///< seconds that a contender runs in a round
  double limit = 20.0;  ///< seconds for all rounds of a contender; the slow ones run fewer rounds than others
};

/// Runs the race: everyone is checked against the reference, warmed up and then timed, in every round once and in an
/// order drawn anew. The baseline runs twice in every round, under two names.
nlohmann::json run(race& r, settings const& s);

/// A line for each contender.
std::string table(nlohmann::json const& result);

}  // namespace bench

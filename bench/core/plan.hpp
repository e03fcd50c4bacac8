// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The suites: each adds its races to a plan, without the data, which are made when a race is run and gone after it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "race.hpp"

namespace bench {

/// A race with the problem that it is about.
struct prepared_race {
  race r;
  std::shared_ptr<void const> owner;
};

struct planned_race {
  std::string suite, name;
  bool quick;  ///< whether it is part of a quick run
  std::function<prepared_race()> make;
};

using plan = std::vector<planned_race>;

void plan_step(plan& p);
void plan_functions(plan& p);
void plan_tape(plan& p);
void plan_symbolic(plan& p);
void plan_scaling(plan& p);

/// A race about a problem.
template <class Problem>
prepared_race about(Problem problem) {
  prepared_race result;
  auto owner = std::make_shared<Problem const>(std::move(problem));
  result.r.kind = Problem::kind;
  result.r.problem = owner.get();
  result.owner = std::move(owner);
  return result;
}

}  // namespace bench

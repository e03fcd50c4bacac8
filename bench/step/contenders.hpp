// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Classes that do steps enter, one for each kind of model; contenders in the races about such a model leave.
#pragma once

#include <memory>
#include <string>

#include "../core/race.hpp"
#include "problem.hpp"

namespace bench {

/// A `Step` is made from its problem, has `prepare()`, `operator()()` for a step and `outcome()`.
template <class Step, class Problem>
bool enter_as(race& r, std::string name, std::string note = "") {
  auto const* const p = r.get<Problem>();
  if (!p || r.threads) return false;
  auto const step = std::make_shared<Step>(*p);
  r.contenders.push_back({std::move(name), [step] { step->prepare(); }, repeated([step = step.get()] { (*step)(); }),
                          [step]() -> std::vector<double> { return step->outcome(); }, std::move(note)});
  return true;
}

/// All models in float and double, and A on bytes.
template <template <class, class> class Linear, template <class> class Network, template <class> class Classifier,
          template <class> class Square>
void enter_models(race& r, std::string const& name) {
  static_cast<void>(enter_as<Linear<float, float>, linear_problem<float, float>>(r, name) ||
                    enter_as<Linear<double, double>, linear_problem<double, double>>(r, name) ||
                    enter_as<Network<float>, network_problem<float>>(r, name) ||
                    enter_as<Network<double>, network_problem<double>>(r, name) ||
                    enter_as<Classifier<float>, classifier_problem<float>>(r, name) ||
                    enter_as<Classifier<double>, classifier_problem<double>>(r, name) ||
                    enter_as<Square<float>, square_problem<float>>(r, name) ||
                    enter_as<Square<double>, square_problem<double>>(r, name));
}

}  // namespace bench

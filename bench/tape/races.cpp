// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Standard functions enter; races of the tapes that record them leave: to record, to go back, to compute a recording
// anew.
#include "../core/plan.hpp"
#include "../functions/functions.hpp"

namespace bench {

namespace {

template <class Function>
void add(plan& p, double operations, std::string unit) {
  p.push_back({"tape", std::string(Function::kind), true, [=] {
                 auto race = about(Function{});
                 auto const& f = *race.r.template get<Function>();
                 numbers gradient(f.at.size());
                 race.r.suite = "tape";
                 race.r.name = Function::kind;
                 race.r.expected = {f.gradient(f.at.data(), gradient.data())};
                 race.r.expected.insert(race.r.expected.end(), gradient.begin(), gradient.end());
                 race.r.baseline = "by hand";
                 race.r.divided_by = operations;
                 race.r.unit = unit;
                 return race;
               }});
}

}  // namespace

void plan_tape(plan& p) {
  add<rosenbrock<2>>(p, 1, "call");
  add<rosenbrock<1000>>(p, 999, "term");
  add<logistic_regression>(p, logistic_regression::n * logistic_regression::d, "multiply-add");
  add<mixture>(p, 1, "call");
}

}  // namespace bench

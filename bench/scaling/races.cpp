// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Sizes enter; the steps of D at every size and of A at every batch leave as races.
#include <fmt/core.h>

#include <cmath>

#include "../core/plan.hpp"
#include "../step/races.hpp"

namespace bench {

namespace {

void add(plan& p, std::string name, double items, std::string unit, bool quick, std::function<prepared_race()> make) {
  p.push_back({"scaling", name, quick, [=] {
                 prepared_race race = make();
                 race.r.suite = "scaling";
                 race.r.name = name;
                 race.r.divided_by = items;
                 race.r.unit = unit;
                 return race;
               }});
}

}  // namespace

void plan_scaling(plan& p) {
  for (int const digits : {1, 2, 3, 4, 5, 6, 7, 8}) {
    auto const size = static_cast<std::ptrdiff_t>(std::llround(digits == 1 ? 3 : std::pow(10, digits)));
    add(p, fmt::format("D of {} float", size), static_cast<double>(size), "element", digits <= 6,
        [=] { return square_race<float>(size); });
  }
  for (std::ptrdiff_t const rows : {1, 8, 32, 64, 256, 1024, 4096, 12000})
    add(p, fmt::format("A of {} rows float", rows), static_cast<double>(rows), "row", rows <= 1024,
        [=] { return linear_race<float, float>(rows); });
  auto const threaded = [&p](std::string const& name, auto make) {
    add(p, name + " float on threads", 1, "step", true, [make] {
      prepared_race race = make();
      race.r.threads = true;
      race.r.baseline = "ddx, one thread";
      return race;
    });
  };
  threaded("A 12000", [] { return linear_race<float, float>(12000); });
  threaded("B 256", [] { return network_race<float>(256); });
  threaded("C 256", [] { return classifier_race<float>(256); });
}

}  // namespace bench

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas of some sizes enter; races of symbolic engines leave. Results are checked by their values at a point.
#include <fmt/core.h>

#include <cmath>

#include "../core/plan.hpp"
#include "problem.hpp"

namespace bench {

namespace {

/// A sum of different terms of 8 operators each: c*sin(x*y + c)*exp(x/(y + c)), its value and its derivative by x.
symbolic_problem terms(int count, double& value, double& derivative) {
  symbolic_problem p;
  double const x = p.x, y = p.y;
  value = derivative = 0;
  for (int c = 1; c <= count; ++c) {
    p.formula += fmt::format("{0}{1}*sin(x*y + {1})*exp(x/(y + {1}))", c == 1 ? "" : " + ", c);
    double const s = std::sin(x * y + c), e = std::exp(x / (y + c));
    value += c * s * e;
    derivative += c * e * (y * std::cos(x * y + c) + s / (y + c));
  }
  p.operators = 8 * count - 1;
  return p;
}

void add(plan& p, task what, std::string verb, int count, bool quick) {
  std::string const name = fmt::format("{} {} operators", verb, 8 * count - 1);
  p.push_back({"symbolic", name, quick, [=] {
                 double value, derivative;
                 symbolic_problem problem = terms(count, value, derivative);
                 problem.what = what;
                 double const operators = problem.operators;
                 auto race = about(std::move(problem));
                 race.r.expected = {what == task::differentiate || what == task::print ? derivative : value};
                 race.r.suite = "symbolic";
                 race.r.name = name;
                 race.r.baseline = "GiNaC";
                 race.r.divided_by = operators;
                 race.r.unit = "operator";
                 return race;
               }});
}

void add_expansion(plan& p, int power) {
  std::string const name = fmt::format("expand (1 + x + y)^{}", power);
  p.push_back({"symbolic", name, true, [=] {
                 symbolic_problem problem{.what = task::expand,
                                          .operators = (power + 1) * (power + 2) / 2,
                                          .formula = fmt::format("(1 + x + y)^{}", power)};
                 double const value = std::pow(1 + problem.x + problem.y, power), terms = problem.operators;
                 auto race = about(std::move(problem));
                 race.r.expected = {value};
                 race.r.suite = "symbolic";
                 race.r.name = name;
                 race.r.baseline = "GiNaC";
                 race.r.divided_by = terms;
                 race.r.unit = "term";
                 return race;
               }});
}

}  // namespace

void plan_symbolic(plan& p) {
  for (int count : {4, 32, 256}) {
    add(p, task::parse, "parse", count, count <= 32);
    add(p, task::differentiate, "differentiate and simplify", count, count <= 32);
    add(p, task::print, "print the derivative of", count, count <= 32);
  }
  add_expansion(p, 12);
}

}  // namespace bench

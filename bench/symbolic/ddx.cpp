// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas at run time by ddx::symbolic. A derivative is simplified as it is made.
#include <ddx/symbolic/symbolic.hpp>

#include <memory>

#include "../core/race.hpp"
#include "problem.hpp"

namespace {

struct state {
  ddx::symbolic f = 0, result = 0;
  std::string text;
};

}  // namespace

extern "C" void enter(bench::race& r) {
  using namespace bench;
  auto const* const p = r.get<symbolic_problem>();
  if (!p) return;
  auto const s = std::make_shared<state>();
  s->f = ddx::parse(p->formula);
  if (p->what == task::print) s->f = diff(s->f, "x");
  auto const call = [p, s = s.get()] {
    switch (p->what) {
      case task::parse: s->result = ddx::parse(p->formula); break;
      case task::differentiate: s->result = diff(s->f, "x"); break;
      case task::expand: s->result = expand(s->f); break;
      case task::print: s->text = to_string(s->f); break;
    }
  };
  r.contenders.push_back({"ddx", nullptr, repeated(call), [p, s]() -> std::vector<double> {
                            auto const found = p->what == task::print ? ddx::parse(s->text) : s->result;
                            return {eval(found, {{"x", p->x}, {"y", p->y}})};
                          }});
}

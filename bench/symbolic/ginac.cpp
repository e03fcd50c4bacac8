// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas at run time by GiNaC, which evaluates (combines what is alike) as it builds.
#include <ginac/ginac.h>

#include <memory>
#include <sstream>

#include "../core/race.hpp"
#include "problem.hpp"

namespace {

struct state {
  GiNaC::symbol x{"x"}, y{"y"};
  GiNaC::symtab names;
  GiNaC::ex f, result;
  std::string text;

  GiNaC::ex parse(std::string const& formula) const {
    GiNaC::parser reader(names);
    return reader(formula);
  }
};

}  // namespace

extern "C" void enter(bench::race& r) {
  using namespace bench;
  auto const* const p = r.get<symbolic_problem>();
  if (!p) return;
  auto const s = std::make_shared<state>();
  s->names = {{"x", s->x}, {"y", s->y}};
  s->f = s->parse(p->formula);
  if (p->what == task::print) s->f = s->f.diff(s->x);
  auto const call = [p, s = s.get()] {
    switch (p->what) {
      case task::parse: s->result = s->parse(p->formula); break;
      case task::differentiate: s->result = s->f.diff(s->x); break;
      case task::expand: s->result = GiNaC::ex(s->f).expand(); break;
      case task::print: {
        std::ostringstream out;
        out << s->f;
        s->text = out.str();
      }
    }
  };
  r.contenders.push_back(
      {"GiNaC", nullptr, repeated(call), [p, s]() -> std::vector<double> {
         GiNaC::ex const found = p->what == task::print ? s->parse(s->text) : s->result;
         return {GiNaC::ex_to<GiNaC::numeric>(found.subs(GiNaC::lst{s->x == p->x, s->y == p->y}).evalf()).to_double()};
       }});
}

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The standard functions by ddx's tape of reals: recorded in every call, or once and then computed anew.
#include <fmt/core.h>

#include <ddx/tape/tape.hpp>

#include "contenders.hpp"

namespace bench {

namespace {

struct recorded {
  ddx::tape tape;
  std::vector<ddx::real> x;
  ddx::real y;

  template <class Function>
  double record(Function const& f, double const* at) {
    tape.reset();
    x.clear();
    for (std::size_t i = 0; i < f.at.size(); ++i) x.push_back(tape.input(at[i]));
    y = f.value(x.data());
    return y.value();
  }
};

}  // namespace

}  // namespace bench

extern "C" void enter(bench::race& r) {
  using namespace bench;
  with_function(r, [&](auto const& f) {
    std::size_t const n = f.at.size();
    bool const alone = r.suite == "tape";
    auto const state = std::make_shared<recorded>();
    state->record(f, f.at.data());
    auto const s = state->tape.statistics();
    auto const note =
        fmt::format("{:.1f} bytes an operation", static_cast<double>(s.bytes) / static_cast<double>(s.operations));
    auto const add = [&](char const* name, auto call, bool checked) {
      contender c = evaluating(name, f.at, n, call, note);
      if (!checked) c.outcome = nullptr;
      r.contenders.push_back(std::move(c));
    };
    add(
        "ddx real",
        [state, &f, n](double const* x, double* g) {
          double const value = state->record(f, x);
          state->tape.gradient_into({g, n}, state->y, state->x);
          return value;
        },
        true);
    if (!alone) return;
    add("ddx real, recording", [state, &f](double const* x, double*) { return state->record(f, x); }, false);
    add(
        "ddx real, going back",
        [state, n](double const*, double* g) {
          state->tape.gradient_into({g, n}, state->y, state->x);
          return state->y.value();
        },
        false);
    add(
        "ddx real, replaying",
        [state, n](double const* x, double*) {
          state->tape.replay({x, n});
          return state->tape.value(state->y);
        },
        false);
    add(
        "ddx real, replaying and going back",
        [state, n](double const* x, double* g) {
          state->tape.replay({x, n});
          state->tape.gradient_into({g, n}, state->y, state->x);
          return state->tape.value(state->y);
        },
        true);
  });
}

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The standard functions by Stan Math's reverse mode: recorded in a nested part of its stack in every call, as its own
// gradient() does.
#include <stan/math.hpp>

#include "tapes.hpp"

extern "C" void enter(bench::race& r) {
  using namespace bench;
  enter_functions<true>(r, "Stan Math",
                        [x = std::vector<stan::math::var>()](auto const& f, double const* at, double* g) mutable {
                          stan::math::start_nested();
                          x.assign(at, at + f.at.size());
                          stan::math::var const y = f.value(x.data());
                          double const value = y.val();
                          stan::math::grad(y.vi_);
                          for (std::size_t i = 0; i < x.size(); ++i) g[i] = x[i].adj();
                          stan::math::recover_memory_nested();
                          return value;
                        });
}

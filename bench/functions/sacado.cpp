// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The standard functions by Sacado's reverse mode, recorded in every call.
#include <Sacado.hpp>

#include "tapes.hpp"

using recorded = Sacado::Rad::ADvar<double>;

namespace Sacado::Rad {
/// Sacado has none of its own.
inline ADvari<double>& log1p(ADvari<double>& x) { return log(1.0 + x); }
inline ADvari<double>& log1p(recorded const& x) { return log(1.0 + x); }
}  // namespace Sacado::Rad

extern "C" void enter(bench::race& r) {
  using namespace bench;
  enter_functions<false>(r, "Sacado",
                         [x = std::vector<recorded>()](auto const& f, double const* at, double* g) mutable {
                           x.assign(at, at + f.at.size());
                           recorded y = f.value(x.data());
                           Sacado::Rad::ADcontext<double>::Gradcomp();
                           for (std::size_t i = 0; i < x.size(); ++i) g[i] = x[i].adj();
                           return y.val();
                         });
}

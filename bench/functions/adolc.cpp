// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The standard functions by ADOL-C: taped once, then computed anew by its drivers, as its manual recommends; in the
// suite of tapes also taped in every call.
#include <adolc/adolc.h>

#include "tapes.hpp"

/// ADOL-C has none of its own.
inline adouble log1p(adouble const& x) { return log(1.0 + x); }

namespace {

short next_tag = 0;

template <class Function>
void record(short tag, Function const& f, double const* at) {
  trace_on(tag);
  std::vector<adouble> x(f.at.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] <<= at[i];
  adouble y = f.value(x.data());
  double value;
  y >>= value;
  trace_off();
}

}  // namespace

extern "C" void enter(bench::race& r) {
  using namespace bench;
  with_function(r, [&]<class Function>(Function const& f) {
    auto const n = static_cast<int>(f.at.size());
    if constexpr (needs_erf<Function>) {
      r.absent.push_back({"ADOL-C", "it is built without erf"});
    } else {
      short const tag = next_tag++;
      record(tag, f, f.at.data());
      r.contenders.push_back(evaluating("ADOL-C, taped once", f.at, f.at.size(), [tag, n](double const* x, double* g) {
        double value;
        zos_forward(tag, 1, n, 1, x, &value);
        double const seed = 1;
        fos_reverse(tag, 1, n, const_cast<double*>(&seed), g);
        return value;
      }));
      if (r.suite == "tape")
        r.contenders.push_back(evaluating("ADOL-C, taped each time", f.at, f.at.size(),
                                          [&f, tag = next_tag++, n](double const* x, double* g) {
                                            record(tag, f, x);
                                            gradient(tag, n, const_cast<double*>(x), g);
                                            return f.value(x);
                                          }));
    }
  });
  if (auto const* const h = r.get<hessian_of<rosenbrock<2>>>()) {
    short const tag = next_tag++;
    record(tag, h->f, h->f.at.data());
    r.contenders.push_back(evaluating("ADOL-C, taped once", h->f.at, 4, [h, tag](double const* x, double* to) {
      double first[2], second[2], *rows[2]{first, second};
      hessian(tag, 2, const_cast<double*>(x), rows);  // the lower triangle
      to[0] = first[0];
      to[1] = to[2] = second[0];
      to[3] = second[1];
      return h->f.value(x);
    }));
  }
}

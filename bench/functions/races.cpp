// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The standard functions enter; races for their values, gradients and second derivatives leave, with what plain loops
// say of them.
#include "../core/plan.hpp"
#include "functions.hpp"

namespace bench {

namespace {

template <class Function>
prepared_race gradient_race() {
  auto result = about(Function{});
  auto const& f = *result.r.template get<Function>();
  numbers gradient(f.at.size());
  result.r.expected = {f.gradient(f.at.data(), gradient.data())};
  result.r.expected.insert(result.r.expected.end(), gradient.begin(), gradient.end());
  result.r.baseline = "by hand";
  result.r.tolerance = 1e-9;
  return result;
}

/// The reference: central differences of the gradient derived by hand, in steps that leave 7 digits.
template <class Function>
prepared_race hessian_race() {
  auto result = about(hessian_of<Function>{});
  auto const& f = result.r.template get<hessian_of<Function>>()->f;
  std::size_t const n = f.at.size();
  result.r.expected.assign(n * n, 0.0);
  numbers above(n), below(n);
  for (std::size_t i = 0; i < n; ++i) {
    double const step = 1e-5 * std::max(0.1, std::abs(f.at[i]));
    numbers x = f.at;
    x[i] += step;
    f.gradient(x.data(), above.data());
    x[i] = f.at[i] - step;
    f.gradient(x.data(), below.data());
    for (std::size_t k = 0; k < n; ++k) result.r.expected[i * n + k] = (above[k] - below[k]) / (2 * step);
  }
  result.r.expected.insert(result.r.expected.begin(), f.value(f.at.data()));
  result.r.baseline = "by hand";
  result.r.tolerance = 1e-6;
  return result;
}

template <class Make>
void add(plan& p, std::string_view name, Make make) {
  p.push_back({"functions", std::string(name), true, [name, make] {
                 prepared_race race = make();
                 race.r.suite = "functions";
                 race.r.name = name;
                 return race;
               }});
}

template <class... Functions>
void add_gradients(plan& p) {
  (add(p, Functions::kind, gradient_race<Functions>), ...);
}

}  // namespace

void plan_functions(plan& p) {
  add_gradients<rosenbrock<2>, rosenbrock<1000>, speelpenning, logistic_regression, normal_log_density, log_sum_exp,
                black_scholes, black_scholes_batch, helmholtz, mixture>(p);
  add(p, hessian_of<rosenbrock<2>>::kind, hessian_race<rosenbrock<2>>);
  add(p, hessian_of<black_scholes>::kind, hessian_race<black_scholes>);
}

}  // namespace bench

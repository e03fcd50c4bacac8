// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The standard functions in plain loops, derived by hand: compiled once with -O3 and once with -ffast-math.
#include "contenders.hpp"

namespace {

using namespace bench;

double rosenbrock_hessian(double const* x, double* h) {
  h[0] = 1200 * x[0] * x[0] - 400 * x[1] + 2;
  h[1] = h[2] = -400 * x[0];
  h[3] = 200;
  double const valley = x[1] - x[0] * x[0], hill = 1 - x[0];
  return 100 * valley * valley + hill * hill;
}

/// The second-order greeks, with k exp(-r t) phi(d2) = s phi(d1).
double black_scholes_hessian(double const* p, double* h) {
  double const s = p[0], k = p[1], r = p[2], v = p[3], t = p[4];
  double const root = std::sqrt(t), deviation = v * root;
  double const d1 = (std::log(s / k) + (r + 0.5 * v * v) * t) / deviation, d2 = d1 - deviation;
  double const n1 = 0.5 * (1 + std::erf(d1 * (1 / std::numbers::sqrt2))),
               n2 = 0.5 * (1 + std::erf(d2 * (1 / std::numbers::sqrt2)));
  double const density = std::exp(-0.5 * d1 * d1) * (std::numbers::inv_sqrtpi / std::numbers::sqrt2),
               weighted = s * density;
  double const discount = std::exp(-r * t), paid = k * discount * n2;
  double const d1_by_t = (r + 0.5 * v * v) / deviation - d1 / (2 * t), d2_by_t = d1_by_t - v / (2 * root);
  auto const set = [h](int i, int j, double value) { h[5 * i + j] = h[5 * j + i] = value; };
  set(0, 0, density / (s * deviation));
  set(0, 1, -density / (k * deviation));
  set(0, 2, density * root / v);
  set(0, 3, -density * d2 / v);
  set(0, 4, density * d1_by_t);
  set(1, 1, weighted / (k * k * deviation));
  set(1, 2, (t * paid - weighted * root / v) / k);
  set(1, 3, weighted * d1 / (k * v));
  set(1, 4, (r * paid - weighted * d2_by_t) / k);
  set(2, 2, t * (weighted * root / v - t * paid));
  set(2, 3, -t * weighted * d1 / v);
  set(2, 4, paid - t * r * paid + t * weighted * d2_by_t);
  set(3, 3, weighted * root * d1 * d2 / v);
  set(3, 4, weighted * (0.5 / root - root * d1 * d1_by_t));
  set(4, 4, r * (weighted * d2_by_t - r * paid) - weighted * v / (2 * root) * (d1 * d1_by_t + 0.5 / t));
  return s * n1 - paid;
}

}  // namespace

extern "C" void enter(bench::race& r) {
  with_function(r, [&](auto const& f) {
    r.contenders.push_back(
        evaluating(PLAIN_NAME, f.at, f.at.size(), [&f](double const* x, double* g) { return f.gradient(x, g); }));
  });
  if (auto const* const rosen = r.get<hessian_of<rosenbrock<2>>>())
    r.contenders.push_back(evaluating(PLAIN_NAME, rosen->f.at, 4, rosenbrock_hessian));
  if (auto const* const option = r.get<hessian_of<black_scholes>>())
    r.contenders.push_back(evaluating(PLAIN_NAME, option->f.at, 25, black_scholes_hessian));
}

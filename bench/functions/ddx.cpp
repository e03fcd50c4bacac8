// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The standard functions by ddx, as formulas and functions of arrays. Compiled once for AVX2 and once for the CPU at
// hand.
#include <ddx/ddx.hpp>
#include <ddx/function/second_order.hpp>

#include <span>

#include "contenders.hpp"

namespace bench {

namespace {

constexpr auto valley = ddx::fn<"x", "y">([](auto x, auto y) {
  auto const a = y - x * x;
  return 100 * a * a + (1 - x) * (1 - x);
});

constexpr auto option = ddx::fn<"s", "k", "r", "v", "t">([](auto s, auto k, auto r, auto v, auto t) {
  auto const deviation = v * sqrt(t);
  auto const d1 = (log(s / k) + (r + v * v / 2) * t) / deviation;
  auto const normal = [](auto z) { return (1 + erf(z / 1.4142135623730951)) / 2; };
  return s * normal(d1) - k * exp(-r * t) * normal(d1 - deviation);
});

template <std::size_t Count>
double spread_out(std::pair<double, std::array<double, Count>> const& from, double* g) {
  for (std::size_t i = 0; i < Count; ++i) g[i] = from.second[i];
  return from.first;
}

void enter_scalars(race& r) {
  if (auto const* const f = r.get<rosenbrock<2>>())
    r.contenders.push_back(evaluating(DDX_NAME, f->at, 2, [](double const* x, double* g) {
      return spread_out(ddx::value_and_grad(valley)(x[0], x[1]), g);
    }));
  if (auto const* const f = r.get<black_scholes>())
    r.contenders.push_back(evaluating(DDX_NAME, f->at, 5, [](double const* p, double* g) {
      return spread_out(ddx::value_and_grad(option)(p[0], p[1], p[2], p[3], p[4]), g);
    }));
  auto const second = [](auto const& all, double* h) {
    std::size_t i = 0;
    for (auto const& row : all.hessian)
      for (double v : row) h[i++] = v;
    return all.value;
  };
  if (auto const* const h = r.get<hessian_of<rosenbrock<2>>>())
    r.contenders.push_back(evaluating(DDX_NAME, h->f.at, 4, [second](double const* x, double* to) {
      return second(ddx::value_grad_and_hessian(valley)(x[0], x[1]), to);
    }));
  if (auto const* const h = r.get<hessian_of<black_scholes>>())
    r.contenders.push_back(evaluating(DDX_NAME, h->f.at, 25, [second](double const* p, double* to) {
      return second(ddx::value_grad_and_hessian(option)(p[0], p[1], p[2], p[3], p[4]), to);
    }));
}

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"x", "n"> x;
constexpr ddx::var<"mu"> mu;
constexpr ddx::var<"sigma"> sigma;

constexpr auto margins = y * ddx::sum<"d">(X * w);
constexpr auto logistic_loss = ddx::mean<"n">(log1p(exp(-margins)));

void enter_logistic(race& r) {
  auto const* const f = r.get<logistic_regression>();
  if (!f) return;
  r.contenders.push_back(
      evaluating(DDX_NAME, f->at, f->d,
                 [f, kernel = ddx::compile<logistic_loss, ddx::grad(logistic_loss, w)>()](double const* at, double* g) {
                   double value = 0;
                   std::span<double> const by_w(g, f->d);
                   kernel(ddx::into(value, by_w),
                          X = ddx::view(f->x, static_cast<std::ptrdiff_t>(f->n), static_cast<std::ptrdiff_t>(f->d)),
                          y = f->y, w = ddx::view(at, static_cast<std::ptrdiff_t>(f->d)));
                   return value;
                 }));
}

constexpr auto log_density = ddx::sum<"n">(-0.5 * pow((x - mu) / sigma, 2) - log(sigma) - 0.9189385332046727);

void enter_normal(race& r) {
  auto const* const f = r.get<normal_log_density>();
  if (!f) return;
  r.contenders.push_back(evaluating(
      DDX_NAME, f->at, 2,
      [f, kernel = ddx::compile<log_density, ddx::grad(log_density, mu, sigma)>()](double const* at, double* g) {
        double value = 0;
        kernel(ddx::into(value, g[0], g[1]), x = f->x, mu = at[0], sigma = at[1]);
        return value;
      }));
}

constexpr auto log_total = ddx::logsumexp<"n">(x);

void enter_log_sum_exp(race& r) {
  auto const* const f = r.get<log_sum_exp>();
  if (!f) return;
  r.contenders.push_back(evaluating(
      DDX_NAME, f->at, f->at.size(),
      [n = f->at.size(), kernel = ddx::compile<log_total, ddx::grad(log_total, x)>()](double const* at, double* g) {
        double value = 0;
        std::span<double> const by_x(g, n);
        kernel(ddx::into(value, by_x), x = ddx::view(at, static_cast<std::ptrdiff_t>(n)));
        return value;
      }));
}

constexpr ddx::axis<"n"> along;
constexpr auto chain = ddx::sum<"n">(100 * pow(x[along + 1] - x * x, 2) + pow(1 - x, 2));

void enter_chain(race& r) {
  auto const* const f = r.get<rosenbrock<1000>>();
  if (!f) return;
  r.contenders.push_back(
      evaluating(DDX_NAME, f->at, f->at.size(),
                 [n = f->at.size(), kernel = ddx::compile<chain, ddx::grad(chain, x)>()](double const* at, double* g) {
                   double value = 0;
                   std::span<double> const by_x(g, n);
                   kernel(ddx::into(value, by_x), x = ddx::view(at, static_cast<std::ptrdiff_t>(n)));
                   return value;
                 }));
}

constexpr auto product = ddx::prod<"n">(x);

void enter_product(race& r) {
  auto const* const f = r.get<speelpenning>();
  if (!f) return;
  r.contenders.push_back(evaluating(
      DDX_NAME, f->at, f->at.size(),
      [n = f->at.size(), kernel = ddx::compile<product, ddx::grad(product, x)>()](double const* at, double* g) {
        double value = 0;
        std::span<double> const by_x(g, n);
        kernel(ddx::into(value, by_x), x = ddx::view(at, static_cast<std::ptrdiff_t>(n)));
        return value;
      }));
}

constexpr ddx::array<"s", "n"> s;
constexpr ddx::array<"k", "n"> k;
constexpr ddx::array<"r", "n"> rate;
constexpr ddx::array<"v", "n"> v;
constexpr ddx::array<"t", "n"> t;

constexpr auto portfolio = ddx::fn(ddx::args(s, k, rate, v, t), [](auto s, auto k, auto r, auto v, auto t) {
  auto const deviation = v * sqrt(t);
  auto const d1 = (log(s / k) + (r + v * v / 2) * t) / deviation;
  auto const normal = [](auto z) { return (1 + erf(z / 1.4142135623730951)) / 2; };
  return ddx::sum<"n">(s * normal(d1) - k * exp(-r * t) * normal(d1 - deviation));
});

void enter_portfolio(race& r) {
  auto const* const f = r.get<black_scholes_batch>();
  if (!f) return;
  r.contenders.push_back(evaluating(
      DDX_NAME, f->at, f->at.size(),
      [kernel = ddx::compile<portfolio, ddx::grad(portfolio, s, k, rate, v, t)>()](double const* at, double* g) {
        constexpr auto n = static_cast<std::ptrdiff_t>(black_scholes_batch::n);
        double value = 0;
        auto const row = [](auto* from, std::ptrdiff_t i) { return std::span(from + i * n, n); };
        auto const by_s = row(g, 0), by_k = row(g, 1), by_r = row(g, 2), by_v = row(g, 3), by_t = row(g, 4);
        kernel(ddx::into(value, by_s, by_k, by_r, by_v, by_t), s = row(at, 0), k = row(at, 1), rate = row(at, 2),
               v = row(at, 3), t = row(at, 4));
        return value;
      }));
}

// x stands twice in x.A x, along each axis of A; what both give to the gradient is added by hand.
constexpr ddx::array<"A", "n", "m"> A;
constexpr ddx::array<"q", "m"> q;
constexpr ddx::array<"c", "n"> c;
constexpr auto energy = ddx::fn(ddx::args(x, q, c, A), [](auto x, auto q, auto b, auto A) {
  auto const bx = ddx::sum<"n">(b * x);
  auto const quadratic = ddx::sum<"n">(x * ddx::sum<"m">(A * q));
  auto const quotient = (1 + 2.414213562373095 * bx) / (1 - 0.41421356237309503 * bx);
  return ddx::sum<"n">(x * log(x / (1 - bx))) - quadratic / (2.8284271247461903 * bx) * log(quotient);
});

void enter_energy(race& r) {
  auto const* const f = r.get<helmholtz>();
  if (!f) return;
  r.contenders.push_back(evaluating(
      DDX_NAME, f->at, f->n,
      [f, other = numbers(f->n), kernel = ddx::compile<energy, ddx::grad(energy, x, q)>()](double const* at,
                                                                                           double* g) mutable {
        constexpr auto n = static_cast<std::ptrdiff_t>(helmholtz::n);
        double value = 0;
        std::span<double> const by_x(g, f->n), by_q(other);
        kernel(ddx::into(value, by_x, by_q), x = ddx::view(at, n), q = ddx::view(at, n), c = f->b,
               A = ddx::view(f->a, n, n));
        for (std::size_t i = 0; i < f->n; ++i) g[i] += by_q[i];
        return value;
      },
      "x under two names, whose gradients a loop adds: an array has each axis once"));
}

// The inverse covariances' triangular factors stand in squares, of which the formula reads the lower half and, on the
// diagonal, the exponentials of Q.
constexpr ddx::array<"samples", "n", "i"> samples;
constexpr ddx::array<"alpha", "k"> alpha;
constexpr ddx::array<"centre", "k", "i"> centre;
constexpr ddx::array<"Q", "k", "i"> Q;
constexpr ddx::array<"L", "k", "j", "i"> L;
constexpr auto objective =
    ddx::fn(ddx::args(samples, alpha, centre, Q, L), [](auto samples, auto alpha, auto centre, auto Q, auto L) {
      auto const below = where(ddx::position<"i">(L) < ddx::position<"j">(L), L, 0);
      auto const factor = where(ddx::position<"i">(L) == ddx::position<"j">(L), exp(Q), below);
      auto const turned = ddx::sum<"i">(factor * (samples - centre));
      auto const terms = alpha + ddx::sum<"i">(Q) - 0.5 * ddx::sum<"j">(turned * turned);
      auto const prior = ddx::sum<"k">(ddx::sum<"j">(ddx::sum<"i">(factor * factor)));
      return ddx::sum<"n">(ddx::logsumexp<"k">(terms) - ddx::logsumexp<"k">(alpha)) + 0.5 * prior;
    });

void enter_mixture(race& r) {
  auto const* const f = r.get<mixture>();
  if (!f) return;
  r.contenders.push_back(evaluating(
      DDX_NAME, f->at, mixture::count,
      [f, square = numbers(mixture::k * mixture::d * mixture::d),
       by_square = numbers(mixture::k * mixture::d * mixture::d),
       kernel = ddx::compile<objective, ddx::grad(objective, alpha, centre, Q, L)>()](double const* at,
                                                                                      double* g) mutable {
        constexpr std::ptrdiff_t n = mixture::n, d = mixture::d, k = mixture::k;
        // Calls `visit` with the place of each element below the diagonals in the squares and the packed one.
        auto const each_below = [](auto const& visit) {
          std::size_t packed = mixture::lowers;
          for (std::size_t c = 0; c < mixture::k; ++c)
            for (std::size_t i = 0; i < mixture::d; ++i)
              for (std::size_t j = i + 1; j < mixture::d; ++j) visit((c * mixture::d + j) * mixture::d + i, packed++);
        };
        each_below([&](std::size_t to, std::size_t from) { square[to] = at[from]; });
        double value = 0;
        std::span<double> const by_alpha(g, mixture::k), by_centre(g + mixture::means, mixture::k * mixture::d),
            by_q(g + mixture::diagonals, mixture::k * mixture::d);
        kernel(ddx::into(value, by_alpha, by_centre, by_q, by_square), samples = ddx::view(f->x, n, d),
               alpha = ddx::view(at, k), centre = ddx::view(at + mixture::means, k, d),
               Q = ddx::view(at + mixture::diagonals, k, d), L = ddx::view(square, k, d, d));
        each_below([&](std::size_t from, std::size_t to) { g[to] = by_square[from]; });
        return value + mixture::constant();
      },
      "triangular factors are copied into squares and back"));
}

}  // namespace

}  // namespace bench

extern "C" void enter(bench::race& r) {
  using namespace bench;
  if (r.suite != "functions") return;
  enter_scalars(r);
  enter_logistic(r);
  enter_normal(r);
  enter_log_sum_exp(r);
  enter_chain(r);
  enter_product(r);
  enter_portfolio(r);
  enter_energy(r);
  enter_mixture(r);
}

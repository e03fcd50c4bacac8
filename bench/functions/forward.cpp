// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The standard functions of at most 100 arguments by forward mode: ceres::Jet, Eigen's AutoDiffScalar and Boost.Math's
// autodiff. One pass carries all derivatives; more arguments are not what these tools are for.
#ifdef FORWARD_CERES
#include <ceres/jet.h>
#elif defined(FORWARD_EIGEN)
#include <Eigen/Dense>
#include <numbers>
#include <unsupported/Eigen/AutoDiff>
namespace Eigen {
/// AutoDiffScalar has none of its own.
template <class Derivatives>
auto erf(AutoDiffScalar<Derivatives> const& x) {
  using plain = AutoDiffScalar<typename internal::remove_all<Derivatives>::type::PlainObject>;
  return plain(std::erf(x.value()),
               (2 * std::numbers::inv_sqrtpi * std::exp(-x.value() * x.value())) * x.derivatives());
}
template <class Derivatives>
auto log1p(AutoDiffScalar<Derivatives> const& x) {
  using plain = AutoDiffScalar<typename internal::remove_all<Derivatives>::type::PlainObject>;
  return plain(std::log1p(x.value()), x.derivatives() / (1 + x.value()));
}
}  // namespace Eigen
#else
#include <boost/math/differentiation/autodiff.hpp>
#endif

#include "contenders.hpp"

namespace bench {

namespace {

template <class Function, std::size_t... Is>
void enter_forward(race& r, Function const* f, std::index_sequence<Is...>) {
  if (!f) return;
  constexpr int n = sizeof...(Is);
#ifdef FORWARD_CERES
  r.contenders.push_back(evaluating("ceres::Jet", f->at, n, [f](double const* at, double* g) {
    ceres::Jet<double, n> x[n];
    for (int i = 0; i < n; ++i) x[i] = ceres::Jet<double, n>(at[i], i);
    auto const y = f->value(static_cast<ceres::Jet<double, n> const*>(x));
    for (int i = 0; i < n; ++i) g[i] = y.v[i];
    return y.a;
  }));
#elif defined(FORWARD_EIGEN)
  using number = Eigen::AutoDiffScalar<Eigen::Matrix<double, n, 1>>;
  r.contenders.push_back(evaluating("Eigen AutoDiffScalar", f->at, n, [f](double const* at, double* g) {
    number x[n];
    for (int i = 0; i < n; ++i) x[i] = number(at[i], n, i);
    number const y = f->value(static_cast<number const*>(x));
    for (int i = 0; i < n; ++i) g[i] = y.derivatives()[i];
    return y.value();
  }));
#else
  r.contenders.push_back(evaluating("Boost.Math autodiff", f->at, n, [f](double const* at, double* g) {
    using namespace boost::math::differentiation;
    auto const x = make_ftuple<double, (Is + 1) / (Is + 1)...>(at[Is]...);
    using number = decltype((std::get<Is>(x) + ...));
    number const all[n]{number(std::get<Is>(x))...};
    number const y = f->value(all);
    auto const one = [&]<std::size_t K>(std::integral_constant<std::size_t, K>) {
      return static_cast<double>(y.derivative((Is == K ? 1 : 0)...));
    };
    ((g[Is] = one(std::integral_constant<std::size_t, Is>{})), ...);
    return static_cast<double>(y.derivative((Is - Is)...));
  }));
#endif
}

}  // namespace

}  // namespace bench

extern "C" void enter(bench::race& r) {
  using namespace bench;
  if (r.suite != "functions") return;
  enter_forward(r, r.get<rosenbrock<2>>(), std::make_index_sequence<2>{});
  enter_forward(r, r.get<normal_log_density>(), std::make_index_sequence<2>{});
  enter_forward(r, r.get<black_scholes>(), std::make_index_sequence<5>{});
#ifndef FORWARD_BOOST
  enter_forward(r, r.get<logistic_regression>(), std::make_index_sequence<100>{});
  enter_forward(r, r.get<helmholtz>(), std::make_index_sequence<50>{});
#endif
}

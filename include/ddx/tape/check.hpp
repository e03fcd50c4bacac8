// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Finding faults: a function and a point enter, a report of its derivatives beside central differences leaves.
#pragma once

#include <concepts>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "tape.hpp"

namespace ddx {

/// How closely derivatives must agree with differences: |found - difference| <= absolute + relative * |difference|.
struct check_tolerance {
  double relative = 1e-6;
  double absolute = 1e-8;
};

/// A derivative of a checked function beside its difference.
struct checked_derivative {
  std::vector<std::size_t> by;  ///< which input, or which two
  double found = 0;
  double difference = 0;
  bool agrees = false;
};

/// What a check found.
struct check_report {
  std::vector<checked_derivative> derivatives;
  std::vector<double> at;

  bool passed() const;
  explicit operator bool() const { return passed(); }
  /// A line a derivative that does not agree, or one that says that all do.
  std::string text() const;
};

namespace detail {

using function_of_reals = std::function<real(std::vector<real> const&)>;
check_report check_gradient(function_of_reals const& f, std::span<double const> at, check_tolerance tolerance);
check_report check_hessian(function_of_reals const& f, std::span<double const> at, check_tolerance tolerance);

}  // namespace detail

/// Compares the gradient of f, a function of a std::vector<ddx::real> that gives a real, with central differences of
/// fourth order at a point. f runs once on a tape of its own and four times an input without one, so what it changes
/// outside of itself changes often.
template <class Function, class Point>
  requires std::convertible_to<Point const&, std::span<double const>> &&
           std::is_invocable_r_v<real, Function const&, std::vector<real> const&>
check_report gradcheck(Function const& f, Point const& at, check_tolerance tolerance = {}) {
  return detail::check_gradient(std::cref(f), at, tolerance);
}

/// The same for second derivatives, beside central differences of gradients.
template <class Function, class Point>
  requires std::convertible_to<Point const&, std::span<double const>> &&
           std::is_invocable_r_v<real, Function const&, std::vector<real> const&>
check_report gradgradcheck(Function const& f, Point const& at, check_tolerance tolerance = {}) {
  return detail::check_hessian(std::cref(f), at, tolerance);
}

}  // namespace ddx

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Functions of reals enter, their derivatives by the tape and by central differences leave side by side.
#include <ddx/tape/check.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tape_statement.hpp"

namespace ddx {

namespace {

/// f'(at[k]) by five points, of fourth order: the step balances rounding against the next term.
template <class Function>
auto difference(Function const& f, std::vector<double> at, std::size_t k) {
  double const middle = at[k], step = 1e-3 * std::max(1.0, std::abs(middle));
  auto const moved = [&](double by) {
    at[k] = middle + by;
    return f(at);
  };
  auto result = moved(step);
  auto const down = moved(-step), far_up = moved(2 * step), far_down = moved(-2 * step);
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = (8 * (result[i] - down[i]) - (far_up[i] - far_down[i])) / (12 * step);
  return result;
}

bool agrees(double found, double expected, check_tolerance tolerance) {
  if (std::isnan(expected) || std::isnan(found)) return std::isnan(expected) && std::isnan(found);
  return found == expected ||
         std::abs(found - expected) <= tolerance.absolute + tolerance.relative * std::abs(expected);
}

}  // namespace

check_report detail::check_gradient(function_of_reals const& f, std::span<double const> at, check_tolerance tolerance) {
  check_report report{.derivatives = {}, .at = {at.begin(), at.end()}};
  ddx::tape tape;
  auto const x = tape.inputs(at);
  auto const gradient = tape.gradient(f(x), x);
  auto const value = [&](std::vector<double> const& point) {
    return std::vector{f(std::vector<real>(point.begin(), point.end())).value()};
  };
  for (std::size_t k = 0; k < at.size(); ++k) {
    double const expected = difference(value, report.at, k)[0];
    report.derivatives.push_back({{k}, gradient[k], expected, agrees(gradient[k], expected, tolerance)});
  }
  return report;
}

check_report detail::check_hessian(function_of_reals const& f, std::span<double const> at, check_tolerance tolerance) {
  check_report report{.derivatives = {}, .at = {at.begin(), at.end()}};
  ddx::tape tape;
  auto const x = tape.inputs(at);
  auto const hessian = tape.hessian(f(x), x);
  auto const gradient = [&](std::vector<double> const& point) {
    tape.reset();
    auto const inputs = tape.inputs(point);
    return tape.gradient(f(inputs), inputs);
  };
  for (std::size_t row = 0; row < at.size(); ++row) {
    auto const expected = difference(gradient, report.at, row);
    for (std::size_t column = 0; column < at.size(); ++column)
      report.derivatives.push_back({{row, column},
                                    hessian[row][column],
                                    expected[column],
                                    agrees(hessian[row][column], expected[column], tolerance)});
  }
  return report;
}

bool check_report::passed() const {
  return std::all_of(derivatives.begin(), derivatives.end(), [](checked_derivative const& d) { return d.agrees; });
}

std::string check_report::text() const {
  std::string lines;
  for (checked_derivative const& d : derivatives)
    if (!d.agrees)
      lines +=
          fmt::format("the derivative by x[{}] at {} is {:.9g}, but differences give {:.9g}\n",
                      fmt::join(d.by, "] and x["), fmt::format("({})", fmt::join(at, ", ")), d.found, d.difference);
  if (lines.empty()) return fmt::format("all {} derivatives agree with differences\n", derivatives.size());
  return lines;
}

}  // namespace ddx

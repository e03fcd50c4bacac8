// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas are evaluated at random points; the differences that are found leave.
#include "check.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <boost/math/differentiation/finite_difference.hpp>

namespace ddx::command {
namespace {

// Functions have their domains around 0, above 0 or above 1; a point draws all its variables from one of these or each from its own.
constexpr range domains[]{{-2, 2}, {0.1, 3}, {-1, 1}, {1, 5}};

class point_source {
 public:
  explicit point_source(check_options const& options) : random_(options.seed), within_(options.within) {}

  void draw(std::vector<assignment>& point) {
    bool const together = below_one() < 0.5;
    range const common = any_domain();
    for (assignment& a : point) {
      range const r = within_ ? *within_ : together ? common : any_domain();
      a.value = r.low + (r.high - r.low) * below_one();
    }
  }

 private:
  // The distributions of the standard library differ from one implementation to the next.
  double below_one() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  range any_domain() { return domains[random_() % std::size(domains)]; }

  std::mt19937_64 random_;
  std::optional<range> within_;
};

}  // namespace

check_result check_derivative(symbolic const& f, symbolic const& derivative, std::string const& name,
                              check_options const& options) {
  std::vector<std::string> names = f.variables();
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  std::vector<assignment> point;
  for (std::string const& n : names) point.push_back({n, 0});
  double& x = std::find_if(point.begin(), point.end(), [&](assignment const& a) { return a.name == name; })->value;

  check_result seen;
  point_source source(options);
  for (std::size_t draws = 0; draws < 50 * options.points && seen.points < options.points; ++draws) {
    source.draw(point);
    double const value = eval(derivative, point), here = x;
    double uncertainty = 0;
    double const differences = boost::math::differentiation::finite_difference_derivative(
        [&](double moved) {
          x = moved;
          return eval(f, point);
        },
        here, &uncertainty);
    x = here;
    double const scale = std::max(1.0, std::abs(differences));
    if (!std::isfinite(differences) || !(uncertainty <= 1e-5 * scale)) continue;
    ++seen.points;
    double const apart = std::abs(value - differences);
    if (apart <= 20 * uncertainty + 1e-8 * scale) {
      seen.largest = std::max(seen.largest, apart / scale);
    } else if (++seen.wrong == 1) {
      for (assignment const& a : point) seen.where.emplace_back(a.name, a.value);
      seen.derivative = value;
      seen.differences = differences;
    }
  }
  return seen;
}

}  // namespace ddx::command

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A function of two variables and a point enter; its value and derivatives there leave, for tests of edges.
#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "../graph/building.hpp"
#include "../graph/interpret.hpp"

namespace at_points {

inline constexpr double inf = std::numeric_limits<double>::infinity();
inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// f(x, y) with its partial derivatives, raw and simplified in both modes, which must all tell the same.
class at_point {
 public:
  template <class Function>
  at_point(Function f, double x, double y = 0) : at_{x, y} {
    auto const a = building::scalar(g_, "x"), b = building::scalar(g_, "y");
    int const output = building::id(g_, f(a, b));
    g_.outputs.push_back(output);
    for (auto const& variable : {a, b}) {
      int const first = building::derivative(g_, output, building::id(g_, variable));
      g_.outputs.push_back(first);
      g_.outputs.push_back(building::derivative(g_, first, building::id(g_, variable)));
    }
  }

  double value() const { return output(0); }
  double by_x() const { return output(1); }
  double by_xx() const { return output(2); }
  double by_y() const { return output(3); }
  double by_yy() const { return output(4); }

 private:
  double output(std::size_t i) const {
    double const raw = oracle::outputs(g_.view(), at_)[i];
    for (auto mode : {ddx::sharing::keep, ddx::sharing::expand}) {
      double const simplified = oracle::outputs(ddx::simplify(g_.view(), mode).view(), at_)[i];
      CHECK((std::isnan(raw) ? std::isnan(simplified) : simplified == raw));
    }
    return raw;
  }

  ddx::graph g_;
  std::vector<double> at_;
};

#define DDX_OF_X(expression) [](auto x, auto) { return expression; }
#define DDX_OF_XY(expression) [](auto x, auto y) { return expression; }

}  // namespace at_points

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Points at which functions have kinks, poles and conventions enter; values and derivatives there are what the docstrings say.
#include <catch2/catch.hpp>
#include <cmath>

#include "at_point.hpp"

namespace {

using at_points::at_point, at_points::inf, at_points::nan;

TEST_CASE("pow(x, 0) is 1 for every x, 0, infinity and NaN included, with derivative 0 at finite points") {
  for (double at : {0.0, -2.0, 3.0, inf, -inf, nan}) CHECK(at_point(DDX_OF_X(pow(x, 0)), at).value() == 1);
  for (double at : {0.0, -2.0, 3.0}) CHECK(at_point(DDX_OF_X(pow(x, 0)), at).by_x() == 0);
}

TEST_CASE("pow(0, n) and its derivatives are those of the power, finite for whole n") {
  CHECK(at_point(DDX_OF_X(pow(x, 1)), 0).by_x() == 1);
  CHECK(at_point(DDX_OF_X(pow(x, 2)), 0).by_x() == 0);
  CHECK(at_point(DDX_OF_X(pow(x, 2)), 0).by_xx() == 2);
  CHECK(at_point(DDX_OF_X(pow(x, 3)), 0).by_xx() == 0);
  CHECK(at_point(DDX_OF_X(pow(x, -1)), 0).value() == inf);
  CHECK(at_point(DDX_OF_X(pow(x, 0.5)), 0).by_x() == inf);
}

TEST_CASE("pow of a negative base is real for whole exponents and NaN for others") {
  CHECK(at_point(DDX_OF_X(pow(x, 3)), -2).value() == -8);
  CHECK(at_point(DDX_OF_X(pow(x, 3)), -2).by_x() == 12);
  CHECK(at_point(DDX_OF_X(pow(x, -1)), -2).by_x() == -0.25);
  CHECK(std::isnan(at_point(DDX_OF_X(pow(x, 0.5)), -2).value()));
  CHECK(at_point(DDX_OF_XY(pow(x, y)), -2, 3).by_x() == 12);
  CHECK(std::isnan(at_point(DDX_OF_XY(pow(x, y)), -2, 3).by_y()));
}

TEST_CASE("the derivative of pow(0, y) by y is the limit 0 for positive y and -inf below") {
  CHECK(at_point(DDX_OF_XY(pow(x, y)), 0, 2).by_y() == 0);
  CHECK(at_point(DDX_OF_XY(pow(x, y)), 0, 0.5).by_y() == 0);
  CHECK(at_point(DDX_OF_XY(pow(x, y)), 0, -1).by_y() == -inf);
  CHECK(at_point(DDX_OF_XY(pow(x, y)), 0, 2).by_yy() == 0);
}

TEST_CASE("sqrt and cbrt have derivative +inf at 0") {
  CHECK(at_point(DDX_OF_X(sqrt(x)), 0).by_x() == inf);
  CHECK(at_point(DDX_OF_X(cbrt(x)), 0).by_x() == inf);
  CHECK(at_point(DDX_OF_X(cbrt(x)), -8).value() == -2);
  CHECK(at_point(DDX_OF_X(cbrt(x)), -8).by_x() == Approx(1.0 / 12));
  CHECK(std::isnan(at_point(DDX_OF_X(sqrt(x)), -1).value()));
}

TEST_CASE("abs, sign and relu have derivative 0 at 0") {
  CHECK(at_point(DDX_OF_X(abs(x)), 0).by_x() == 0);
  CHECK(at_point(DDX_OF_X(sign(x)), 0).value() == 0);
  CHECK(std::signbit(at_point(DDX_OF_X(sign(x)), -0.0).value()));
  CHECK(std::isnan(at_point(DDX_OF_X(sign(x)), nan).value()));
  CHECK(at_point(DDX_OF_X(sign(x)), 2).by_x() == 0);
  CHECK(at_point(DDX_OF_X(relu(x)), 0).by_x() == 0);
  CHECK(at_point(DDX_OF_X(relu(x)), 0).value() == 0);
  CHECK(std::isnan(at_point(DDX_OF_X(relu(x)), nan).value()));
}

TEST_CASE("ties of min and max share the derivative evenly, and a NaN on either side is the result") {
  CHECK(at_point(DDX_OF_XY(max(x, y)), 2, 2).by_x() == 0.5);
  CHECK(at_point(DDX_OF_XY(max(x, y)), 2, 2).by_y() == 0.5);
  CHECK(at_point(DDX_OF_XY(min(x, y)), 2, 2).by_x() == 0.5);
  CHECK(at_point(DDX_OF_XY(min(x, y)), 1, 2).by_x() == 1);
  CHECK(at_point(DDX_OF_XY(min(x, y)), 1, 2).by_y() == 0);
  CHECK(at_point(DDX_OF_XY(max(x, y)), 1, 2).by_x() == 0);
  CHECK(at_point(DDX_OF_X(max(x, x)), 5).by_x() == 1);
  for (auto [left, right] : {std::pair{nan, 1.0}, {1.0, nan}}) {
    CHECK(std::isnan(at_point(DDX_OF_XY(max(x, y)), left, right).value()));
    CHECK(std::isnan(at_point(DDX_OF_XY(min(x, y)), left, right).value()));
  }
}

TEST_CASE("log is -inf at 0 and NaN below, log1p likewise from -1") {
  CHECK(at_point(DDX_OF_X(log(x)), 0).value() == -inf);
  CHECK(at_point(DDX_OF_X(log(x)), 0).by_x() == inf);
  CHECK(std::isnan(at_point(DDX_OF_X(log(x)), -1).value()));
  CHECK(at_point(DDX_OF_X(log1p(x)), -1).value() == -inf);
}

TEST_CASE("asin and acos have infinite derivatives at the ends of their domain") {
  CHECK(at_point(DDX_OF_X(asin(x)), 1).by_x() == inf);
  CHECK(at_point(DDX_OF_X(asin(x)), -1).by_x() == inf);
  CHECK(at_point(DDX_OF_X(acos(x)), 1).by_x() == -inf);
}

TEST_CASE("atan2 at the origin is 0 with derivatives that do not exist, on the axes it is exact") {
  CHECK(at_point(DDX_OF_XY(atan2(x, y)), 0, 0).value() == 0);
  CHECK(std::isnan(at_point(DDX_OF_XY(atan2(x, y)), 0, 0).by_x()));
  CHECK(std::isnan(at_point(DDX_OF_XY(atan2(x, y)), 0, 0).by_y()));
  CHECK(at_point(DDX_OF_XY(atan2(x, y)), 0, 2).by_x() == 0.5);
  CHECK(at_point(DDX_OF_XY(atan2(x, y)), 2, 0).by_y() == -0.5);
}

TEST_CASE("hypot has both derivatives 0 at the origin and does not overflow") {
  CHECK(at_point(DDX_OF_XY(hypot(x, y)), 0, 0).by_x() == 0);
  CHECK(at_point(DDX_OF_XY(hypot(x, y)), 0, 0).by_y() == 0);
  CHECK(at_point(DDX_OF_XY(hypot(x, y)), 3e200, 4e200).value() == Approx(5e200));
  CHECK(at_point(DDX_OF_XY(hypot(x, y)), 3, 4).by_x() == Approx(0.6));
}

TEST_CASE("sigmoid and softplus neither overflow nor lose their tails") {
  CHECK(at_point(DDX_OF_X(sigmoid(x)), 1000).value() == 1);
  CHECK(at_point(DDX_OF_X(sigmoid(x)), -1000).value() == 0);
  CHECK(at_point(DDX_OF_X(sigmoid(x)), -700).value() == Approx(std::exp(-700.0)));
  CHECK(at_point(DDX_OF_X(sigmoid(x)), -1000).by_x() == 0);
  CHECK(at_point(DDX_OF_X(softplus(x)), 1000).value() == 1000);
  CHECK(at_point(DDX_OF_X(softplus(x)), -700).value() == Approx(std::exp(-700.0)));
  CHECK(at_point(DDX_OF_X(softplus(x)), 1000).by_x() == 1);
  CHECK(at_point(DDX_OF_X(softplus(x)), 0).value() == Approx(std::log(2.0)));
}

TEST_CASE("expm1 and log1p are accurate near 0") {
  CHECK(at_point(DDX_OF_X(expm1(x)), 1e-20).value() == 1e-20);
  CHECK(at_point(DDX_OF_X(log1p(x)), 1e-20).value() == 1e-20);
}

TEST_CASE("division by 0 is as in IEEE 754") {
  CHECK(at_point(DDX_OF_X(1 / x), 0).value() == inf);
  CHECK(at_point(DDX_OF_X(1 / x), -0.0).value() == -inf);
  CHECK(at_point(DDX_OF_X(1 / x), 0).by_x() == -inf);
  CHECK(std::isnan(at_point(DDX_OF_X(x / x), 0).value()));
}

}  // namespace

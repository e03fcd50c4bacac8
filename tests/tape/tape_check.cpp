// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Programs with faults enter; that the faults are found and told is checked.
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/error.hpp>
#include <ddx/primitive/custom.hpp>
#include <ddx/tape/check.hpp>
#include <ddx/tape/detect_anomaly.hpp>
#include <string>
#include <vector>

namespace {

using ddx::real;

/// A record whose rule is wrong.
struct wrong_square_ {
  static constexpr std::string_view name = "wrong_square";
  static constexpr auto value = [](auto a) { return a * a; };
  static constexpr ddx::rules partials{[](auto a, auto) { return 3 * a; }};
};
DDX_FUNCTION(wrong_square, wrong_square_);

std::string sentence(auto const& program) {
  try {
    program();
  } catch (ddx::error const& e) { return e.what(); }
  return "";
}

TEST_CASE("right derivatives pass, first and second") {
  auto const f = [](std::vector<real> const& x) { return real(sin(x[0]) * x[1] + exp(x[0] * x[1]) / 3); };
  std::vector<double> const at{0.4, -1.3};
  auto const first = ddx::gradcheck(f, at);
  CHECK(first.passed());
  CHECK(first.text() == "all 2 derivatives agree with differences\n");
  CHECK(ddx::gradgradcheck(f, at));
  CHECK(ddx::gradgradcheck(f, at).derivatives.size() == 4);
}

TEST_CASE("a user's record with a wrong rule is found") {
  auto const f = [](std::vector<real> const& x) { return real(x[0] * 2 + wrong_square(x[1])); };
  auto const report = ddx::gradcheck(f, std::vector{1.0, 2.0});
  CHECK_FALSE(report);
  CHECK(report.text() == "the derivative by x[1] at (1, 2) is 6, but differences give 4\n");
}

TEST_CASE("the first statement that gives a NaN is told with its operation, operands and line") {
  ddx::detect_anomaly watch;
  ddx::tape tape;
  real const x = tape.input(1);
  real const y = x - 2;
  int const line = __LINE__ + 1;
  std::string const said = sentence([&] { [[maybe_unused]] real const z = 3 * sqrt(y) + x; });
  CHECK(said == "ddx::detect_anomaly: sqrt(-1) is nan, at " + std::string(__FILE__) + ":" + std::to_string(line));
  CHECK(tape.gradient(y, x) == 1);
  real sum = y;
  CHECK(sentence([&] { sum += 1 / (x - 1); }) ==
        "ddx::detect_anomaly: divide(1, 0) is inf, after " + std::string(__FILE__) + ":" + std::to_string(line - 2));
  CHECK(sum.value() == -1);
  CHECK(tape.gradient(sum, x) == 1);
}

TEST_CASE("a derivative that is not finite is told at the statement it comes from") {
  ddx::tape tape;
  real const x = tape.input(0);
  ddx::detect_anomaly watch;
  int const line = __LINE__ + 1;
  real const y = sqrt(x);
  real const z = y * 2;
  CHECK(sentence([&] { static_cast<void>(tape.gradient(z, x)); }) ==
        "ddx::detect_anomaly: the derivative of sqrt(0) by operand 1 times the adjoint is inf, at " +
            std::string(__FILE__) + ":" + std::to_string(line));
  real const w = x * 3;
  CHECK(tape.gradient(w, x) == 3);
}

TEST_CASE("without a watch nothing is looked at") {
  ddx::tape tape;
  real const x = tape.input(0);
  {
    ddx::detect_anomaly watch;
    ddx::detect_anomaly twice;
  }
  real const y = log(x);
  CHECK(std::isinf(y.value()));
  CHECK(std::isinf(tape.gradient(y, x)));
}

TEST_CASE("a user's record records, replays and has second derivatives") {
  ddx::tape tape;
  real const x = tape.input(2);
  real const y = wrong_square(x) * x;
  CHECK(tape.gradient(y, x) == 6 * 2 + 4);
  CHECK(tape.hessian(y, std::vector{x})[0][0] == 3 * 2 + 6 + 6);
  tape.replay(std::vector{3.0});
  CHECK(tape.value(y) == 27);
}

}  // namespace

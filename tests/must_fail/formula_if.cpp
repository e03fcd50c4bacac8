//! ddx: a condition on formulas is a formula, so it cannot steer if, while or ?:; write where(condition, a, b)
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

double larger(double a, double b) {
  if (x < y) return b;
  return a;
}

//! ddx::fn(f): a condition on a traced value is not known yet, so it cannot steer if, while or ?:; write where(condition, a, b) instead
#include <ddx/ddx.hpp>

constexpr auto f = ddx::fn<"x">([](auto x) {
  if (x > 0) return x;
  return -x;
});
double value() { return f(1.0); }

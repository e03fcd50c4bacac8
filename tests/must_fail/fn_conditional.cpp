//! ddx::fn(f): a condition on a traced value is not known yet, so it cannot steer if, while or ?:; write where(condition, a, b) instead
#include <ddx/ddx.hpp>

double value() {
  return ddx::fn<"x", "y">([](auto x, auto y) { return x < y ? x : y; })(5.0, 2.0);
}

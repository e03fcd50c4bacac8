//! ddx::fn(f): a condition on a traced value is not known yet, so it cannot steer if, while or ?:; write where(condition, a, b) instead
#include <ddx/ddx.hpp>

double value() {
  return ddx::fn<"x">([](auto x) {
    while (x > 1) x = x / 2;
    return x;
  })(5.0);
}

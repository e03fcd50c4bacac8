//! ddx::fn(f): f must take one argument for each name, and as auto: fn<"x", "y">([](auto x, auto y) { ... })
#include <ddx/ddx.hpp>

double value() {
  return ddx::fn<"x">([](double x) { return x * x; })(1.0);
}

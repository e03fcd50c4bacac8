//! ddx::fn(f): f must not capture, since it is traced inside the compiler; pass what it needs as arguments
#include <ddx/ddx.hpp>

double value(double scale) {
  return ddx::fn<"x">([&](auto x) { return scale * x; })(1.0);
}

//! ddx::fn(f): f must not capture, since it is traced inside the compiler; pass what it needs as arguments
#include <ddx/ddx.hpp>

double value(double scale) {
  auto const f = ddx::fn<"x">([scale](auto x) { return scale * x; });
  return f(1.0);
}

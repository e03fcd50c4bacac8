//! ddx: a kernel is called with bindings, as in kernel(x = 3.0, w = weights); into(...), if any, is first
#include <ddx/ddx.hpp>

constexpr ddx::array<"x", "i"> x;
void run(double const (&data)[3], double& total) {
  ddx::compile<ddx::sum<"i">(x)>()(x = data, ddx::into(total));
}

//! ddx: a kernel is called with bindings, as in kernel(x = 3.0, w = weights); into(...), if any, is first
#include <ddx/ddx.hpp>

constexpr ddx::array<"x", "i"> x;
double total(double const (&data)[3]) { return ddx::compile<ddx::sum<"i">(x)>()(data); }

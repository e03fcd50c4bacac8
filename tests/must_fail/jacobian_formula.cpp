//! ddx::jacobian(f): f is a function, ddx::fn<"x", "y">(...); of a formula write grad(f, x, y)
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;
auto j = ddx::jacobian(x * y, x, y);

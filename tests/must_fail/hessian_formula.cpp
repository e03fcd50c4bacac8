//! ddx::hessian(f): f is a function, ddx::fn<"x", "y">(...); of a formula write diff(f, x, y)
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;
auto h = ddx::hessian(x * y, x, y);

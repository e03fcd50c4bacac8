//! ddx: grad(f, x, y) is a list of formulas, not one; write diff(f, x), or auto [fx, fy] = grad(f, x, y)
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

auto gradient() { return ddx::eval(ddx::grad(x * y, x, y), x = 1.0, y = 2.0); }

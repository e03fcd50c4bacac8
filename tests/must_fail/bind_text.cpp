//! ddx: a scalar variable is bound to a number; an array needs a ddx::array<name, axes...>
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

double value() { return ddx::eval(x * x, x = "three"); }

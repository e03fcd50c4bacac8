//! ddx: a name of the formula is not bound in this call; bind every name, as in (x = 3.0, y = 0.5)
//! is_bound<ddx::text<2>{"y"}>
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

double value() { return ddx::eval(x * y, x = 3.0); }

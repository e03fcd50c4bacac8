//! ddx: this call binds a name that the formula does not have; leave it out or check its spelling
//! is_known<ddx::text<2>{"y"}>
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

double value() { return ddx::eval(x * x, x = 3.0, y = 0.5); }

//! ddx::eval(f, bindings...): a value comes with its name, as in eval(f, x = 3.0)
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
double const value = ddx::eval(x * x, 3.0);

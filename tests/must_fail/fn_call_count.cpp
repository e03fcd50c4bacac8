//! ddx: a function is called with one number for each of its arguments
#include <ddx/ddx.hpp>

constexpr auto f = ddx::fn<"x", "y">([](auto x, auto y) { return x * y; });
double value() { return f(1.0); }

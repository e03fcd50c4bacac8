//! ddx: a function is called with one number for each of its arguments
#include <ddx/ddx.hpp>

#include <array>

constexpr auto f = ddx::fn<"x", "y">([](auto x, auto y) { return x * y; });
double value() { return ddx::jvp(f, std::array{1.0, 2.0})(1.0, 2.0, 3.0); }

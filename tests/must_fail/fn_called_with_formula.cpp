//! ddx: a function is called with numbers, in the order of its arguments, as in f(1.0, 2.0)
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr auto f = ddx::fn<"x">([](auto x) { return x * x; });
auto g = f(x);

//! ddx::fn(f): f uses a formula from outside of it, which it cannot see; give f an argument for it
#include <ddx/ddx.hpp>

constexpr ddx::var<"y"> y;
constexpr auto f = ddx::fn<"x">([](auto x) { return x + y; });

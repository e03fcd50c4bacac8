//! ddx::grad(f, x...): f has no argument of this name
#include <ddx/ddx.hpp>

constexpr ddx::array<"X", "n"> X;
constexpr ddx::array<"w", "n"> w;
constexpr auto f = ddx::fn(ddx::args(X), [](auto x) { return ddx::sum<"n">(x * x); });
auto kernel = ddx::compile<ddx::grad(f, w)>();

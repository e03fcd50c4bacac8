//! ddx: this derivative is of a function with one value, this one has several; write jacobian, jvp or vjp
#include <ddx/ddx.hpp>

constexpr auto f = ddx::fn<"x", "y">([](auto x, auto y) { return x * y; });
auto derivative() { return ddx::diff<"x">(ddx::grad(f)); }

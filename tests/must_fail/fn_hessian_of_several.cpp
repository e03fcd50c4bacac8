//! ddx: this derivative is of a function with one value, this one has several; write jacobian, jvp or vjp
#include <ddx/ddx.hpp>

#include <array>

constexpr auto f = ddx::fn<"x", "y">([](auto x, auto y) { return std::array{x * y, x + y}; });
auto derivative() { return ddx::hessian(f); }

//! ddx::grad(f, x...): f must be a scalar, this one still has axes; reduce it first, or write jacobian
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;

auto derivatives() { return ddx::grad(ddx::sum<"d">(X * w), w); }

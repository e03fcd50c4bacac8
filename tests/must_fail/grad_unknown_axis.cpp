//! ddx: a reduction names an axis that no array of the formula has; check the spelling of the axis
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;

auto derivatives() { return ddx::grad(ddx::mean<"D">(w * x), x); }

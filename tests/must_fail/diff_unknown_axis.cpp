//! ddx: a reduction names an axis that no array of the formula has; check the spelling of the axis
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;

auto derivative() { return ddx::diff(ddx::sum<"q">(w * x), x); }

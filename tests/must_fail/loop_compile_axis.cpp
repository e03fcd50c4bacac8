//! ddx: a reduction names an axis that no array of the formula has; check the spelling of the axis
#include <ddx/ddx.hpp>

constexpr ddx::array<"X", "n", "d"> X;
auto kernel = ddx::compile<ddx::sum<"m">(X)>();

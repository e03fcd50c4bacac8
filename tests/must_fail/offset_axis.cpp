//! ddx: x[i + 1]: x lacks the axis of the index; check the spelling of the axis
#include <ddx/ddx.hpp>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::axis<"i"> i;

constexpr auto right = X[i + 1];

//! ddx: x[i]: x lacks the axis of the index; check the spelling of the axis
#include <ddx/ddx.hpp>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::axis<"d"> d;

constexpr auto total = ddx::sum<"d">(X)[d];

//! ddx::recurrence(i - 1, a, b): what comes before is a neighbour, at an offset of 1 or -1
#include <ddx/ddx.hpp>

constexpr ddx::array<"x", "i"> x;
constexpr ddx::axis<"i"> i;

auto smooth() { return ddx::recurrence(i, x, x); }

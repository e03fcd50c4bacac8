//! ddx::recurrence(i - 1, a, b): first comes the neighbour along an axis, constexpr ddx::axis<"i"> i;
#include <ddx/ddx.hpp>

constexpr ddx::array<"x", "i"> x;

auto smooth() { return ddx::recurrence<"i">(x, x); }

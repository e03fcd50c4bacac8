//! ddx: x[i + 1]: an offset along an axis is a whole number
#include <ddx/ddx.hpp>

constexpr ddx::array<"x", "i"> x;
constexpr ddx::axis<"i"> i;

constexpr auto half = x[i + 0.5];

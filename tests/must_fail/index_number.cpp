//! ddx: x[i + 1]: an index is along an axis, constexpr ddx::axis<"i"> i; the element at a place is ddx::take<"i">(x, place)
#include <ddx/ddx.hpp>

constexpr ddx::array<"x", "i"> x;
constexpr auto first = x[0];

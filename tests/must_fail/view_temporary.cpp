//! ddx::view(range, extents...): the range is a temporary whose elements would be gone when the view is used; give it a name first
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;

auto view() { return ddx::view(std::vector<float>{1, 2, 3}, 3); }

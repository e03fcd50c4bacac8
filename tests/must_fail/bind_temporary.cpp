//! ddx: an array is bound to a range that is a temporary, whose elements would be gone; give it a name first
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;

auto bound() { return w = std::vector<float>{1, 2, 3}; }

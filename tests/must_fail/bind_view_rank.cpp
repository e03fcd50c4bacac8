//! ddx: the view has another number of extents than the array has axes; give one extent an axis
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;

auto bound(std::vector<float>& data) { return X = ddx::view(data, 4); }

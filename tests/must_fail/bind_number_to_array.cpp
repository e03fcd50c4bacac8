//! ddx: an array is bound to contiguous elements: a vector, array, span, or ddx::view(data, extents...)
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;

auto bound() { return w = 3.0; }

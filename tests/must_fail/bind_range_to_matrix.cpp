//! ddx: an array of two or more axes is bound to a view with an extent for each, as in X = ddx::view(data, rows, columns)
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;

auto bound(std::vector<float>& data) { return X = data; }

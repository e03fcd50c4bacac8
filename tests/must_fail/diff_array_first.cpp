//! ddx::diff(f, x...): only the last variable may be an array; a derivative by an array is no longer a scalar
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;

auto derivative() { return ddx::diff(ddx::sum<"d">(w * x), w, x); }

//! ddx: a reduction names an axis twice; name each axis once
#include <ddx/ddx.hpp>

constexpr ddx::array<"X", "n", "d"> X;

auto total() { return ddx::sum<"n", "n">(X); }

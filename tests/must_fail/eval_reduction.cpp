//! ddx::eval: the formula reduces an array, which ddx::compile<f>() computes
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;

auto value(std::vector<float>& data) { return ddx::eval(ddx::sum<"d">(w), w = data); }

//! ddx::eval(f, bindings...): f must be a scalar; an array is computed by ddx::compile<f>()
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;

auto value(std::vector<float>& data) { return ddx::eval(2 * w, w = data); }

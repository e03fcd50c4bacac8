//! ddx::diff(f, x...): after the formula come the variables or arrays to differentiate by
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

auto derivative() { return ddx::diff(x * y, x * y); }

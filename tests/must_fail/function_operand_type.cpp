//! ddx: an operand of pow is neither a formula nor a number
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

auto wrong() { return pow(x, "two"); }

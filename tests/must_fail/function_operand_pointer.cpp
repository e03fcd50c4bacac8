//! ddx: an operand of atan2 is neither a formula nor a number
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

auto wrong(double const* p) { return max(x, exp(x)) + atan2(x, p); }

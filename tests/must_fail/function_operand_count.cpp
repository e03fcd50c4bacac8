//! ddx: sin is called with another number of operands than it takes
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

auto wrong() { return sin(x, y); }

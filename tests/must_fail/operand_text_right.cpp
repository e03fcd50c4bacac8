//! ddx: the right operand of + is neither a formula nor a number
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

auto sum() { return x + "text"; }

//! ddx: position<"n"> takes one operand that has the axis, as in ddx::position<"n">(x)
#include <ddx/ddx.hpp>

constexpr ddx::array<"t", "n"> t;

auto ramp() { return t * ddx::position<"n">(); }

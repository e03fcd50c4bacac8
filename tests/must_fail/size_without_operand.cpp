//! ddx: size<"n"> takes one operand that has the axis, as in ddx::size<"n">(x)
#include <ddx/ddx.hpp>

constexpr ddx::array<"t", "n"> t;

auto spread() { return ddx::sum<"n">(t) / sqrt(ddx::size<"n">()); }

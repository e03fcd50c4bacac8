//! ddx: x[i + 1]: x lacks the axis of the index; check the spelling of the axis
#include <ddx/ddx.hpp>

constexpr ddx::array<"x", "i"> x;
constexpr ddx::axis<"j"> j;

constexpr auto f = ddx::fn(ddx::args(x), [](auto x) { return x[j + 1]; });
constexpr auto kernel = ddx::compile<f>();

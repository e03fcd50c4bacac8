//! ddx: a name of the formula is not bound in this call; bind every name, as in (x = 3.0, y = 0.5)
//! is_bound<ddx::text<2>{"w"}>
#include <ddx/ddx.hpp>

constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;
constexpr auto f = ddx::sum<"d">(w * x);

auto value() { return ddx::compile<f>()(x = 3.0); }

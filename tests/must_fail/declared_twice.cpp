//! ddx: two symbols of the formula have the same name and different axes; give each a name of its own
#include <ddx/ddx.hpp>

constexpr ddx::array<"x", "n"> samples;
constexpr ddx::var<"x"> x;
auto kernel = ddx::compile<ddx::sum<"n">(samples * x)>();

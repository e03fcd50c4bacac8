//! ddx: 0 < x < 1 asks whether the condition 0 < x is below 1; write 0 < x && x < 1
#include <ddx/ddx.hpp>

constexpr auto f = ddx::fn<"x">([](auto x) { return where(0 < x < 1, x, 0); });

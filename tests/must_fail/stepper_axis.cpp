//! ddx: a reduction names an axis that no array of the formula has; check the spelling of the axis
#include <ddx/ddx.hpp>

constexpr ddx::array<"w", "d"> w;
auto step = ddx::stepper<ddx::sum<"m">(ddx::sum<"d">(w)), w>(ddx::sgd{.lr = 0.1});

//! ddx::stepper<loss, w...>: the loss is a constant formula or a ddx::fn of arrays
#include <ddx/ddx.hpp>

constexpr ddx::array<"w", "d"> w;
auto step = ddx::stepper<1, w>(ddx::sgd{.lr = 0.1});

//! ddx::stepper<loss, w...>(optimiser): the argument is an optimiser, as ddx::sgd{.lr = 0.1}
#include <ddx/ddx.hpp>

constexpr ddx::array<"w", "d"> w;
auto step = ddx::stepper<ddx::sum<"d">(w), w>(0.1);

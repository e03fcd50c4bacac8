//! ddx::stepper<loss, w...>: after the loss come the variables and arrays to be trained
#include <ddx/ddx.hpp>

constexpr ddx::array<"w", "d"> w;
auto step = ddx::stepper<ddx::sum<"d">(w), w * 2>(ddx::sgd{.lr = 0.1});

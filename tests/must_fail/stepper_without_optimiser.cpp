//! ddx::stepper<loss, w...>(optimiser): the argument is an optimiser, as ddx::sgd{.lr = 0.1}
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
auto step = ddx::stepper<x * x, x>();

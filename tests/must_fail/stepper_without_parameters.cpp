//! ddx::stepper<loss, w...>: after the loss come the variables and arrays to be trained
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
auto step = ddx::stepper<x * x>(ddx::sgd{.lr = 0.1});

//! ddx::stepper<loss, w...>: a parameter is named twice; name each once
#include <ddx/ddx.hpp>

constexpr ddx::array<"t", "n"> t;
constexpr ddx::var<"x"> x;
auto step = ddx::stepper<ddx::sum<"n">(t * x), x, x>(ddx::sgd{.lr = 0.1});

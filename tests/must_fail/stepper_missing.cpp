//! ddx: a name of the formula is not bound in this call; bind every name, as in (x = 3.0, y = 0.5)
//! is_bound<ddx::text<2>{"y"}>
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;
constexpr auto loss = pow(x - y, 2);

auto train(double& at) { return ddx::stepper<loss, x>(ddx::sgd{.lr = 0.1})(x = at); }

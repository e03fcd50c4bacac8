//! ddx::stepper: the step keeps what its optimiser remembers, so it must not be const
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr auto loss = pow(x - 3, 2);

void train(double& at) {
  auto const step = ddx::stepper<loss, x>(ddx::adam{.lr = 0.1});
  step(x = at);
}

//! ddx::stepper<loss, w...>: the loss must be a scalar, this one still has axes; take the mean over the batch
#include <ddx/ddx.hpp>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr auto loss = pow(ddx::sum<"d">(X * w), 2);
auto step = ddx::stepper<loss, w>(ddx::sgd{.lr = 0.1});

//! ddx::stepper<loss, w...>: a parameter does not occur in the loss, which cannot train it
#include <ddx/ddx.hpp>

constexpr ddx::array<"x", "n"> x;
constexpr ddx::var<"w"> w;
constexpr ddx::var<"b"> b;
auto step = ddx::stepper<ddx::sum<"n">(x* w), w, b>(ddx::sgd{.lr = 0.1});

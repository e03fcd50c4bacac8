//! ddx::stepper: a trained parameter has floating-point elements, float or double
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"b"> b;
constexpr auto f = ddx::sum<"n">(ddx::sum<"d">(X * w) + b);

auto step = ddx::stepper<f, w>(ddx::sgd{});
void call(std::vector<float>& x, std::vector<int>& weights) { step(X = ddx::view(x, 2, 2), w = weights, b = 0.0f); }

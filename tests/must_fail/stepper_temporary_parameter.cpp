//! ddx::stepper: a trained parameter is updated in place, so it is bound to a variable or to mutable elements, not to a constant or a temporary
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"b"> b;
constexpr auto f = ddx::sum<"n">(ddx::sum<"d">(X * w) + b);

auto step = ddx::stepper<f, w, b>(ddx::sgd{});
void call(std::vector<float>& x, std::vector<float>& weights) { step(X = ddx::view(x, 2, 2), w = weights, b = 0.0f); }

//! ddx: into(...) needs one place for each output of the kernel
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"b"> b;
constexpr auto f = ddx::sum<"n">(ddx::sum<"d">(X * w) + b);

void call(std::vector<float>& x, std::vector<float>& weights) {
  float value = 0;
  ddx::compile<f, ddx::grad(f, w)>()(ddx::into(value), X = ddx::view(x, 2, 2), w = weights, b = 1.0f);
}

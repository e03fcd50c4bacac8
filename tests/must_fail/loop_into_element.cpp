//! ddx: an array output has the element type that the kernel computes in, the widest floating type among its arrays
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"b"> b;
constexpr auto f = ddx::sum<"n">(ddx::sum<"d">(X * w) + b);

void call(std::vector<float>& x, std::vector<float>& weights) {
  std::vector<double> gradient(2);
  ddx::compile<ddx::grad(f, w)>()(ddx::into(gradient), X = ddx::view(x, 2, 2), w = weights, b = 1.0f);
}

//! ddx: an array output is written to elements of float or double that are not const
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"b"> b;
constexpr auto f = ddx::sum<"n">(ddx::sum<"d">(X * w) + b);

void call(std::vector<float>& x, std::vector<float>& weights) {
  std::vector<int> gradient(2);
  ddx::compile<ddx::grad(f, w)>()(ddx::into(gradient), X = ddx::view(x, 2, 2), w = weights, b = 1.0f);
}

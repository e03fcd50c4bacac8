//! ddx: this output of the kernel is a number; give into(...) a variable for it
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"b"> b;
constexpr auto f = ddx::sum<"n">(ddx::sum<"d">(X * w) + b);

void call(std::vector<float>& x, std::vector<float>& weights) {
  std::vector<float> value(1);
  ddx::compile<f>()(ddx::into(value), X = ddx::view(x, 2, 2), w = weights, b = 1.0f);
}

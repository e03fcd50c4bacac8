//! ddx::into(...): an output is a temporary, whose elements would be gone; give it a name first
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr auto f = ddx::sum<"n">(ddx::sum<"d">(X * w));

void call(std::vector<float>& x, std::vector<float>& weights) {
  ddx::compile<ddx::grad(f, w)>()(ddx::into(std::vector<float>(2)), X = ddx::view(x, 2, 2), w = weights);
}

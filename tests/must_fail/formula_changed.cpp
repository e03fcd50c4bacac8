//! ddx: f += g: a formula does not change; write auto h = f + g, or a ddx::fn, whose locals do
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

auto sum() {
  auto f = x * y;
  f += y;
  return f;
}

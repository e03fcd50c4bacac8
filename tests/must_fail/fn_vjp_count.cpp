//! ddx::vjp(f, u): u must have an element for each value of f
#include <ddx/ddx.hpp>

#include <array>

constexpr auto f = ddx::fn<"x", "y">([](auto x, auto y) { return std::array{x * y, x + y}; });
auto product() { return ddx::vjp(f, std::array{1.0}); }

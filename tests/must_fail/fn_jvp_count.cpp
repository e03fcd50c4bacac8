//! ddx::jvp(f, v): v must have an element for each argument of f
#include <ddx/ddx.hpp>

#include <array>

constexpr auto f = ddx::fn<"x", "y">([](auto x, auto y) { return x * y; });
auto product() { return ddx::jvp(f, std::array{1.0}); }

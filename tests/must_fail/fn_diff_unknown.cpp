//! ddx::diff<name>(f): f has no argument of this name
#include <ddx/ddx.hpp>

constexpr auto f = ddx::fn<"x", "y">([](auto x, auto y) { return x * y; });
auto derivative() { return ddx::diff<"z">(f); }

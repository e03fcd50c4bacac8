//! ddx::fn: two arguments have the same name; give each a name of its own
#include <ddx/ddx.hpp>

constexpr auto f = ddx::fn<"a", "a">([](auto a, auto b) { return a - b; });

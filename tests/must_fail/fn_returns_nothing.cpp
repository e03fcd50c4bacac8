//! ddx::fn(f): f must return a value or a std::array of values, not nothing, a pair or a tuple
#include <ddx/ddx.hpp>

constexpr auto f = ddx::fn<"x">([](auto x) { static_cast<void>(x * x); });

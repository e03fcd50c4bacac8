//! ddx::compile<f>(): the formula is a template argument, so it is a constant: constexpr auto f = ...;
#include <ddx/ddx.hpp>

constexpr ddx::array<"x", "i"> x;
auto kernel = ddx::compile(ddx::sum<"i">(x));

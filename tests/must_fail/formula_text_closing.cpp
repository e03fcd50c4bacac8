//! ddx::formula<text>: expected ')'
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr auto f = diff(ddx::formula<"sin(x">, x);

int main() {}

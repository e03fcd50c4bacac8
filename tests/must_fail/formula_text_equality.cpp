//! ddx::formula<text>: '=' is no operator; equality is written '=='
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr auto f = diff(ddx::formula<"x = 3">, x);

int main() {}

//! ddx::formula<text>: expected a number, a name or '('
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr auto f = diff(ddx::formula<"2*">, x);

int main() {}

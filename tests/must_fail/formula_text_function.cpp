//! ddx::formula<text>: unknown function; an own primitive is named as ddx::formula<text, record>
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr auto f = diff(ddx::formula<"sni(x)">, x);

int main() {}

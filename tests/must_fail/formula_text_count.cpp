//! ddx::formula<text>: a function has another number of operands than it takes
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr auto f = diff(ddx::formula<"atan2(x)">, x);

int main() {}

//! ddx::sum(x): the axis has to be named, as in ddx::sum<"n">(x)
#include <ddx/ddx.hpp>

constexpr ddx::array<"t", "n"> t;

auto total() { return ddx::sum(t); }

//! ddx::dot(a, b): the axis has to be named, as in ddx::dot<"n">(a, b)
#include <ddx/ddx.hpp>

constexpr auto f = ddx::fn(ddx::args(ddx::array<"w", "d">{}), [](auto w) { return dot(w, w); });

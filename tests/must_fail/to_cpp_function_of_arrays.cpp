//! ddx::to_cpp(f, name): a function of numbers is written, so f has variables only; ddx::compile computes functions of arrays
#include <ddx/ddx.hpp>

constexpr ddx::array<"w", "d"> w;
constexpr auto f = ddx::fn(ddx::args(w), [](auto weights) { return ddx::sum<"d">(weights * weights); });
std::string text() { return ddx::to_cpp(f, "f"); }

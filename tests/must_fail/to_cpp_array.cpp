//! ddx::to_cpp(f, name): a function of numbers is written, so f has variables only; ddx::compile computes formulas of arrays
#include <ddx/ddx.hpp>

constexpr ddx::array<"w", "d"> w;
std::string text() { return ddx::to_cpp(ddx::sum<"d">(w * w), "f"); }

//! ddx::array<name, axes...>: an array has one to six named axes; a scalar is a ddx::var<name>
#include <ddx/ddx.hpp>

constexpr ddx::array<"x", "a", "b", "c", "d", "e", "f", "g"> x;

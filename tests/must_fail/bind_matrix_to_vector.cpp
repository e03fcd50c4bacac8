//! ddx: a matrix or a view of several axes is bound to an array of as many axes; an array of one axis takes a vector
#include <ddx/ddx.hpp>

constexpr ddx::array<"w", "d"> w;

auto bound(float (&matrix)[3][4]) { return w = matrix; }

//! ddx::array<name, axes...>: two axes have the same name; each axis has a name of its own, as in array<"A", "i", "j">
#include <ddx/ddx.hpp>

constexpr ddx::array<"A", "n", "n"> A;

//! ddx: a scalar variable is bound to a number; an array needs a ddx::array<name, axes...>
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;

double value(std::vector<double> const& numbers) { return ddx::eval(x * x, x = numbers); }

//! ddx: this call binds a name whose axes differ from those of the formula; use the same declaration
#include <ddx/ddx.hpp>

#include <vector>

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"x"> x;

constexpr ddx::array<"x", "d"> other;
double value(std::vector<double>& numbers) { return ddx::eval(x * x, other = numbers); }

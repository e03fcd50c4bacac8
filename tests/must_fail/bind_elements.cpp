//! ddx: the elements of an array are numbers: float, double, bool or integers
#include <ddx/ddx.hpp>

#include <string>
constexpr ddx::array<"x", "i"> x;
double total(std::string const (&data)[3]) { return ddx::compile<ddx::sum<"i">(x)>()(x = data); }

//! ddx: a function is called with numbers, in the order of its arguments, as in f(1.0, 2.0)
#include <ddx/ddx.hpp>

#include <vector>
std::vector<double> const v(3);
double const value = ddx::fn<"x">([](auto x) { return x * x; })(v);

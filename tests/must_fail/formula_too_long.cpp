//! ddx: a formula of more than 2000 operators and operands compiles slowly
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

constexpr auto twice(auto t) { return t * sin(t); }
double value() {
  return ddx::eval(twice(twice(twice(twice(twice(twice(twice(twice(twice(x + y))))))))), x = 1.0, y = 2.0);
}

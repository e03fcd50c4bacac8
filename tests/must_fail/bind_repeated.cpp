//! ddx: this call binds the same name twice; bind each name once
#include <ddx/ddx.hpp>

constexpr ddx::var<"x"> x;
constexpr ddx::var<"y"> y;

double value() { return ddx::eval(x * y, x = 3.0, y = 0.5, x = 2.0); }

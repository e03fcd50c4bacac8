//! ddx: a function of arrays is not called with numbers; ddx::compile<f>() computes it
#include <ddx/ddx.hpp>

constexpr ddx::array<"w", "d"> w;
constexpr ddx::var<"b"> b;
constexpr auto f = ddx::fn(ddx::args(w, b), [](auto weights, auto bias) { return ddx::sum<"d">(weights * bias); });
double value() { return f(1.0, 2.0); }

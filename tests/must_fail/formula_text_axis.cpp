//! ddx::formula<text>: a reduction is over an axis that no array has; an array is written with its axes, as in X[n, d]
#include <ddx/ddx.hpp>

double value() { return ddx::eval(ddx::formula<"sum[d](X*w)">); }

//! ddx::schedule(kernel): a kernel or a step has a schedule, as in ddx::schedule(ddx::compile<f>())
#include <ddx/ddx.hpp>
#include <ddx/loop/schedule.hpp>

constexpr ddx::var<"x"> x;

auto text() { return ddx::schedule(x * x); }

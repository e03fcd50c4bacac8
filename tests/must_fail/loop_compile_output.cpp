//! ddx::compile<outputs...>(): an output is a constant formula, grad(f, x...) or a ddx::fn of arrays
#include <ddx/ddx.hpp>

auto kernel = ddx::compile<3>();

//! ddx: the right operand of + is neither a formula nor a number
#include <ddx/ddx.hpp>

double value() {
  return ddx::fn<"x">([](auto x) { return x + "text"; })(1.0);
}

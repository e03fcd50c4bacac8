//! ddx::tensor: the axes of tensors have numbers, not names; write x.sum(0), x.mean(0), x.max(0)
#include <ddx/ddx.hpp>
#include <ddx/tape.hpp>

int main() { auto total = ddx::sum<"d">(ddx::tensor({1., 2.})); }

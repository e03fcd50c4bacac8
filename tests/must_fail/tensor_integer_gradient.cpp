//! ddx::tensor::requires_grad_(): only tensors of floating-point numbers can require gradients; write to<double>() first
#include <ddx/tape.hpp>

int main() { auto x = ddx::tensor(3).requires_grad_(); }

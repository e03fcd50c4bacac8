//! ddx::tensor: a change in place cannot make a tensor of whole numbers one of floating-point numbers; write x = x + y
#include <ddx/tape.hpp>

int main() {
  auto x = ddx::tensor(3);
  x += 0.5;
}

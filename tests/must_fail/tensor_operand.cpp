//! ddx: the right operand of + is neither a formula nor a number
#include <ddx/ddx.hpp>
#include <ddx/tape.hpp>

int main() { auto x = ddx::tensor(3.) + "three"; }

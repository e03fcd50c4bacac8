//! ddx::tensor<T>: elements are double, float, std::int64_t or bool
#include <ddx/tape.hpp>

int main() { ddx::tensor<char> x({'a'}); }

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What a user's first program needs of every part: headers, compiled printing, vector mathematics, compiled data readers.
#include <ddx/data/idx.hpp>
#include <ddx/ddx.hpp>
#include <fmt/core.h>

#include <vector>

constexpr ddx::array<"x", "n"> x;

// g++ compares names in the library's templates with a user's globals.
int a, at, b, begin, bytes, c, call, count, end, f, g, h, half, i, id, k, n, offset, order, p, part, result, row, size,
    u, value;

int main() {
  constexpr ddx::var<"t"> t;
  fmt::print("{:u}\n", ddx::diff(sin(t * t), t));  //> 2t·cos(t²)

  std::vector<float> values(1000, 0.0f);
  auto kernel = ddx::compile<ddx::mean<"n">(exp(x))>();
  fmt::print("{:.3f}\n", kernel(x = values));  //> 1.000

  try {
    ddx::data::read_idx("missing");
  } catch (ddx::error const& e) {
    fmt::print("{}\n", e.what());  //> missing: no such file
  }
}

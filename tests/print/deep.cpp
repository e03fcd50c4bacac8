// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Chains of a million operators enter; that they are printed without using up the stack, and texts without bound refused, is checked.
#include <catch2/catch.hpp>
#include <ddx/print/print.hpp>
#include <string>

#include "../graph/building.hpp"

namespace {

template <class Step>
ddx::graph chain(int length, Step step) {
  ddx::graph g;
  ddx::traced const x = building::scalar(g, "x"), y = building::scalar(g, "y");
  ddx::traced t = x;
  for (int i = 0; i < length; ++i) t = step(t, x, y);
  g.outputs.push_back(building::id(g, t));
  return g;
}

TEST_CASE("a chain of a million operators is printed") {
  constexpr int length = 1000000;
  std::string const sines = ddx::print(chain(length, [](auto t, auto, auto) { return sin(t); }).view());
  CHECK(sines.size() == 5u * length + 1);
  CHECK(sines.substr(4 * length - 4, 10) == "sin(x)))))");
  CHECK(ddx::print(chain(length, [](auto t, auto x, auto) { return x - t; }).view()).size() > 5u * length);
  CHECK(
      ddx::print(chain(length, [](auto t, auto x, auto) { return x / (1 + t); }).view(), 0, ddx::format::latex).size() >
      10u * length);
  CHECK(ddx::print(chain(length, [](auto t, auto, auto y) { return pow(y, t); }).view()).size() > 3u * length);
}

TEST_CASE("a function in C++ of a deep chain has short expressions") {
  std::string const text =
      ddx::print_cpp_value_and_gradient(chain(100000, [](auto t, auto, auto y) { return sin(t) + y; }).view());
  std::size_t longest = 0;
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = text.find('\n', begin);
    longest = std::max(longest, end - begin);
  }
  CHECK(longest < 1000);
}

TEST_CASE("a text that grows without bound is refused with a sentence") {
  ddx::graph const doubling = chain(64, [](auto t, auto x, auto) { return sin(t) + cos(t) * x; });
  CHECK_THROWS_WITH(ddx::print(doubling.view()),
                    "ddx::print: the text of this formula is longer than 64 MB; print its parts");
  CHECK(ddx::print_cpp_value_and_gradient(doubling.view()).size() < 100000);
}

}  // namespace

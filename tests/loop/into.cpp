// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Calls with the caller's memory, wrong sizes and several threads enter; no allocation, the documented sentences and equal results leave.
#include <thread>

#include "../count_allocations.hpp"
#include "oracle.hpp"

namespace {

using ddx::grad, ddx::max, ddx::mean, ddx::sum;
using oracle::random_elements;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::var<"b"> b;

constexpr auto prediction = sum<"d">(X * w) + b;
constexpr auto loss = mean<"n">(pow(prediction - y, 2));

TEST_CASE("a kernel with the caller's memory does not allocate, from the first call on") {
  std::ptrdiff_t const n = 200, d = 30;
  random_elements<float> x(1, n * d), weights(2, d), labels(3, n);
  std::vector<float> gw(static_cast<std::size_t>(d)), predictions(static_cast<std::size_t>(n));
  float value = 0, gb = 0;
  auto const kernel = ddx::compile<loss, grad(loss, w, b), prediction>();
  CHECK(allocations_of([&] {
          for (int i = 0; i < 3; ++i)
            kernel(ddx::into(value, gw, gb, predictions), X = x.view(n, d), w = weights.view(d), b = 1.0f,
                   y = labels.view(n));
        }) == 0);
  auto const step = ddx::stepper<loss, w, b>(ddx::sgd{.lr = 0.01});
  CHECK(allocations_of([&] { value = step(X = x.view(n, d), w = gw, b = gb, y = labels.view(n)); }) == 0);
}

TEST_CASE("a kernel that keeps more than 64 KB between its passes allocates it once a thread") {
  std::ptrdiff_t const n = 300, d = 100;
  constexpr ddx::array<"W", "d", "k"> W;
  random_elements<float> x(1, n * d), c(2, d * d);
  std::vector<float> result(static_cast<std::size_t>(d));
  constexpr auto z = sum<"d">(X * W);
  auto const kernel = ddx::compile<sum<"n">(exp(z - max<"n">(z)))>();
  auto const run = [&] { kernel(ddx::into(result), X = x.view(n, d), W = c.view(d, d)); };
  int first = 0, second = 0;
  std::thread([&] {
    first = allocations_of(run);
    second = allocations_of(run);
  }).join();
  CHECK(first == 1);
  CHECK(second == 0);
}

TEST_CASE("an output of the wrong size is refused in a sentence before anything is written") {
  std::vector<float> x(12, 1), weights(3, 1), labels(4, 0);
  auto const kernel = ddx::compile<loss, grad(loss, w), prediction>();
  float value = -1;
  std::vector<float> gradient(3, -2), predictions(5, -3), empty;
  auto const call = [&](auto&... targets) {
    kernel(ddx::into(targets...), X = ddx::view(x, 4, 3), w = weights, b = 1.0f, y = labels);
  };
  CHECK_THROWS_WITH(call(value, gradient, predictions), "into: output 3 needs 4 elements, the range given has 5");
  predictions.resize(3);
  CHECK_THROWS_WITH(call(value, gradient, predictions), "into: output 3 needs 4 elements, the range given has 3");
  CHECK_THROWS_WITH(call(value, empty, predictions), "into: output 3 needs 4 elements, the range given has 3");
  CHECK(empty.empty());
  gradient.resize(2);
  predictions.resize(4, -3);
  CHECK_THROWS_WITH(call(value, gradient, predictions), "into: output 2 needs 3 elements, the range given has 2");
  auto short_view = ddx::view(predictions.data(), 2);
  CHECK_THROWS_WITH(call(value, short_view, predictions), "into: output 2 needs 3 elements, the range given has 2");
  CHECK_THROWS_AS(call(value, gradient, predictions), ddx::error);
  CHECK(value == -1);
  CHECK(gradient == std::vector<float>(2, -2));
  CHECK(predictions == std::vector<float>(4, -3));
}

TEST_CASE("an empty vector is given its size") {
  std::vector<float> x(12, 1), weights(3, 1), labels(4, 0), gradient;
  ddx::compile<grad(loss, w)>()(ddx::into(gradient), X = ddx::view(x, 4, 3), w = weights, b = 1.0f, y = labels);
  CHECK(gradient == std::vector<float>(3, 8));
}

TEST_CASE("arrays, spans and views take outputs") {
  std::vector<double> x{1, 2, 3, 4, 5, 6}, storage(6, -1);
  std::array<double, 3> columns{};
  std::span<double> rows(storage.data() + 1, 2);
  auto scaled = ddx::view(storage.data(), 2, 3);
  ddx::compile<sum<"n">(X), sum<"d">(X)>()(ddx::into(columns, rows), X = ddx::view(x, 2, 3));
  CHECK(columns == std::array<double, 3>{5, 7, 9});
  CHECK(storage == std::vector<double>{-1, 6, 15, -1, -1, -1});
  ddx::compile<X * 2>()(ddx::into(scaled), X = ddx::view(x, 2, 3));
  CHECK(storage == std::vector<double>{2, 4, 6, 8, 10, 12});
}

TEST_CASE("numbers are handed over in the type of the variable") {
  std::vector<float> x{1, 2, 3, 4};
  double wide = 0;
  int whole = 0;
  ddx::compile<sum<"n">(y), max<"n">(y)>()(ddx::into(wide, whole), y = x);
  CHECK(wide == 10);
  CHECK(whole == 4);
}

TEST_CASE("extents that disagree are named with both arrays and their extents") {
  std::vector<float> x(12, 1), weights(3, 1), labels(4, 0);
  float value = -1;
  auto const kernel = ddx::compile<loss>();
  auto const call = [&](std::ptrdiff_t n, std::ptrdiff_t d, auto const& v, auto const& l) {
    kernel(ddx::into(value), X = ddx::view(x.data(), n, d), w = v, b = 1.0f, y = l);
  };
  CHECK_THROWS_WITH(call(3, 4, weights, labels), "axis d: X has 4, w has 3");
  CHECK_THROWS_WITH(call(3, 3, weights, labels), "axis n: X has 3, y has 4");
  CHECK_THROWS_WITH(call(4, 0, weights, labels), "axis d: X has 0, w has 3");
  CHECK_THROWS_AS(call(3, 4, weights, labels), ddx::error);
  CHECK(value == -1);

  constexpr ddx::array<"v", "d"> v;
  constexpr auto three = sum<"d">(v * w * X);
  std::vector<float> two(2, 1);
  CHECK_THROWS_WITH(ddx::compile<three>()(X = ddx::view(x, 4, 3), w = weights, v = two), "axis d: v has 2, w has 3");
  CHECK_THROWS_WITH(ddx::compile<three>()(X = ddx::view(x, 4, 3), w = two, v = two), "axis d: v has 2, X has 3");
  CHECK_THROWS_WITH(ddx::compile<three>()(X = ddx::view(x, 4, 3), w = two, v = weights), "axis d: v has 3, w has 2");
}

TEST_CASE("a shape that the elements do not have is refused by view") {
  std::vector<float> x(8);
  CHECK_THROWS_WITH(ddx::view(x, 4, 3), "view: 8 elements cannot have the shape 4 x 3");
  CHECK_THROWS_WITH(ddx::view(x, -2, -4), "view: 8 elements cannot have the shape -2 x -4");
  CHECK_THROWS_WITH(ddx::view(x, 0, 3), "view: 8 elements cannot have the shape 0 x 3");
  CHECK_THROWS_WITH(ddx::view(x, 7), "view: 8 elements cannot have the shape 7");
}

TEST_CASE("calls from several threads at once give the same results") {
  std::ptrdiff_t const n = 300, d = 100;
  random_elements<float> x(1, n * d), c(2, d), labels(3, n);
  constexpr auto centred = sum<"n">((X - mean<"n">(X)) * exp(sum<"d">((X - mean<"n">(X)) * w) / 100));
  auto const run = [&] {
    std::vector<float> out(static_cast<std::size_t>(d)), gradient(static_cast<std::size_t>(d));
    float value = 0;
    for (int i = 0; i < 5; ++i) {
      ddx::compile<centred>()(ddx::into(out), X = x.view(n, d), w = c.view(d));
      ddx::compile<loss, grad(loss, w)>()(ddx::into(value, gradient), X = x.view(n, d), w = c.view(d), b = 1.0f,
                                          y = labels.view(n));
    }
    out.insert(out.end(), gradient.begin(), gradient.end());
    out.push_back(value);
    return out;
  };
  auto const expected = run();
  std::vector<std::vector<float>> results(6);
  std::vector<std::thread> threads;
  for (auto& result : results) threads.emplace_back([&] { result = run(); });
  for (auto& thread : threads) thread.join();
  for (auto const& result : results) CHECK(result == expected);
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Calls whose arguments share memory enter; each gives the right result or is refused with a sentence that names both, with nothing
// written.
#include "../loop/oracle.hpp"

namespace {

using ddx::grad, ddx::mean, ddx::sum;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;
constexpr ddx::array<"z", "n"> z;
constexpr ddx::var<"b"> b;

constexpr auto score = sum<"d">(X * w) + b;
constexpr auto loss = mean<"n">(pow(score - y, 2));

TEST_CASE("an output over an input that is still read is refused") {
  std::vector<float> x{1, 2, 3, 4, 5, 6}, weights{1, 2}, labels{1, 1, 1};
  auto const kernel = ddx::compile<score, grad(loss, w)>();
  auto const call = [&](auto&&... targets) {
    kernel(ddx::into(targets...), X = ddx::view(x, 3, 2), w = weights, y = labels, b = 0);
  };
  std::vector<float> rows(3), gradient(2);
  CHECK_THROWS_WITH(call(rows, weights), "output 2 and the input w share memory; give one of them memory of its own");
  CHECK_THROWS_AS(call(rows, weights), ddx::error);
  CHECK_THROWS_WITH(call(ddx::view(x.data() + 1, 3), gradient),
                    "output 1 and the input X share memory; give one of them memory of its own");
  CHECK_THROWS_WITH(call(rows, ddx::view(rows.data() + 2, 1).strides(1)), Catch::Contains("needs 2 elements"));
  CHECK_THROWS_WITH(call(rows, ddx::view(rows.data() + 1, 2)),
                    "output 1 and output 2 share memory; give one of them memory of its own");
  CHECK(x == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(weights == std::vector<float>{1, 2});
  CHECK(rows == std::vector<float>(3));
  call(rows, gradient);
  CHECK(rows == std::vector<float>{5, 11, 17});
}

TEST_CASE("an elementwise output may lie on its input") {
  std::vector<double> values{1, 2, 3, 4, 5, 6, 7, 8, 9}, others(9, 10);
  auto const place = ddx::view(values.data(), 9);
  ddx::compile<y * y + z>()(ddx::into(place), y = values, z = others);
  CHECK(values == std::vector<double>{11, 14, 19, 26, 35, 46, 59, 74, 91});
  auto const kernel = ddx::compile<y * 2, y + z>();
  kernel(ddx::into(values, others), y = values, z = others);
  CHECK(values == std::vector<double>{22, 28, 38, 52, 70, 92, 118, 148, 182});
  CHECK(others == std::vector<double>{21, 24, 29, 36, 45, 56, 69, 84, 101});
  double number = 4;
  ddx::compile<y - 3 * z / b>()(ddx::into(others), y = values, z = others, b = number);
  CHECK(others[8] == 106.25);
  // One element further on, what is written is read as the next element.
  auto const next = ddx::view(values.data() + 1, 8), first = ddx::view(values.data(), 8);
  CHECK_THROWS_WITH(ddx::compile<y * 2>()(ddx::into(next), y = first),
                    "output 1 and the input y share memory; give one of them memory of its own");
  CHECK_THROWS_WITH(ddx::compile<y - mean<"n">(y)>()(ddx::into(values), y = values),
                    "output 1 and the input y share memory; give one of them memory of its own");
  std::vector<double> square{1, 2, 3, 4};
  CHECK_THROWS_WITH(
      ddx::compile<X * 2>()(ddx::into(ddx::view(square, 2, 2)), X = ddx::view(square, 2, 2).column_major()),
      "output 1 and the input X share memory; give one of them memory of its own");
  CHECK(square == std::vector<double>{1, 2, 3, 4});
}

TEST_CASE("parameters share memory with nothing else") {
  std::vector<double> x{1, 2, 3, 4, 5, 6}, weights{1, 2}, labels{1, 1, 1};
  double bias = 0;
  auto const step = ddx::stepper<loss, w, b>(ddx::sgd{.lr = 0.5});
  CHECK_THROWS_WITH(step(X = ddx::view(x, 3, 2), w = ddx::view(x.data() + 2, 2), y = labels, b = bias),
                    "the parameter w and the input X share memory; give one of them memory of its own");
  CHECK_THROWS_WITH(step(X = ddx::view(x, 3, 2), w = weights, y = labels, b = weights[1]),
                    "the parameter w and the parameter b share memory; give one of them memory of its own");
  CHECK_THROWS_WITH(
      step(X = ddx::view(x, 3, 2), w = ddx::view(weights.data(), 2).strides(0), y = labels, b = bias),
      "the parameter w has indices that mean the same element; what is written needs an element for each");
  CHECK(weights == std::vector<double>{1, 2});
  CHECK(bias == 0);
  CHECK(x == std::vector<double>{1, 2, 3, 4, 5, 6});
  constexpr ddx::var<"p"> p;
  constexpr ddx::var<"q"> q;
  CHECK_THROWS_WITH((ddx::stepper<p * q, p, q>(ddx::sgd{})(p = bias, q = bias)),
                    "the parameter p and the parameter q share memory; give one of them memory of its own");
}

TEST_CASE("numbers are read before and written after everything else") {
  std::vector<double> values{1, 2, 3};
  ddx::compile<sum<"n">(y)>()(ddx::into(values[1]), y = values);
  CHECK(values == std::vector<double>{1, 6, 3});
  CHECK(ddx::stepper<sum<"n">(pow(y - b, 2)), b>(ddx::sgd{.lr = 0.25})(y = values, b = values[0]) == 29);
  CHECK(values == std::vector<double>{4.5, 6, 3});
  CHECK_THROWS_WITH((ddx::compile<sum<"n">(y), y * 2>()(ddx::into(values[1], values), y = values)),
                    Catch::Contains("share memory"));
}

using ddx::detail::footprint_of, ddx::detail::share_memory, ddx::detail::meets_itself;

/// Whether two views share an element, by listing all addresses.
template <class First, class Second>
bool listed(First const& one, Second const& other) {
  auto const places = [](auto const& v) {
    std::vector<char const*> all;
    for (std::ptrdiff_t i = 0; i < v.extents[0]; ++i)
      for (std::ptrdiff_t j = 0; j < v.extents[1]; ++j)
        for (std::size_t k = 0; k < sizeof(*v.data); ++k)
          all.push_back(reinterpret_cast<char const*>(v.data + i * v.stride[0] + j * v.stride[1]) + k);
    return all;
  };
  auto const first = places(one), second = places(other);
  return std::find_first_of(first.begin(), first.end(), second.begin(), second.end()) != first.end();
}

TEST_CASE("views that share an element are always seen, disjoint parts of one table are told apart") {
  std::vector<float> table(4096);
  std::mt19937 engine(7);
  auto const below = [&](int n) { return static_cast<std::ptrdiff_t>(engine() % static_cast<unsigned>(n)); };
  int apart = 0, together = 0;
  for (int i = 0; i < 20000; ++i) {
    auto const some = [&] {
      return ddx::view(table.data() + 1000 + below(200), below(5), below(5)).strides(below(60) - 20, below(60) - 20);
    };
    auto const a = some(), c = some();
    bool const shared = listed(a, c);
    if (shared) REQUIRE(share_memory(footprint_of(a), footprint_of(c)));
    (shared ? together : apart) += share_memory(footprint_of(a), footprint_of(c)) == shared;
    auto all = a;
    std::vector<float const*> places;
    for (std::ptrdiff_t k = 0; k < all.extents[0]; ++k)
      for (std::ptrdiff_t l = 0; l < all.extents[1]; ++l)
        places.push_back(all.data + k * all.stride[0] + l * all.stride[1]);
    std::sort(places.begin(), places.end());
    if (std::adjacent_find(places.begin(), places.end()) != places.end()) REQUIRE(meets_itself(footprint_of(all)));
  }
  CHECK(apart > 5000);
  CHECK(together > 500);
  auto const block = [&](std::ptrdiff_t row, std::ptrdiff_t column, std::ptrdiff_t rows, std::ptrdiff_t columns) {
    return footprint_of(ddx::view(table.data() + row * 16 + column, rows, columns).strides(16, 1));
  };
  CHECK_FALSE(share_memory(block(0, 0, 9, 8), block(0, 8, 9, 8)));
  CHECK_FALSE(share_memory(block(0, 3, 9, 5), block(2, 9, 3, 1)));
  CHECK(share_memory(block(0, 3, 9, 6), block(2, 8, 3, 1)));
  CHECK_FALSE(share_memory(block(0, 3, 0, 6), block(0, 3, 1, 6)));
  CHECK_FALSE(meets_itself(block(0, 0, 9, 16)));
}

}  // namespace

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Seeds enter; permutations leave, the same everywhere.
#include <ddx/data/shuffle.hpp>

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

using ddx::data::permutation;
using order = std::vector<std::size_t>;

TEST_CASE("a permutation is fixed by its seed and stream on every platform") {
  // From an independent implementation of the standard's seed_seq and mt19937_64 in Python.
  CHECK(permutation(10, 1) == order{3, 8, 9, 4, 2, 0, 7, 1, 5, 6});
  CHECK(permutation(10, 1, 1) == order{0, 9, 6, 3, 5, 8, 7, 1, 2, 4});
  CHECK(permutation(10, std::uint64_t{1} << 40) == order{9, 3, 2, 6, 8, 4, 7, 1, 5, 0});
}

TEST_CASE("a permutation holds every position once") {
  for (std::size_t const count : {0u, 1u, 2u, 3u, 64u, 1000u}) {
    order all = permutation(count, 5);
    std::sort(all.begin(), all.end());
    REQUIRE(all.size() == count);
    for (std::size_t i = 0; i < count; ++i) CHECK(all[i] == i);
  }
}

TEST_CASE("every order of three comes about equally often") {
  std::array<int, 27> counts{};
  for (std::uint64_t seed = 0; seed < 6000; ++seed) {
    order const p = permutation(3, seed);
    ++counts[9 * p[0] + 3 * p[1] + p[2]];
  }
  int seen = 0;
  for (int const count : counts) {
    seen += count > 0;
    CHECK((count == 0 || (count > 850 && count < 1150)));  // 1000 with a standard deviation of 29
  }
  CHECK(seen == 6);
}

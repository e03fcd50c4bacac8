// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Seeds enter; permutations leave, by arithmetic that the C++ standard fixes to the bit.
#include <ddx/data/shuffle.hpp>

#include <bit>
#include <numeric>
#include <random>
#include <utility>

namespace ddx::data {
namespace {

// Uniform on 0, …, bound - 1: draws of just enough bits, again while they are too large.
std::size_t below(std::size_t bound, std::mt19937_64& random) {
  auto const bits = static_cast<unsigned>(std::bit_width(bound - 1));
  if (bits == 0) return 0;
  for (;;)
    if (std::uint64_t const draw = random() >> (64 - bits); draw < bound) return static_cast<std::size_t>(draw);
}

}  // namespace

std::vector<std::size_t> permutation(std::size_t count, std::uint64_t seed, std::uint64_t stream) {
  // std::seed_seq takes 32 bits a word; it spreads neighbouring seeds and streams apart.
  std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                      static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)};
  std::mt19937_64 random(words);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t left = count; left > 1; --left) std::swap(order[left - 1], order[below(left, random)]);
  return order;
}

}  // namespace ddx::data

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Arrays of more elements than 32 bits can count enter, and batches of which one is many times the other; exact results, and scratch
// that does not grow, leave.
#include <sys/mman.h>

#include <thread>

#include "../count_allocations.hpp"
#include "oracle.hpp"

namespace {

using ddx::grad, ddx::max, ddx::mean, ddx::sum;

constexpr ddx::array<"X", "n", "d"> X;
constexpr ddx::array<"w", "d"> w;
constexpr ddx::array<"y", "n"> y;

TEST_CASE("a matrix of more than 2^32 elements") {
  std::ptrdiff_t const n = 65551, d = 65537;  // both prime
  static_assert(n * d > std::ptrdiff_t{1} << 32);
  std::vector<std::uint8_t> row(static_cast<std::size_t>(d));
  double total = 0;
  for (std::ptrdiff_t i = 0; i < d; ++i) {
    row[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i * i % 251);
    total += row[static_cast<std::size_t>(i)];
  }
  CHECK(ddx::compile<sum<"n">(sum<"d">(X))>()(X = ddx::view(row.data(), n, d).strides(0, 1)) ==
        static_cast<double>(n) * total);
}

/// Zeros that take no memory until they are written.
class sparse_bytes {
 public:
  explicit sparse_bytes(std::size_t size) : size_(size) {
    void* const at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    REQUIRE(at != MAP_FAILED);
    madvise(at, size, MADV_HUGEPAGE);  // fewer page faults
    data_ = static_cast<std::uint8_t*>(at);
  }
  sparse_bytes(sparse_bytes const&) = delete;
  ~sparse_bytes() { munmap(data_, size_); }
  std::uint8_t* data() const { return data_; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_;
};

TEST_CASE("a vector of more than 2^32 elements, and rows further apart than that") {
  std::ptrdiff_t const n = (std::ptrdiff_t{1} << 32) + 10;
  sparse_bytes const bytes(static_cast<std::size_t>(n));
  bytes.data()[0] = 1;
  bytes.data()[n - 10] = 200;
  bytes.data()[n - 1] = 30;
  CHECK(ddx::compile<sum<"n">(y)>()(y = ddx::view(bytes.data(), n)) == 231);
  std::vector<double> sums(3);
  ddx::compile<sum<"d">(X)>()(ddx::into(sums), X = ddx::view(bytes.data(), 3, 8).strides((n - 8) / 2, 1));
  CHECK(sums == std::vector<double>{1, 0, 30});
}

TEST_CASE("the scratch of a step depends on its parameters and not on the length of the batch") {
  constexpr auto loss = mean<"n">(pow(sum<"d">(X * w) - y, 2));
  std::ptrdiff_t const d = 20001;
  std::vector<float> row(static_cast<std::size_t>(d), 0.5f), weights(row);
  auto const step = ddx::stepper<loss, w>(ddx::sgd{.lr = 0});
  auto const bytes_for = [&](std::ptrdiff_t n) {
    std::size_t used = 0;
    std::vector<float> labels(static_cast<std::size_t>(n));
    std::thread([&] {
      std::size_t const before = allocated_bytes();
      step(X = ddx::view(row.data(), n, d).strides(0, 1), y = labels, w = weights);
      used = allocated_bytes() - before;
    }).join();
    return used;
  };
  std::size_t const few = bytes_for(2000);
  CHECK(few > 0);
  CHECK(few < 40 * static_cast<std::size_t>(d));
  CHECK(bytes_for(20000) == few);
}

}  // namespace

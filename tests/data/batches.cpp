// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Row counts and batch sizes enter; ranges that cover the rows once leave.
#include <ddx/data/batches.hpp>

#include <vector>

#include <catch2/catch.hpp>

using ddx::data::batches;
using ddx::data::row_range;

static_assert(batches(10, 4).size() == 3);
static_assert(batches(10, 4)[2] == row_range{8, 2});

TEST_CASE("batches cover every row once and in order, the last one partial") {
  for (std::size_t rows = 0; rows < 30; ++rows)
    for (std::size_t size = 0; size < 35; ++size) {
      CAPTURE(rows, size);
      std::size_t next = 0, count = 0;
      for (row_range const batch : batches(rows, size)) {
        CHECK(batch.first == next);
        CHECK(batch.count > 0);
        CHECK((size == 0 || batch.count <= size));
        next += batch.count;
        ++count;
      }
      CHECK(next == rows);
      CHECK(count == batches(rows, size).size());
    }
}

TEST_CASE("a batch size of 0 or above the rows makes one batch") {
  CHECK(batches(7, 0).size() == 1);
  CHECK(batches(7, 100)[0] == row_range{0, 7});
}

TEST_CASE("no rows make no batches") { CHECK(batches(0, 4).size() == 0); }

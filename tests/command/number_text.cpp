// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Numbers enter; text as people write it leaves.
#include "command/number_text.hpp"

#include <array>

#include <catch2/catch.hpp>

using namespace ddx::command;

TEST_CASE("digits come in groups of three") {
  CHECK(grouped(std::size_t{0}) == "0");
  CHECK(grouped(std::size_t{999}) == "999");
  CHECK(grouped(std::size_t{1000}) == "1,000");
  CHECK(grouped(std::size_t{123456789}) == "123,456,789");
  CHECK(grouped(1234567.6) == "1,234,568");
}

TEST_CASE("extents are joined by x") { CHECK(extents(std::array<std::size_t, 2>{28, 28}) == "28 x 28"); }

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A program with the same kernels compiled for two instruction sets enters; each translation unit must run its own.
#include "isa.hpp"

#include <catch2/catch.hpp>

namespace {

TEST_CASE("kernels compiled for two instruction sets in one program keep to their own") {
  std::vector<isa::report> reports{isa::run_baseline()};
  CHECK(reports[0].vector_bytes == 16);
  CHECK_FALSE(reports[0].once);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    reports.push_back(isa::run_avx2());
    CHECK(reports[1].vector_bytes == 32);
  }
  for (isa::report const& report : reports) {
    CAPTURE(report.vector_bytes);
    CHECK(report.returned == report.once);
    CHECK(report.into == report.once);
    CHECK(report.step == report.once);
  }
}

}  // namespace

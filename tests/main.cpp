// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The test cases linked with this file enter; a run and a closing line `N passed, N failed` that ./dev adds up leave.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdio>
#include <optional>

namespace {

std::optional<Catch::Counts> counted;

/// Keeps the totals: Catch2 tells its main function only the number of failed assertions.
struct tally : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testRunEnded(Catch::TestRunStats const& run) override { counted = run.totals.testCases; }
};
CATCH_REGISTER_LISTENER(tally)

}  // namespace

int main(int argc, char* argv[]) {
  int const status = Catch::Session().run(argc, argv);
  if (counted) std::printf("%zu passed, %zu failed\n", counted->passed + counted->failedButOk, counted->failed);
  return status;
}

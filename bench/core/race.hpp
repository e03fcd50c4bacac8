// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A problem and those who solve it enter; a race of them, which the driver checks and times, leaves.
//
// Contenders live in modules, shared objects with one exported function: each has its own flags and libraries, and
// neither templates compiled for two instruction sets nor two BLAS are merged by a linker.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// One who takes part.
struct contender {
  std::string name;
  std::function<void()> prepare;          ///< back to the initial state
  std::function<void(std::int64_t)> run;  ///< so many calls, one after the other
  std::function<std::vector<double>()>
      outcome{};  ///< what the calls since `prepare` led to; none where there is nothing to compare
  std::string note{};
};

/// What must be done and moved, whoever does it: the least, so that its roof is a roof.
struct work {
  double flops = 0;       ///< a call
  double bytes = 0;       ///< that a call reads or writes at least once
  double footprint = 0;   ///< bytes that all calls together touch: which cache they stay in
  bool in_place = false;  ///< as much is written as is read
  bool single = false;    ///< float, not double
};

/// Those who cannot take part, and why.
struct absence {
  std::string name, reason;
};

struct race {
  std::string suite, name;
  std::string_view kind;          ///< which type `problem` points to
  void const* problem = nullptr;  ///< what contenders read their data from
  std::string baseline;           ///< whom ratios refer to; the first contender where it is missing
  int checked_calls = 1;          ///< calls between `prepare` and the comparison
  std::vector<double> expected;   ///< by the reference
  double tolerance = 1e-9;        ///< of each number, in units of it plus the root mean square of the derivatives
  std::int64_t calls_at_most = std::int64_t{1} << 40;  ///< calls from one `prepare` to the next
  bool threads = false;   ///< contenders may use several: times are those of the clock, not of processors
  double divided_by = 1;  ///< items in a call, for the figures in a report
  std::string unit = "call";
  work least{};
  std::vector<contender> contenders{};
  std::vector<absence> absent{};

  /// The problem, where it is one of this type: types have a `kind`.
  template <class Problem>
  Problem const* get() const {
    return kind == Problem::kind ? static_cast<Problem const*>(problem) : nullptr;
  }
};

/// What every module exports as `enter`: adds its contenders to a race, if it has any for it.
using enter_function = void(race&);

/// Calls of a function that the compiler can neither drop nor merge: what it reads may have changed, what it writes is
/// read.
template <class Function>
auto repeated(Function f) {
  return [f = std::move(f)](std::int64_t count) mutable {
    for (std::int64_t i = 0; i < count; ++i) {
      benchmark::ClobberMemory();
      f();
      benchmark::ClobberMemory();
    }
  };
}

}  // namespace bench

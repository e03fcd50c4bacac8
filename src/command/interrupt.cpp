// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Signals enter; a flag leaves.
#include "interrupt.hpp"

namespace ddx::command {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

constexpr int signals[] = {SIGINT, SIGTERM};

}  // namespace

interrupt_guard::interrupt_guard() {
  interrupted = false;
  struct sigaction action{};
  action.sa_handler = [](int) { interrupted = true; };
  // RESETHAND: the second signal is not ours. RESTART: reads and writes under way go on.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < 2; ++i) sigaction(signals[i], &action, &before_[i]);
}

interrupt_guard::~interrupt_guard() {
  for (int i = 0; i < 2; ++i) sigaction(signals[i], &before_[i], nullptr);
}

std::atomic<bool> const& interrupt_guard::flag() { return interrupted; }

}  // namespace ddx::command

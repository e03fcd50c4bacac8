// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Ctrl-C enters; a flag leaves that training looks at after each epoch.
#pragma once

#include <csignal>

#include <atomic>

namespace ddx::command {

/// While it lives, the first SIGINT or SIGTERM sets the flag; the second one of a kind ends the program as usual.
class interrupt_guard {
 public:
  interrupt_guard();
  ~interrupt_guard();
  interrupt_guard(interrupt_guard const&) = delete;
  interrupt_guard& operator=(interrupt_guard const&) = delete;

  static std::atomic<bool> const& flag();

 private:
  struct sigaction before_[2];
};

}  // namespace ddx::command

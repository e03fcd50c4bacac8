// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Scopes enter; in them operations on tensors are not recorded, or are recorded again.
#pragma once

namespace ddx {

/// While it lives, this thread's operations on tensors are not recorded: `ddx::no_grad off;`.
class no_grad {
 public:
  no_grad();
  ~no_grad();
  no_grad(no_grad const&) = delete;
  no_grad& operator=(no_grad const&) = delete;

 private:
  bool& recording_;  // of the thread
  bool before_;
};

/// While it lives, they are recorded again.
class enable_grad {
 public:
  enable_grad();
  ~enable_grad();
  enable_grad(enable_grad const&) = delete;
  enable_grad& operator=(enable_grad const&) = delete;

 private:
  bool& recording_;  // of the thread
  bool before_;
};

/// Whether this thread's operations are recorded.
bool is_grad_enabled();

}  // namespace ddx

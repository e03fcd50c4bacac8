// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Steps of a training enter; a line that redraws itself leaves on a terminal, and nothing in a pipe.
#pragma once

#include <chrono>
#include <cstddef>

#include <ddx/step/fit.hpp>

namespace ddx::command {

/// The bar `epoch 3/10 [=====>     ] loss 0.0952  11,204,000 images/s`, at most ten times a second. Own code: Debian
/// has no such library for C++. Nothing is drawn where standard output is no terminal, or a dumb one.
class progress_bar {
 public:
  explicit progress_bar(std::size_t epochs);
  ~progress_bar() { clear(); }
  progress_bar(progress_bar const&) = delete;
  progress_bar& operator=(progress_bar const&) = delete;

  void show(step_record const& step);

  /// Takes the bar away, so that a line can be printed in its place.
  void clear();

 private:
  std::size_t epochs_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace ddx::command

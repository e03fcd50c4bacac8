// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Steps enter; a redrawn line leaves.
#include "progress_bar.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "number_text.hpp"

namespace ddx::command {
namespace {

bool is_terminal() {
  char const* const kind = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && kind != nullptr && std::string_view(kind) != "dumb";
}

std::size_t columns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

progress_bar::progress_bar(std::size_t epochs) : epochs_(epochs), terminal_(is_terminal()) {}

void progress_bar::show(step_record const& step) {
  if (!terminal_) return;
  auto const now = std::chrono::steady_clock::now();
  if (drawn_ && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  std::string const before = fmt::format("epoch {}/{} [", step.epoch, epochs_);
  double const speed = step.step_seconds > 0 ? static_cast<double>(step.rows_done) / step.step_seconds : 0;
  std::string const after = fmt::format("] loss {:.4f}  {} images/s", step.loss, grouped(speed));
  std::size_t const taken = before.size() + after.size() + 1;
  std::size_t const width = std::min<std::size_t>(40, columns() > taken ? columns() - taken : 0);
  std::size_t const full = step.steps == 0 ? 0 : width * step.steps_done / step.steps;
  fmt::print("\r\033[K{}{:=<{}}{:<{}}{}", before, "", full, full < width ? ">" : "", width - full, after);
  std::fflush(stdout);
  drawn_ = true;
}

void progress_bar::clear() {
  if (!drawn_) return;
  fmt::print("\r\033[K");
  std::fflush(stdout);
  drawn_ = false;
}

}  // namespace ddx::command

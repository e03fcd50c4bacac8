// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Bytes enter; lines leave.
#include "line_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <ddx/error.hpp>

namespace ddx::command {

line_reader::line_reader(int file, std::string name, std::size_t longest, std::function<void()> before_wait)
    : file_(file),
      name_(std::move(name)),
      longest_(longest),
      before_wait_(std::move(before_wait)),
      buffer_(std::size_t{1} << 16, '\0') {}

bool line_reader::fill() {
  before_wait_();
  for (;;) {
    auto const count = ::read(file_, buffer_.data(), buffer_.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw error(name_ + ": cannot be read: " + std::strerror(errno));
    at_ = 0;
    end_ = static_cast<std::size_t>(count);
    return count > 0;
  }
}

bool line_reader::next(std::string& line) {
  line.clear();
  bool any = false;
  while (at_ < end_ || fill()) {
    any = true;
    std::string_view const rest(buffer_.data() + at_, end_ - at_);
    auto const part = rest.substr(0, rest.find('\n'));
    line.append(part.substr(0, longest_ - std::min(longest_, line.size())));
    at_ += part.size();
    if (part.size() < rest.size()) {
      ++at_;
      break;
    }
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return any;
}

}  // namespace ddx::command

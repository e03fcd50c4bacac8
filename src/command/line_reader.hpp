// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// An open file enters; its lines leave, one after the other, in memory that does not grow with their number.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace ddx::command {

class line_reader {
 public:
  /// Reads a file descriptor, which stays the caller's. A line keeps its first `longest` bytes. `before_wait` is called before each
  /// read: what is answered by then may be shown, for the next line may take its time.
  line_reader(int file, std::string name, std::size_t longest, std::function<void()> before_wait);

  /// The next line without its end (\n or \r\n; the last one needs none); whether there was one. Error: `name: cannot be read: why`.
  bool next(std::string& line);

 private:
  bool fill();

  int file_;
  std::string name_;
  std::size_t longest_;
  std::function<void()> before_wait_;
  std::string buffer_;
  std::size_t at_ = 0, end_ = 0;
};

}  // namespace ddx::command

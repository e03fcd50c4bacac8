// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Words enter; formulas and their places leave.
#include "formula_input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include <ddx/error.hpp>
#include <ddx/formula/parse.hpp>

#include "line_reader.hpp"

namespace ddx::command {
namespace {

class open_file {
 public:
  explicit open_file(std::string const& path) : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (number_ < 0) throw error(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  }
  ~open_file() { ::close(number_); }
  open_file(open_file const&) = delete;
  open_file& operator=(open_file const&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

std::string_view without_mark(std::string_view line) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  return line.starts_with(byte_order_mark) ? line.substr(byte_order_mark.size()) : line;
}

std::string_view formula_in(std::string_view line) {
  auto const begin = line.find_first_not_of(" \t");
  return begin == line.npos || line[begin] == '#' ? std::string_view() : line;
}

void read_lines(int file, std::string const& name, std::function<void()> const& before_wait,
                std::function<void(std::string_view, place const&)> const& take) {
  // A byte more than a formula may have, so that the parser sees that it is too long.
  line_reader lines(file, name.empty() ? "standard input" : name, max_formula_text + 1, before_wait);
  std::string line;
  for (place at{name, 1}; lines.next(line); ++at.line) take(formula_in(at.line == 1 ? without_mark(line) : line), at);
}

}  // namespace

void for_each_formula(std::vector<std::string> const& words, std::function<void()> const& before_wait,
                      std::function<void(std::string_view, place const&)> const& take) {
  for (std::string const& word : words) {
    if (word == "-") {
      read_lines(STDIN_FILENO, "", before_wait, take);
    } else if (word.starts_with('@')) {
      std::string const path = word.substr(1);
      read_lines(open_file(path).number(), path, before_wait, take);
    } else {
      take(word, {});
    }
  }
}

}  // namespace ddx::command

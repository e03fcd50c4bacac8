// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Bytes in a file or a pipe enter; their lines leave.
#include "command/line_reader.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "../data/idx_file.hpp"

using namespace ddx::command;

namespace {

std::vector<std::string> lines_of(std::string const& bytes, std::size_t longest = 100) {
  temporary_folder const folder;
  write_bytes(folder / "lines", bytes);
  int const file = open((folder / "lines").c_str(), O_RDONLY);
  REQUIRE(file >= 0);
  line_reader reader(file, "lines", longest, [] {});
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  close(file);
  return lines;
}

}  // namespace

TEST_CASE("lines end in a line feed, with or without a carriage return") {
  using all = std::vector<std::string>;
  CHECK(lines_of("") == all{});
  CHECK(lines_of("\n") == all{""});
  CHECK(lines_of("a\nb") == all{"a", "b"});
  CHECK(lines_of("a\r\n\nb\n") == all{"a", "", "b"});
  CHECK(lines_of(std::string("a\0b\n\xff", 5)) == all{std::string("a\0b", 3), "\xff"});
}

TEST_CASE("a line keeps as much as is asked for") {
  using all = std::vector<std::string>;
  CHECK(lines_of("abcdef\nabc\nabcd\nx", 3) == all{"abc", "abc", "abc", "x"});
  // Longer than the buffer.
  std::string const long_line(200000, 'x');
  CHECK(lines_of(long_line + "\ny\n", 1000) == all{std::string(1000, 'x'), "y"});
  CHECK(lines_of(long_line + "\ny\n", 1000000) == all{long_line, "y"});
}

TEST_CASE("the reader says when it may have to wait") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  int waits = 0;
  line_reader reader(ends[0], "pipe", 100, [&] { ++waits; });
  REQUIRE(write(ends[1], "a\nb\nc", 5) == 5);
  std::string line;
  CHECK(reader.next(line));
  CHECK(reader.next(line));
  CHECK(waits == 1);
  REQUIRE(write(ends[1], "d\n", 2) == 2);
  CHECK(reader.next(line));
  CHECK(line == "cd");
  CHECK(waits == 2);
  close(ends[1]);
  CHECK(!reader.next(line));
  close(ends[0]);
}

TEST_CASE("what cannot be read is told") {
  int const folder = open("/", O_RDONLY);
  REQUIRE(folder >= 0);
  line_reader reader(folder, "@", 100, [] {});
  std::string line;
  CHECK(complaint([&] { reader.next(line); }) == "@: cannot be read: Is a directory");
  close(folder);
}

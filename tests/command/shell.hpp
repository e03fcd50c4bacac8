// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Command lines enter the ddx program of $DDX_BIN; its output and its status leave.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include <catch2/catch.hpp>

struct result {
  int status;
  std::string text;  // standard output and standard error
};

inline result shell(std::string const& command) {
  char const* const bin = std::getenv("DDX_BIN");
  if (!bin) FAIL("DDX_BIN must name the folder that holds the ddx program");
  std::FILE* const pipe =
      popen(("export PATH='" + std::string(bin) + "':\"$PATH\"; { " + command + "; } 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  int const status = pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text};
}

inline bool has(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

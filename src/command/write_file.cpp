// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Text enters; a whole file or an error leaves.
#include "write_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include <ddx/error.hpp>

namespace ddx::command {
namespace {

[[noreturn]] void cannot(std::filesystem::path const& path, char const* verb, std::string const& why) {
  throw error(fmt::format("{}: cannot be {}: {}", path.string(), verb, why));
}

struct close_file {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

std::filesystem::path beside(std::filesystem::path const& path) {
  return path.parent_path() / fmt::format(".{}.{}{}", path.stem().string(), getpid(), path.extension().string());
}

void replace_file(std::filesystem::path const& from, std::filesystem::path const& to) {
  std::error_code failure;
  std::filesystem::rename(from, to, failure);
  if (!failure) return;
  std::error_code ignored;
  std::filesystem::remove(from, ignored);
  cannot(to, "written", failure.message());
}

void write_file(std::filesystem::path const& path, std::string_view text) {
  auto const part = beside(path);
  std::unique_ptr<std::FILE, close_file> file(std::fopen(part.c_str(), "wb"));
  if (!file) cannot(path, "written", std::strerror(errno));
  bool const whole = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
                     std::fflush(file.get()) == 0 && fsync(fileno(file.get())) == 0;
  if (!whole) {
    std::string const why = std::strerror(errno);
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    cannot(path, "written", why);
  }
  file.reset();
  replace_file(part, path);
}

void require_folder(std::filesystem::path const& path) {
  auto const folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  // With the dot, which a file of that name has not.
  if (access((folder / ".").c_str(), W_OK | X_OK) != 0) cannot(folder, "written into", std::strerror(errno));
}

void make_folder(std::filesystem::path const& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) cannot(folder, "made", failure.message());
  if (!std::filesystem::is_directory(folder)) cannot(folder, "made", "a file of this name is there");
  if (access(folder.c_str(), W_OK) != 0) cannot(folder, "written into", std::strerror(errno));
}

}  // namespace ddx::command

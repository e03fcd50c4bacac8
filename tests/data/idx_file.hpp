// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Shapes and bytes enter; IDX files in a folder that goes away with its test leave.
#pragma once

#include <stdlib.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include <ddx/error.hpp>

/// A new folder under the system's temporary one, removed with all it holds.
class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ddx-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~temporary_folder() { std::filesystem::remove_all(path_); }
  temporary_folder(temporary_folder const&) = delete;
  temporary_folder& operator=(temporary_folder const&) = delete;

  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void write_bytes(std::filesystem::path const& path, std::string const& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string read_bytes(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write_gzip(std::filesystem::path const& path, std::string const& bytes) {
  gzFile const file = gzopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  REQUIRE(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) == static_cast<int>(bytes.size()));
  REQUIRE(gzclose(file) == Z_OK);
}

/// The header of an IDX file: magic number, element type, extents.
inline std::string idx_header(std::vector<std::uint32_t> const& shape, char type = 0x08) {
  std::string bytes{0, 0, type, static_cast<char>(shape.size())};
  for (std::uint32_t const extent : shape)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(extent >> shift & 0xFF);
  return bytes;
}

/// A whole IDX file whose elements are 0, 1, 2, …, each modulo 256.
inline std::string idx_bytes(std::vector<std::uint32_t> const& shape) {
  std::size_t size = 1;
  for (std::uint32_t const extent : shape) size *= extent;
  std::string bytes = idx_header(shape);
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i % 256);
  return bytes;
}

/// The words of the ddx::error that the action throws, or "" if it throws none.
template <class Action>
std::string complaint(Action action) {
  try {
    action();
  } catch (ddx::error const& e) { return e.what(); }
  return "";
}

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// IDX files, whole and broken ones, enter; arrays and exact complaints leave.
#include <ddx/data/idx.hpp>

#include "idx_file.hpp"

using ddx::data::read_idx;

namespace {

std::string complaint_about(std::filesystem::path const& path) {
  std::string const words = complaint([&] { read_idx(path); });
  std::string const name = path.string() + ": ";
  CHECK(words.find('\n') == words.npos);
  CHECK(words.substr(0, name.size()) == name);
  return words.size() < name.size() ? words : words.substr(name.size());
}

}  // namespace

TEST_CASE("an IDX file is read plain and gzipped") {
  temporary_folder const folder;
  std::string const bytes = idx_bytes({3, 2, 5});
  write_bytes(folder / "plain", bytes);
  write_gzip(folder / "zipped", bytes);
  for (auto const* name : {"plain", "zipped"}) {
    auto const array = read_idx(folder / name);
    CHECK(array.shape == std::vector<std::size_t>{3, 2, 5});
    REQUIRE(array.values.size() == 30);
    for (std::size_t i = 0; i < 30; ++i) CHECK(array.values[i] == i);
  }
}

TEST_CASE("an IDX file larger than the reading buffer is read whole") {
  temporary_folder const folder;
  write_gzip(folder / "large.gz", idx_bytes({3000, 1001}));
  auto const array = read_idx(folder / "large.gz");
  REQUIRE(array.values.size() == 3003000);
  bool right = true;
  for (std::size_t i = 0; i < array.values.size(); ++i) right = right && array.values[i] == i % 256;
  CHECK(right);
}

TEST_CASE("an IDX file of no elements is an empty array") {
  temporary_folder const folder;
  write_bytes(folder / "empty", idx_bytes({0, 28, 28}));
  auto const array = read_idx(folder / "empty");
  CHECK(array.shape == std::vector<std::size_t>{0, 28, 28});
  CHECK(array.values.empty());
}

TEST_CASE("what is no IDX file is refused") {
  temporary_folder const folder;
  CHECK(complaint_about(folder / "missing") == "no such file");
  CHECK(complaint_about(folder.path()) == "is a folder, not an IDX file");
  write_bytes(folder / "nothing", "");
  CHECK(complaint_about(folder / "nothing") == "is empty, not an IDX file");
  write_bytes(folder / "text", "hello, world");
  CHECK(complaint_about(folder / "text") ==
        "not an IDX file: it begins with 68 65 6c 6c, unsigned bytes with 00 00 08");
  write_bytes(folder / "short", std::string("\0\0", 2));
  CHECK(complaint_about(folder / "short") == "truncated: 2 bytes, less than an IDX header");
  write_bytes(folder / "type", std::string("\0\0\7\1", 4));
  CHECK(complaint_about(folder / "type") ==
        "not an IDX file: it begins with 00 00 07 01, unsigned bytes with 00 00 08");
}

TEST_CASE("an IDX file of other elements than unsigned bytes is refused") {
  temporary_folder const folder;
  write_bytes(folder / "floats", idx_header({2}, 0x0D) + "12345678");
  CHECK(complaint_about(folder / "floats") == "holds floats; only unsigned bytes are read");
  write_bytes(folder / "signed", idx_header({2}, 0x09) + "12");
  CHECK(complaint_about(folder / "signed") == "holds signed bytes; only unsigned bytes are read");
}

TEST_CASE("an IDX file with too few or too many dimensions is refused") {
  temporary_folder const folder;
  write_bytes(folder / "none", idx_header({}));
  CHECK(complaint_about(folder / "none") == "the header says 0 dimensions; 1 to 8 are read");
  write_bytes(folder / "many", idx_bytes({1, 1, 1, 1, 1, 1, 1, 1, 1}));
  CHECK(complaint_about(folder / "many") == "the header says 9 dimensions; 1 to 8 are read");
}

TEST_CASE("a truncated IDX file is refused wherever it breaks off") {
  temporary_folder const folder;
  std::string const bytes = idx_bytes({2, 3, 4});
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CAPTURE(length);
    write_bytes(folder / "part", bytes.substr(0, length));
    write_gzip(folder / "part.gz", bytes.substr(0, length));
    CHECK(complaint_about(folder / "part") != "");
    CHECK(complaint_about(folder / "part.gz") != "");
  }
  write_bytes(folder / "header", bytes.substr(0, 10));
  CHECK(complaint_about(folder / "header") == "truncated: the header breaks off in dimension 2 of 3");
  write_bytes(folder / "data", bytes.substr(0, 20));
  CHECK(complaint_about(folder / "data") == "truncated: the header says 2 x 3 x 4 = 24 bytes, 4 are there");
}

TEST_CASE("a truncated or damaged gzip stream is refused") {
  temporary_folder const folder;
  write_gzip(folder / "whole.gz", idx_bytes({100, 100}));
  std::string const stream = read_bytes(folder / "whole.gz");
  for (std::size_t length = 0; length < stream.size(); ++length) {
    CAPTURE(length);
    write_bytes(folder / "cut.gz", stream.substr(0, length));
    CHECK(complaint_about(folder / "cut.gz") != "");
  }
  write_bytes(folder / "cut.gz", stream.substr(0, stream.size() - 4));
  CHECK(complaint_about(folder / "cut.gz") == "truncated: the gzip stream breaks off");
  std::string wrong = stream;
  wrong[wrong.size() - 6] = static_cast<char>(~wrong[wrong.size() - 6]);  // in the checksum
  write_bytes(folder / "wrong.gz", wrong);
  CHECK(complaint_about(folder / "wrong.gz").substr(0, 20) == "damaged gzip stream:");
}

TEST_CASE("bytes left over after an IDX array are refused") {
  temporary_folder const folder;
  write_bytes(folder / "long", idx_bytes({2, 3}) + "x");
  write_gzip(folder / "long.gz", idx_bytes({2, 3}) + "x");
  for (auto const* name : {"long", "long.gz"})
    CHECK(complaint_about(folder / name) == "bytes are left over after the 2 x 3 that the header says");
}

TEST_CASE("absurd extents are refused before memory is taken") {
  temporary_folder const folder;
  std::uint32_t const most = 0xFFFFFFFF;
  std::vector<std::vector<std::uint32_t>> const shapes{
      {most}, {most, most}, {most, most, most, most}, {1u << 31, 1u << 31, 4}, {60000, 28, 28}};
  for (auto const& shape : shapes) {
    write_bytes(folder / "absurd", idx_header(shape) + "some bytes");
    write_gzip(folder / "absurd.gz", idx_header(shape) + "some bytes");
    for (auto const* name : {"absurd", "absurd.gz"}) {
      CAPTURE(name, shape);
      CHECK(complaint_about(folder / name).find("more than the file can hold") != std::string::npos);
    }
  }
  write_bytes(folder / "zero", idx_header({0, most, most, most}));
  CHECK(read_idx(folder / "zero").values.empty());
}

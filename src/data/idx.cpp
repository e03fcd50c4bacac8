// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The bytes of an IDX file enter through zlib; an array leaves, or one sentence that says what is wrong with the file.
#include <ddx/data/idx.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include <ddx/error.hpp>

namespace ddx::data {
namespace {

constexpr std::size_t max_dimensions = 8;

// Deflate codes at most 258 bytes in two bits: no file decompresses to more than 1032 times its size.
constexpr std::uintmax_t max_ratio = 1032;

struct close_gz {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

// A stream of a file's bytes, decompressed where the file is gzipped.
class stream {
 public:
  explicit stream(std::filesystem::path const& path) : name_(path.string()) {
    std::error_code failure;
    auto const status = std::filesystem::status(path, failure);
    if (status.type() == std::filesystem::file_type::not_found) throw error(fmt::format("{}: no such file", name_));
    if (std::filesystem::is_directory(status)) throw error(fmt::format("{}: is a folder, not an IDX file", name_));
    if (std::filesystem::is_regular_file(status)) {
      auto const size = std::filesystem::file_size(path, failure);
      if (!failure) most_ = size > std::numeric_limits<std::uintmax_t>::max() / max_ratio ? most_ : size * max_ratio;
    }
    errno = 0;
    file_.reset(gzopen(path.c_str(), "rb"));
    if (!file_) throw error(fmt::format("{}: cannot be opened: {}", name_, std::strerror(errno ? errno : ENOMEM)));
    gzbuffer(file_.get(), 1u << 17);
  }

  // The most bytes the stream can hold, judged by the size of the file.
  std::uintmax_t most() const { return most_; }

  // Reads up to `count` bytes; fewer only at the end of the stream.
  std::size_t read(std::uint8_t* to, std::size_t count) {
    std::size_t done = 0;
    while (done < count) {
      auto const part = static_cast<unsigned>(std::min<std::size_t>(count - done, 1u << 20));
      int const got = gzread(file_.get(), to + done, part);
      int code = Z_OK;
      char const* why = gzerror(file_.get(), &code);
      if (code == Z_BUF_ERROR) throw error(fmt::format("{}: truncated: the gzip stream breaks off", name_));
      if (code == Z_ERRNO) throw error(fmt::format("{}: cannot be read: {}", name_, std::strerror(errno)));
      if (got < 0 || code != Z_OK) throw error(fmt::format("{}: damaged gzip stream: {}", name_, why));
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  std::string name_;
  std::uintmax_t most_ = std::numeric_limits<std::uintmax_t>::max();
  std::unique_ptr<gzFile_s, close_gz> file_;
};

char const* element_type(std::uint8_t code) {
  switch (code) {
    case 0x09: return "signed bytes";
    case 0x0B: return "16-bit integers";
    case 0x0C: return "32-bit integers";
    case 0x0D: return "floats";
    case 0x0E: return "doubles";
    default: return nullptr;
  }
}

}  // namespace

idx_array read_idx(std::filesystem::path const& path) {
  std::string const name = path.string();
  stream bytes(path);

  std::array<std::uint8_t, 4> magic{};
  if (auto const got = bytes.read(magic.data(), magic.size()); got == 0) {
    throw error(fmt::format("{}: is empty, not an IDX file", name));
  } else if (got < magic.size()) {
    throw error(fmt::format("{}: truncated: {} bytes, less than an IDX header", name, got));
  }
  if (magic[0] != 0 || magic[1] != 0 || (magic[2] != 0x08 && !element_type(magic[2])))
    throw error(
        fmt::format("{}: not an IDX file: it begins with {:02x} {:02x} {:02x} {:02x}, unsigned bytes with 00 00 08",
                    name, magic[0], magic[1], magic[2], magic[3]));
  if (magic[2] != 0x08)
    throw error(fmt::format("{}: holds {}; only unsigned bytes are read", name, element_type(magic[2])));
  if (magic[3] == 0 || magic[3] > max_dimensions)
    throw error(fmt::format("{}: the header says {} dimensions; 1 to {} are read", name, magic[3], max_dimensions));

  idx_array array;
  std::uintmax_t total = 1;
  bool absurd = false;
  std::string shape;
  for (std::size_t i = 0; i < magic[3]; ++i) {
    std::array<std::uint8_t, 4> extent{};
    if (bytes.read(extent.data(), extent.size()) < extent.size())
      throw error(fmt::format("{}: truncated: the header breaks off in dimension {} of {}", name, i + 1, magic[3]));
    std::uint32_t value = 0;
    for (std::uint8_t const byte : extent) value = value << 8 | byte;
    array.shape.push_back(value);
    shape += fmt::format("{}{}", i == 0 ? "" : " x ", value);
    absurd = absurd || (value != 0 && total > std::numeric_limits<std::size_t>::max() / value);
    total *= value;
  }
  bool const empty = std::find(array.shape.begin(), array.shape.end(), 0u) != array.shape.end();
  if (empty) total = 0;
  if (!empty && (absurd || total > bytes.most()))
    throw error(fmt::format("{}: truncated, or its header is wrong: it says {} bytes, more than the file can hold",
                            name, shape));

  // The vector doubles as bytes arrive and never passes what the header says.
  auto const want = static_cast<std::size_t>(total);
  auto& values = array.values;
  while (values.size() < want) {
    std::size_t const had = values.size();
    std::size_t const next = std::min(want, std::max<std::size_t>(1u << 20, 2 * had));
    values.reserve(next);
    values.resize(next);
    if (auto const got = had + bytes.read(values.data() + had, next - had); got < next)
      throw error(fmt::format("{}: truncated: the header says {} = {} bytes, {} are there", name, shape, want, got));
  }
  std::uint8_t extra = 0;
  if (bytes.read(&extra, 1) != 0)
    throw error(fmt::format("{}: bytes are left over after the {} that the header says", name, shape));
  return array;
}

}  // namespace ddx::data

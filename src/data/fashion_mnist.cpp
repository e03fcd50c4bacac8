// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A folder or a name of a class enters; the data set or the number leaves.
#include <ddx/data/fashion_mnist.hpp>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <ddx/error.hpp>

namespace ddx::data::fashion_mnist {
namespace {

// Other words for T-shirt/top, whose full name few type.
constexpr std::array<std::string_view, 2> other_names{"T-shirt", "top"};

std::string plain(std::string_view name) {
  std::string letters;
  for (char const c : name)
    if (c != ' ' && c != '-' && c != '_') letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return letters;
}

// Levenshtein's distance: the least number of letters to insert, drop or change.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      std::size_t const changed = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

std::filesystem::path file_in(std::filesystem::path const& folder, std::string const& name) {
  for (auto const& candidate : {folder / (name + ".gz"), folder / name})
    if (std::filesystem::exists(candidate)) return candidate;
  throw error(fmt::format("{}: has no {}.gz, nor without .gz; Debian's package dataset-fashion-mnist puts them in {}",
                          folder.string(), name, default_folder));
}

dataset load(std::filesystem::path const& folder, std::string const& part) {
  if (!std::filesystem::is_directory(folder))
    throw error(fmt::format("{}: no such folder; Debian's package dataset-fashion-mnist brings {}", folder.string(),
                            default_folder));
  auto const images = file_in(folder, part + "-images-idx3-ubyte");
  return load_images(images, file_in(folder, part + "-labels-idx1-ubyte"));
}

}  // namespace

std::uint8_t class_number(std::string_view name) {
  unsigned number = 0;
  auto const [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (failure == std::errc() && end == name.data() + name.size() && number < class_names.size())
    return static_cast<std::uint8_t>(number);

  std::string const wanted = plain(name);
  std::string list;
  std::size_t nearest = 0, least = std::string::npos;
  for (std::size_t i = 0; i < class_names.size(); ++i) {
    std::string const known = plain(class_names[i]);
    if (known == wanted) return static_cast<std::uint8_t>(i);
    if (auto const d = distance(known, wanted); d < least) least = d, nearest = i;
    list += fmt::format("{}{} {}", i == 0 ? "" : ", ", i, class_names[i]);
  }
  for (auto const other : other_names) {
    if (plain(other) == wanted) return 0;
    if (auto const d = distance(plain(other), wanted); d < least) least = d, nearest = 0;
  }
  // A name of which more than half had to change is no slip of the finger.
  bool const near = 2 * least <= wanted.size();
  throw error(fmt::format("unknown class '{}'{} ({})", name,
                          near ? fmt::format(": did you mean {}?", class_names[nearest]) : "", list));
}

dataset load_train(std::filesystem::path const& folder) { return load(folder, "train"); }
dataset load_test(std::filesystem::path const& folder) { return load(folder, "t10k"); }

}  // namespace ddx::data::fashion_mnist

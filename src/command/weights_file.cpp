// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Models enter and leave as JSON text.
#include "weights_file.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ddx/error.hpp>

#include "number_text.hpp"
#include "write_file.hpp"

namespace ddx::command {
namespace {

using nlohmann::json;

constexpr std::string_view format_name = "ddx weights";
constexpr int format_version = 1;

// A megapixel of weights takes about 15 MB as text.
constexpr std::uintmax_t largest_file = 64u << 20;

// The checked fields of one JSON object; every complaint names the file and the field.
class fields {
 public:
  fields(json const& object, std::string const& file) : object_(object), file_(file) {}

  [[noreturn]] void wrong(std::string_view name, std::string_view what) const {
    throw error(fmt::format("{}: \"{}\" {}", file_, name, what));
  }

  json const& at(char const* name) const {
    auto const found = object_.find(name);
    if (found == object_.end()) wrong(name, "is missing");
    return *found;
  }

  std::string text(char const* name) const {
    if (!at(name).is_string()) wrong(name, "must be a string");
    return at(name).get<std::string>();
  }

  double number(char const* name) const {
    if (!at(name).is_number()) wrong(name, "must be a number");
    return at(name).get<double>();
  }

  std::uint64_t whole(char const* name) const {
    if (!at(name).is_number_unsigned()) wrong(name, "must be a whole number from 0 up");
    return at(name).get<std::uint64_t>();
  }

  // The elements of an array as `read` makes them of each; `read` returns false for one of the wrong kind.
  template <class Element, class Read>
  std::vector<Element> list(char const* name, std::string_view of_what, Read read) const {
    json const& array = at(name);
    if (!array.is_array()) wrong(name, fmt::format("must be a list of {}", of_what));
    std::vector<Element> all;
    all.reserve(array.size());
    for (json const& element : array) {
      Element value{};
      if (!read(element, value))
        wrong(name, fmt::format("must be a list of {}, element {} is not", of_what, all.size()));
      all.push_back(std::move(value));
    }
    return all;
  }

 private:
  json const& object_;
  std::string const& file_;
};

bool read_float(json const& from, float& value) {
  if (!from.is_number()) return false;
  value = static_cast<float>(from.get<double>());
  return std::isfinite(value);
}

template <class Whole>
bool read_whole(json const& from, Whole& value, std::uint64_t most) {
  if (!from.is_number_unsigned() || from.get<std::uint64_t>() > most) return false;
  value = static_cast<Whole>(from.get<std::uint64_t>());
  return true;
}

std::string read_text(std::filesystem::path const& path) {
  std::error_code failure;
  auto const status = std::filesystem::status(path, failure);
  if (status.type() == std::filesystem::file_type::not_found)
    throw error(fmt::format("{}: no such file; ddx train writes one", path.string()));
  if (!std::filesystem::is_regular_file(status)) throw error(fmt::format("{}: is not a file", path.string()));
  if (auto const size = std::filesystem::file_size(path, failure); failure || size > largest_file)
    throw error(fmt::format("{}: is larger than {} MB, no weights of ddx", path.string(), largest_file >> 20));
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) throw error(fmt::format("{}: cannot be read", path.string()));
  return text;
}

json parse(std::string const& text, std::string const& file) {
  try {
    return json::parse(text);
  } catch (json::parse_error const& problem) {
    auto const at = std::min<std::size_t>(problem.byte == 0 ? 0 : problem.byte - 1, text.size());
    auto const before = std::string_view(text).substr(0, at);
    auto const line = 1 + std::count(before.begin(), before.end(), '\n');
    auto const column = at - (before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1) + 1;
    throw error(fmt::format("{}:{}:{}: is not JSON{}", file, line, column, at == text.size() ? ": it breaks off" : ""));
  } catch (json::exception const&) { throw error(fmt::format("{}: holds a number that is too large", file)); }
}

}  // namespace

void write_weights(std::filesystem::path const& path, saved_model const& model) {
  std::string text = fmt::format(
      "{{\"format\": {}, \"version\": {},\n"
      " \"model\": {},\n"
      " \"classes\": {}, \"class_names\": {}, \"image_shape\": {},\n"
      " \"loss\": {}, \"lr\": {}, \"batch\": {}, \"epochs\": {}, \"seed\": {},\n"
      " \"b\": {:.9g},\n \"w\": [",
      json(format_name).dump(), format_version, json(model.prediction).dump(), json(model.classes).dump(),
      json(model.class_names).dump(), json(model.image_shape).dump(), json(name(model.loss)).dump(), model.lr,
      model.batch, model.epochs, model.seed, model.trained.b);
  std::size_t const width = model.image_shape.empty() ? 1 : model.image_shape.back();
  for (std::size_t i = 0; i < model.trained.w.size(); ++i)
    text += fmt::format("{}{:.9g}", i == 0 ? "\n  " : i % width == 0 ? ",\n  " : ", ", model.trained.w[i]);
  text += "]}\n";
  write_file(path, text);
}

saved_model read_weights(std::filesystem::path const& path) {
  std::string const file = path.string();
  json const document = parse(read_text(path), file);
  if (!document.is_object() || document.value("format", json()) != format_name)
    throw error(fmt::format("{}: is JSON, but no weights of ddx (\"format\" must be \"{}\")", file, format_name));
  fields const of(document, file);
  if (of.whole("version") != format_version)
    of.wrong("version", fmt::format("must be {}, it is {}", format_version, of.whole("version")));

  saved_model model;
  model.prediction = of.text("model");
  model.classes = of.list<std::uint8_t>("classes", "two class numbers",
                                        [](json const& from, std::uint8_t& to) { return read_whole(from, to, 255); });
  if (model.classes.size() != 2) of.wrong("classes", "must be a list of two class numbers");
  model.class_names = of.list<std::string>("class_names", "two names", [](json const& from, std::string& to) {
    if (from.is_string()) to = from.get<std::string>();
    return from.is_string();
  });
  if (model.class_names.size() != 2) of.wrong("class_names", "must be a list of two names");
  model.image_shape = of.list<std::size_t>("image_shape", "extents", [](json const& from, std::size_t& to) {
    return read_whole(from, to, 65535) && to > 0;
  });
  if (model.image_shape.empty() || model.image_shape.size() > 3)
    of.wrong("image_shape", "must be a list of 1 to 3 extents");
  try {
    model.loss = loss_named(of.text("loss"));
  } catch (error const& problem) { of.wrong("loss", problem.what()); }
  model.lr = of.number("lr");
  model.batch = of.whole("batch");
  model.epochs = of.whole("epochs");
  model.seed = of.whole("seed");
  if (!read_float(of.at("b"), model.trained.b)) of.wrong("b", "must be a finite number");
  model.trained.w = of.list<float>("w", "finite numbers", read_float);
  std::size_t want = 1;
  for (std::size_t const extent : model.image_shape) want *= extent;
  if (model.trained.w.size() != want)
    of.wrong("w", fmt::format("has {} numbers, images of {} need {}", model.trained.w.size(),
                              extents(model.image_shape), want));
  return model;
}

}  // namespace ddx::command

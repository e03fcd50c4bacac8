// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Words enter; numbers, classes, positions and stopping rules leave.
#include "option.hpp"

#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <ddx/data/fashion_mnist.hpp>

namespace ddx::command {
namespace {

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

double share(std::string_view text) {
  auto const value = number<double>(text);
  if (!value || !(*value > 0 && *value <= 1))
    throw error(fmt::format("takes a share up to 1, such as 0.97, not '{}'", text));
  return *value;
}

stop_rules one_rule(std::string_view text) {
  auto const colon = text.find(':');
  std::string_view const name = text.substr(0, colon);
  std::string_view const value = colon == text.npos ? std::string_view() : text.substr(colon + 1);
  auto rounds = [&] { return static_cast<std::size_t>(whole_number(value, 1)); };
  try {
    if (name == "loss") return {stop::loss(positive_number(value))};
    if (name == "accuracy") return {stop::metric(share(value)), true};
    if (name == "time") return {stop::time(std::chrono::duration<double>(positive_number(value)))};
    if (name == "worse") return {stop::loss_worse(rounds())};
    if (name == "accuracy-worse") return {stop::metric_worse(rounds()), true};
  } catch (error const& e) { throw error(fmt::format("{}: {}", name, e.what())); }
  throw error(fmt::format(
      "takes loss:NUMBER, accuracy:NUMBER, time:SECONDS, worse:EPOCHS or accuracy-worse:EPOCHS, joined by , "
      "(either) or + (both), not '{}'",
      text));
}

template <class Join>
stop_rules joined(std::vector<std::string_view> const& parts, stop_rules (*parse)(std::string_view), Join join) {
  stop_rules all = parse(parts.front());
  for (std::size_t i = 1; i < parts.size(); ++i) {
    stop_rules next = parse(parts[i]);
    all = {join(std::move(all.rule), std::move(next.rule)), all.uses_accuracy || next.uses_accuracy};
  }
  return all;
}

stop_rules rules_together(std::string_view text) {
  return joined(parts_of(text, '+'), one_rule, [](stop_rule a, stop_rule b) { return std::move(a) && std::move(b); });
}

}  // namespace

CLI::Option* add_option(CLI::App& command, std::string const& name, std::string const& kind,
                        std::string const& default_value, std::string const& help,
                        std::function<void(std::string const&)> set) {
  auto const checked = [name, set = std::move(set)](std::string const& text) {
    try {
      set(text);
    } catch (error const& e) { throw usage_error(fmt::format("{}: {}", name, e.what())); }
  };
  return command.add_option_function<std::string>(name, checked, help)->type_name(kind)->default_str(default_value);
}

CLI::Option* add_words(CLI::App& command, std::string const& name, std::string const& help,
                       std::vector<std::string>& words) {
  // As they are: CLI11 would open [x, y] as a list.
  auto const keep = [&words](CLI::results_t const& given) {
    words = given;
    return true;
  };
  return command.add_option(name, keep, help)->type_name("")->expected(1, -1)->allow_extra_args(false)->required();
}

CLI::Option* words_of(CLI::App& command) {
  auto const words = command.get_options([](CLI::Option const* option) { return option->get_positional(); });
  return words.empty() ? nullptr : words.front();
}

std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    auto const end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

double positive_number(std::string_view text) {
  auto const value = number<double>(text);
  if (!value || !std::isfinite(*value) || *value <= 0)
    throw error(fmt::format("takes a number above 0, not '{}'", text));
  return *value;
}

std::uint64_t whole_number(std::string_view text, std::uint64_t least) {
  auto const value = number<std::uint64_t>(text);
  if (!value || *value < least) throw error(fmt::format("takes a whole number from {} up, not '{}'", least, text));
  return *value;
}

std::uint64_t whole_number(std::string_view text, std::uint64_t least, std::uint64_t most) {
  auto const value = number<std::uint64_t>(text);
  if (!value || *value < least || *value > most)
    throw error(fmt::format("takes a whole number from {} to {}, not '{}'", least, most, text));
  return *value;
}

std::vector<std::uint8_t> two_classes(std::string_view text) {
  auto const names = parts_of(text, ',');
  if (names.size() != 2) throw error(fmt::format("takes two classes, such as pullover,dress, not '{}'", text));
  std::vector<std::uint8_t> classes;
  classes.reserve(names.size());
  for (auto const name : names) classes.push_back(data::fashion_mnist::class_number(name));
  if (classes[0] == classes[1])
    throw error(fmt::format("takes two different classes, not {} twice", data::fashion_mnist::class_names[classes[0]]));
  return classes;
}

std::vector<std::size_t> positions(std::string_view text) {
  constexpr std::size_t most = 1'000'000;
  std::vector<std::size_t> all;
  for (auto const part : parts_of(text, ',')) {
    auto const dash = part.find('-');
    auto const first = number<std::size_t>(part.substr(0, dash));
    auto const last = dash == part.npos ? first : number<std::size_t>(part.substr(dash + 1));
    if (!first || !last || *last < *first)
      throw error(fmt::format("takes positions from 0 and ranges of them, such as 3,17,40-44, not '{}'", text));
    if (*last - *first >= most - all.size()) throw error(fmt::format("takes at most {} positions", most));
    for (std::size_t i = *first; i <= *last; ++i) all.push_back(i);
  }
  return all;
}

stop_rules parse_stop_rules(std::string_view text) {
  return joined(parts_of(text, ','), rules_together,
                [](stop_rule a, stop_rule b) { return std::move(a) || std::move(b); });
}

}  // namespace ddx::command

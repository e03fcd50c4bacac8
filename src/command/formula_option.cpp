// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Words enter; names, values, formats and ranges leave.
#include "formula_option.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "option.hpp"

namespace ddx::command {
namespace {

std::string_view trimmed(std::string_view text) {
  auto const begin = text.find_first_not_of(" \t");
  return begin == text.npos ? std::string_view() : text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

bool is_name(std::string_view text) {
  return !text.empty() && detail::begins_name(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return detail::continues_name(c); });
}

// The parts between commas that are not inside parentheses: atan2(1, 2) is one.
std::vector<std::string_view> outer_parts(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (text[i] != ',' || depth > 0) continue;
    parts.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

symbolic formula_of(std::string_view name, std::string_view text) {
  try {
    return parse(text);
  } catch (parse_error const& problem) {
    throw error(fmt::format("{}{}'{}' is no formula: {} at column {}", name, name.empty() ? "" : ": ", text,
                            problem.sentence, problem.column));
  }
}

double value_of(std::string_view name, std::string_view text, symbolic const& formula) {
  if (auto const free = formula.variables(); !free.empty())
    throw error(fmt::format("{}{}takes a number or a formula without variables, '{}' has {}", name,
                            name.empty() ? "" : ": ", text, free.front()));
  return eval(formula, {});
}

enum class side { number, formula };

std::vector<binding> bindings(std::string_view text, side right, std::string_view example) {
  std::vector<binding> all;
  for (auto const part : outer_parts(text)) {
    auto const sign = part.find('=');
    auto const name = trimmed(part.substr(0, sign));
    if (sign == part.npos || !is_name(name)) throw error(fmt::format("takes {}, not '{}'", example, text));
    auto const meant = trimmed(part.substr(sign + 1));
    if (std::any_of(all.begin(), all.end(), [&](binding const& b) { return b.name == name; }))
      throw error(fmt::format("gives {} twice", name));
    symbolic const formula = formula_of(name, meant);
    all.push_back({std::string(name), formula, right == side::number ? value_of(name, meant, formula) : 0});
  }
  return all;
}

}  // namespace

std::vector<std::string> variable_names(std::string_view text) {
  std::vector<std::string> names;
  for (auto const part : parts_of(text, ',')) {
    auto const name = trimmed(part);
    if (!is_name(name)) throw error(fmt::format("takes names of variables, such as x,y, not '{}'", text));
    names.emplace_back(name);
  }
  return names;
}

std::vector<binding> values(std::string_view text) {
  return bindings(text, side::number, "values such as x=0.5,y=pi/2");
}

std::vector<binding> substitutes(std::string_view text) {
  return bindings(text, side::formula, "formulas for variables, such as x=u+v");
}

std::vector<binding> expansion_point(std::string_view text) {
  if (text.find('=') != text.npos) return values(text);
  symbolic const formula = formula_of("", text);
  return {{"", formula, value_of("", text, formula)}};
}

format format_named(std::string_view text) {
  if (text == "text") return format::text;
  if (text == "unicode") return format::unicode;
  if (text == "latex") return format::latex;
  if (text == "cpp") return format::cpp;
  if (text == "dot") return format::dot;
  throw error(fmt::format("takes text, unicode, latex, cpp or dot, not '{}'", text));
}

range range_between(std::string_view text) {
  auto const colon = text.find(':');
  if (colon != text.npos) {
    auto const low = trimmed(text.substr(0, colon)), high = trimmed(text.substr(colon + 1));
    range const r{value_of("", low, formula_of("", low)), value_of("", high, formula_of("", high))};
    if (std::isfinite(r.low) && std::isfinite(r.high) && r.low < r.high) return r;
  }
  throw error(fmt::format("takes two numbers, the smaller one first, such as -1:pi, not '{}'", text));
}

}  // namespace ddx::command

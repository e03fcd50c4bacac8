// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas and numbers enter; text and JSON leave.
#include "answer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace ddx::command {
namespace {

// A formula as it is given: printed, or evaluated where values are.
struct entry {
  std::string text;
  nlohmann::ordered_json field;
};

entry entry_of(symbolic const& f, answer_form const& form) {
  if (form.at.empty() && !form.evaluate) {
    std::string text = to_string(f, form.style);
    return form.json ? entry{"", std::move(text)} : entry{std::move(text), {}};
  }
  std::vector<assignment> values;
  for (std::string const& name : f.variables())
    if (std::none_of(form.at.begin(), form.at.end(), [&](binding const& b) { return b.name == name; }))
      throw error(fmt::format("{} has no value: write --at {}=NUMBER", name, name));
  for (binding const& b : form.at) values.push_back({b.name, b.value});
  double const value = eval(f, values);
  return {number_text(value), number_field(value)};
}

// A drawing has its line ends already.
std::string line(std::string text) { return text.ends_with('\n') ? text : std::move(text) + "\n"; }

char const* field_name(answer_form const& form, bool several) {
  if (form.at.empty() && !form.evaluate) return several ? "results" : "result";
  return several ? "values" : "value";
}

std::vector<std::vector<std::string>> padded(std::vector<std::vector<std::string>> rows) {
  std::vector<std::size_t> widths;
  for (auto const& row : rows)
    for (std::size_t k = 0; k < row.size(); ++k) {
      if (k == widths.size()) widths.push_back(0);
      widths[k] = std::max(widths[k], width(row[k]));
    }
  for (auto& row : rows)
    for (std::size_t k = 0; k + 1 < row.size(); ++k) row[k].append(widths[k] - width(row[k]), ' ');
  return rows;
}

std::string matrix_text(std::vector<std::vector<std::string>> const& rows, format style) {
  auto joined = [](std::vector<std::string> const& parts, std::string_view between) {
    return fmt::format("{}", fmt::join(parts, between));
  };
  std::vector<std::string> lines;
  switch (style) {
    case format::latex:
      for (auto const& row : rows) lines.push_back(joined(row, " & "));
      return "\\begin{pmatrix} " + joined(lines, " \\\\ ") + " \\end{pmatrix}\n";
    case format::cpp:
      for (auto const& row : rows) lines.push_back("{" + joined(row, ", ") + "}");
      return "{" + joined(lines, ", ") + "}\n";
    case format::dot:
      for (auto const& row : rows) lines.push_back(joined(row, ""));
      return joined(lines, "");
    default:
      for (auto const& row : padded(rows)) lines.push_back(joined(row, "  ") + "\n");
      return joined(lines, "");
  }
}

}  // namespace

answer answer_one(symbolic const& f, answer_form const& form) {
  entry e = entry_of(f, form);
  answer result;
  if (form.json) result.fields[field_name(form, false)] = std::move(e.field);
  else result.text = line(std::move(e.text));
  return result;
}

answer answer_list(std::vector<symbolic> const& formulas, answer_form const& form) {
  answer result;
  auto list = nlohmann::ordered_json::array();
  for (symbolic const& f : formulas) {
    entry e = entry_of(f, form);
    if (form.json) list.push_back(std::move(e.field));
    else result.text += line(std::move(e.text));
  }
  if (form.json) result.fields[field_name(form, true)] = std::move(list);
  return result;
}

answer answer_matrix(std::vector<std::vector<symbolic>> const& rows, answer_form const& form) {
  answer result;
  auto lists = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> texts;
  for (auto const& row : rows) {
    auto list = nlohmann::ordered_json::array();
    texts.emplace_back();
    for (symbolic const& f : row) {
      entry e = entry_of(f, form);
      if (form.json) list.push_back(std::move(e.field));
      else texts.back().push_back(std::move(e.text));
    }
    lists.push_back(std::move(list));
  }
  if (form.json) result.fields[field_name(form, true)] = std::move(lists);
  else result.text = matrix_text(texts, form.style);
  return result;
}

std::string number_text(double value) {
  return std::isnan(value) ? "nan" : fmt::format("{}", value);  // a NaN may have a sign
}

nlohmann::ordered_json number_field(double value) {
  if (!std::isfinite(value)) return number_text(value);
  // 2, not 2.0.
  if (value == std::trunc(value) && std::abs(value) < 1e15 && !(value == 0 && std::signbit(value)))
    return static_cast<std::int64_t>(value);
  return value;
}

std::string place_text(std::span<std::pair<std::string, double> const> where) {
  std::string text;
  for (auto const& [name, value] : where)
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", name, number_text(value));
  return text;
}

std::size_t width(std::string const& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace ddx::command

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas or numbers that a verb has found enter; lines of text or the fields of a JSON object leave.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "formula_option.hpp"

namespace ddx::command {

/// What a verb answers about a formula.
struct answer {
  std::string text = {};               ///< whole lines
  nlohmann::ordered_json fields = {};  ///< the same for --json
  bool good = true;                    ///< whether the exit status may be 0
};

/// How the answers of a verb are given.
struct answer_form {
  format style = format::text;
  bool json = false;
  std::vector<binding> at = {};  ///< where formulas are evaluated; empty: they are printed
  bool evaluate = false;         ///< although `at` is empty
};

/// One formula or its value, a line.
answer answer_one(symbolic const& f, answer_form const& form);

/// A formula a line.
answer answer_list(std::vector<symbolic> const& formulas, answer_form const& form);

/// A row a line, in columns at least two spaces apart; in LaTeX a pmatrix, in C++ nested braces.
answer answer_matrix(std::vector<std::vector<symbolic>> const& rows, answer_form const& form);

/// As short as it can be to be read back.
std::string number_text(double value);

/// A JSON number; what JSON has no number for is a string: "nan", "inf", "-inf".
nlohmann::ordered_json number_field(double value);

/// The place in the words of people: `x = 0.5, y = 1`.
std::string place_text(std::span<std::pair<std::string, double> const> where);

/// The characters that a UTF-8 text takes in a terminal.
std::size_t width(std::string const& text);

}  // namespace ddx::command

// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A verb and its options enter; formulas are answered as they come, on standard output, and complained about on standard error.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "answer.hpp"
#include "check.hpp"

namespace ddx::command {

/// What the options after a verb say.
struct formula_options {
  std::vector<std::string> words = {};  ///< formulas, @FILE and -
  std::vector<std::string> wrt = {};
  std::vector<binding> with = {};   ///< of substitute
  std::vector<binding> about = {};  ///< of taylor
  int order = 1;
  bool assume_real = false;
  bool style_given = false;
  answer_form form = {};
  check_options check = {};
  std::optional<range> over = std::nullopt;
  std::filesystem::path out = {};
};

using answer_formula = answer (*)(symbolic const& f, formula_options const& options);

/// A formula that could not be read has no value here: its row is empty.
using answer_all = answer (*)(std::vector<std::optional<symbolic>> const& formulas, formula_options const& options);

/// Answers each formula. One that is wrong is complained about, with its line and column, and has an empty line instead of an
/// answer where there are several. Returns the exit status: 1 if any was wrong.
int answer_formulas(formula_options const& options, answer_formula find);

/// Answers all formulas together, when the last is read.
int answer_formulas(formula_options const& options, answer_all find);

}  // namespace ddx::command

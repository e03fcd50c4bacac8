// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The words after an option enter; values leave, or an error that says what the option takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <ddx/error.hpp>
#include <ddx/step/stop.hpp>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace ddx::command {

/// Arguments that make no sense: the program says so in one line and exits with 2.
struct usage_error : error {
  using error::error;
};

/// Adds `--name KIND` to a subcommand. `set` takes the text; a `ddx::error` that it throws becomes the line
/// `ddx train: --name: …`. `kind` and `help` say what the option takes, also where its value is missing.
CLI::Option* add_option(CLI::App& command, std::string const& name, std::string const& kind,
                        std::string const& default_value, std::string const& help,
                        std::function<void(std::string const&)> set);

/// Adds words that are no options to a subcommand, at least one. Those that begin with a minus sign may be among them, -x^2 say:
/// options begin with two.
CLI::Option* add_words(CLI::App& command, std::string const& name, std::string const& help,
                       std::vector<std::string>& words);

/// The words that a subcommand takes; null where it takes none.
CLI::Option* words_of(CLI::App& command);

/// The parts of a text between separators; one more than there are separators.
std::vector<std::string_view> parts_of(std::string_view text, char separator);

/// A finite number above 0.
double positive_number(std::string_view text);

/// A whole number from `least` up, or from `least` to `most`.
std::uint64_t whole_number(std::string_view text, std::uint64_t least);
std::uint64_t whole_number(std::string_view text, std::uint64_t least, std::uint64_t most);

/// `pullover,dress`: two different classes of Fashion-MNIST by name or number.
std::vector<std::uint8_t> two_classes(std::string_view text);

/// `3,17,40-44`: positions in increasing order within each part, at most a million of them.
std::vector<std::size_t> positions(std::string_view text);

/// Stopping rules read from text, and whether one of them asks for the accuracy.
struct stop_rules {
  stop_rule rule;
  bool uses_accuracy = false;
};

/// `loss:0.08,worse:3+accuracy:0.9`: rules joined by `,` (either) and, more tightly, by `+` (both):
/// loss:NUMBER, accuracy:NUMBER, time:SECONDS, worse:EPOCHS, accuracy-worse:EPOCHS.
stop_rules parse_stop_rules(std::string_view text);

}  // namespace ddx::command

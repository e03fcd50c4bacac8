// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Arguments enter; a subcommand runs; an exit status leaves, and errors as one line each on standard error.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "command.hpp"
#include "option.hpp"

namespace ddx::command {
namespace {

constexpr char const* notes =
    "Formulas:\n"
    "  or, and, not, < <= > >= == !=, + -, * /, - (sign), ^ or **: from loose to tight;\n"
    "  -x^2 is -(x^2), x^y^z is x^(y^z), 0 < x < 1 is 0 < x and x < 1, 1/3 stays exact.\n"
    "  Functions such as sin(x), atan2(y, x), where(condition, a, b); pi, e, inf, nan.\n"
    "  X[n,d] is an array; sum[d](X[n,d]*w[d]), mean[n](...), max[n](...) remove an axis.\n"
    "\n"
    "Input:\n"
    "  A word is a formula, @FILE for those of a file or - for those of standard input,\n"
    "  one a line; all words after -- are formulas. Lines are answered as they come. One\n"
    "  that is wrong has an empty answer, and standard error says where and why. One that\n"
    "  is blank or begins with # has an empty answer.\n"
    "\n"
    "Exit status:\n"
    "  0  all formulas were answered\n"
    "  1  some were not, or a check failed\n"
    "  2  the command line makes no sense\n"
    "\n"
    "Examples:\n"
    "  ddx diff 'x^2 + sin(x*y)' --wrt x\n"
    "  ddx grad 'x^2*y' --at x=1,y=pi/2\n"
    "  ddx print 'x^2/sqrt(y)' --format latex\n"
    "  ddx plot 'exp(-x^2)' --range -3:3\n";

// The words before the message: `ddx`, or `ddx train` once the subcommand is known.
std::string place(CLI::App const& program) {
  auto const chosen = program.get_subcommands();
  return chosen.empty() ? program.get_name() : program.get_name() + " " + chosen.front()->get_name();
}

std::string names(std::vector<CLI::App*> const& commands) {
  std::string list;
  for (auto const* command : commands) list += (list.empty() ? "" : ", ") + command->get_name();
  return list;
}

std::string names(CLI::App& command) {
  std::string list;
  for (auto const* option : command.get_options())
    if (option->nonpositional()) list += (list.empty() ? "" : ", ") + option->get_name();
  return list;
}

// The arguments with those that are no options behind a --, last one first as CLI11 wants them. By itself CLI11 takes -x^2 for the
// flags x, ^ and 2, and a variable called eval for a command.
std::vector<std::string> sorted_arguments(CLI::App& program, int argc, char const* const* argv) {
  std::vector<std::string> const given(argv + 1, argv + argc);
  auto const named =
      program.get_subcommands([&](CLI::App* one) { return !given.empty() && one->get_name() == given.front(); });
  auto* const taken = named.empty() ? nullptr : words_of(*named.front());
  std::vector<std::string> options, words;
  if (!taken) options = given;
  for (std::size_t i = 0; taken && i < given.size(); ++i) {
    std::string const& word = given[i];
    if (word == "--") {
      words.insert(words.end(), given.begin() + static_cast<std::ptrdiff_t>(i) + 1, given.end());
      break;
    }
    if (i > 0 && word != "-h" && !word.starts_with("--")) {
      words.push_back(word);
      continue;
    }
    options.push_back(word);
    auto const* const option = named.front()->get_option_no_throw(word);
    if (!option || option->get_items_expected_max() == 0) continue;
    if (i + 1 == given.size()) words.clear();  // its value is missing: the words are none
    else options.push_back(given[++i]);
  }
  if (!words.empty()) {
    taken->expected(static_cast<int>(words.size()));
    options.push_back("--");
    options.insert(options.end(), words.begin(), words.end());
  }
  std::reverse(options.begin(), options.end());
  return options;
}

// Descriptions in lines of a terminal's width.
class wrapped_help : public CLI::Formatter {
 public:
  std::string make_option_desc(CLI::Option const* option) const override { return wrapped(option->get_description()); }
  std::string make_subcommand(CLI::App const* command) const override {
    std::stringstream out;
    CLI::detail::format_help(out, command->get_name(), wrapped(command->get_description()), get_column_width());
    return out.str();
  }

 private:
  std::string wrapped(std::string const& text) const {
    std::size_t const width = 79 - get_column_width();
    std::string lines;
    std::size_t used = 0;
    for (auto const word : parts_of(text, ' ')) {
      if (used != 0) lines += used + 1 + word.size() > width ? '\n' : ' ';
      used = used != 0 && lines.back() == ' ' ? used + 1 + word.size() : word.size();
      lines += word;
    }
    return lines;
  }
};

// What CLI11 found wrong, in words that name the option and what it takes.
std::string explain(CLI::App& program, CLI::ParseError const& problem, int argc, char const* const* argv) {
  auto const chosen = program.get_subcommands();
  auto const commands = program.get_subcommands([](CLI::App* command) { return !command->get_group().empty(); });
  if (chosen.empty())
    return argc > 1 ? fmt::format("there is no command '{}', there are {}", argv[1], names(commands))
                    : fmt::format("a command is missing, there are {}; ddx --help says more", names(commands));
  if (dynamic_cast<CLI::ExtrasError const*>(&problem)) {
    auto const left = program.remaining(true);
    return fmt::format("'{}' is not expected; it takes {}", left.empty() ? "" : left.front(), names(*chosen.front()));
  }
  if (auto* const words = words_of(*chosen.front()); words && dynamic_cast<CLI::RequiredError const*>(&problem))
    return fmt::format("a {} is missing; it takes {}", words->get_name(), words->get_description());
  if (dynamic_cast<CLI::ArgumentMismatch const*>(&problem)) {
    std::string const what = problem.what();
    if (auto const* option = chosen.front()->get_option_no_throw(what.substr(0, what.find(':'))))
      return fmt::format("{} takes one {}: {}", option->get_name(), option->get_type_name(), option->get_description());
  }
  return problem.what();
}

int say(std::string const& where, std::string const& what, int status) {
  std::fflush(stdout);
  fmt::print(stderr, "{}: {}\n", where, what);
  return status;
}

}  // namespace

int run(int argc, char const* const* argv, std::initializer_list<void (*)(CLI::App&)> subcommands) {
  CLI::App program("ddx: symbolic derivatives of formulas, and training in fused loops", "ddx");
  program.set_version_flag("--version", "ddx " DDX_VERSION, "Print the version and exit");
  program.formatter(std::make_shared<wrapped_help>());  // subcommands take it over
  for (auto const add : subcommands) add(program);
  program.footer(notes);  // after the subcommands, which would take it over, too
  program.require_subcommand(1);
  try {
    program.parse(sorted_arguments(program, argc, argv));
    return 0;
  } catch (CLI::RuntimeError const& status) { return status.get_exit_code(); } catch (CLI::Success const& help) {
    return program.exit(help);
  } catch (CLI::ParseError const& problem) {
    return say(place(program), explain(program, problem, argc, argv), 2);
  } catch (usage_error const& problem) { return say(place(program), problem.what(), 2); } catch (error const& problem) {
    return say(program.get_name(), problem.what(), 1);
  } catch (std::exception const& problem) { return say(program.get_name(), problem.what(), 1); }
}

}  // namespace ddx::command

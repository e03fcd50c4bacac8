// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Arguments enter; a subcommand runs; an exit status leaves, and errors as one line each on standard error.
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "command.hpp"
#include "option.hpp"

namespace ddx::command {
namespace {

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
  for (auto const* option : command.get_options()) list += (list.empty() ? "" : ", ") + option->get_name();
  return list;
}

// What CLI11 found wrong, in words that name the option and what it takes.
std::string explain(CLI::App& program, CLI::ParseError const& problem, int argc, char const* const* argv) {
  auto const chosen = program.get_subcommands();
  auto const commands = program.get_subcommands([](CLI::App*) { return true; });
  if (chosen.empty())
    return argc > 1 ? fmt::format("there is no command '{}', there are {}", argv[1], names(commands))
                    : fmt::format("a command is missing, there are {}; ddx --help says more", names(commands));
  if (dynamic_cast<CLI::ExtrasError const*>(&problem)) {
    auto const left = program.remaining(true);
    return fmt::format("'{}' is not expected; it takes {}", left.empty() ? "" : left.front(), names(*chosen.front()));
  }
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
  CLI::App program("ddx: symbolic derivatives and fused training loops", "ddx");
  for (auto const add : subcommands) add(program);
  program.require_subcommand(1);
  try {
    program.parse(argc, argv);
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

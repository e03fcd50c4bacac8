// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The program's parser enters; each function adds one subcommand to it, in a file of its own.
#pragma once

#include <initializer_list>

namespace CLI {
class App;
}

namespace ddx::command {

void add_formulas(CLI::App& program);
void add_train(CLI::App& program);
void add_predict(CLI::App& program);

/// `ddx completion SHELL` and `ddx manual`, for packagers: they are not listed.
void add_documents(CLI::App& program);

/// Adds the subcommands to a parser, parses the arguments and runs the one they name. Returns the exit status: 0, 1
/// after a `ddx::error`, 2 for arguments that make no sense, or what the subcommand threw as CLI::RuntimeError. Errors
/// are one line on standard error.
int run(int argc, char const* const* argv, std::initializer_list<void (*)(CLI::App&)> subcommands);

}  // namespace ddx::command
